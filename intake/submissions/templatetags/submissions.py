"""`{% load submissions %}`: filters for the banner of a draft's pages."""

from datetime import datetime

from django import template

from intake.submissions.lifecycle.candidate_status import may_file, resumed_without_complement
from intake.submissions.models import Submission

register = template.Library()


@register.filter
def resumed_without_complement_filter(submission: Submission) -> bool:
    """True if the study resumed without the complement that the draft was to answer."""
    return resumed_without_complement(submission)


@register.filter("may_file")
def may_file_filter(submission: Submission, at: datetime) -> bool:
    """True if the candidate may file a draft of `submission` at `at`."""
    return may_file(submission, at=at)
