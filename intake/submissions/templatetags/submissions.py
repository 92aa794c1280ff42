"""`{% load submissions %}`: for the pages of a draft, and for answers that wait in the browser."""

import base64
from datetime import datetime
from typing import Final, NamedTuple

from django import template
from django.utils.crypto import salted_hmac

from intake.accounts.models import User
from intake.submissions.drafts.outline import DraftOutline, outline_of
from intake.submissions.drafts.queries import DraftDetails
from intake.submissions.lifecycle.candidate_status import may_file, resumed_without_complement
from intake.submissions.models import Submission

register = template.Library()
_SALT: Final = "submissions.unsent"


class UnsentKey(NamedTuple):
    """Key of 256 bits (base64) that encrypts a user's unsent answers in the browser, and the name of their account."""

    key: str
    account: str


@register.filter
def resumed_without_complement_filter(submission: Submission) -> bool:
    """True if the study resumed without the complement that the draft was to answer."""
    return resumed_without_complement(submission)


@register.simple_tag
def unsent_key(user: User) -> UnsentKey:
    """Return the key of `user`. It is on no device: only pages of a signed-in user have it."""
    key, account = (
        salted_hmac(f"{_SALT}.{what}", str(user.public_id), algorithm="sha256").digest()
        for what in ("key", "account")
    )
    return UnsentKey(base64.b64encode(key).decode(), account.hex()[:16])


@register.filter("may_file")
def may_file_filter(submission: Submission, at: datetime) -> bool:
    """True if the candidate may file a draft of `submission` at `at`."""
    return may_file(submission, at=at)


@register.filter
def outline_at(application: DraftDetails, at: datetime) -> DraftOutline:
    """Return what the draft lacks, for the column beside its pages."""
    return outline_of(application, at=at)
