"""`{% load submissions %}`: for the pages of a draft, and for answers that wait in the browser."""

import base64
from datetime import datetime
from typing import Final

from django import template

from intake.accounts.models import User
from intake.base.keyed_digests import keyed_digests
from intake.submissions.drafts.outline import DraftOutline, outline_of
from intake.submissions.drafts.queries import DraftDetails
from intake.submissions.lifecycle.candidate_status import may_file, resumed_without_complement
from intake.submissions.models import Submission

register = template.Library()
_SALT: Final = "submissions.unsent"


@register.filter
def resumed_without_complement_filter(submission: Submission) -> bool:
    """True if the study resumed without the complement that the draft was to answer."""
    return resumed_without_complement(submission)


@register.simple_tag
def unsent_keys(user: User) -> str:
    """Return the keys that encrypt the unsent answers of `user` in the browser, the current one first.

    Each follows the name of the account under that key: `account:key`, of 256 bits in base64. They are on no device:
    only pages of a signed-in user have them.
    """
    accounts, keys = (keyed_digests(f"{_SALT}.{what}", str(user.public_id)) for what in ("account", "key"))
    pairs = zip(accounts, keys, strict=True)
    return " ".join(f"{account.hex()[:16]}:{base64.b64encode(key).decode()}" for account, key in pairs)


@register.filter("may_file")
def may_file_filter(submission: Submission, at: datetime) -> bool:
    """True if the candidate may file a draft of `submission` at `at`."""
    return may_file(submission, at=at)


@register.filter
def outline_at(application: DraftDetails, at: datetime) -> DraftOutline:
    """Return what the draft lacks, for the column beside its pages."""
    return outline_of(application, at=at)
