"""`{% load submissions %}`: filter for the banner of a draft's pages."""

from django import template

from intake.submissions.lifecycle.candidate_status import resumed_without_complement
from intake.submissions.models import Submission

register = template.Library()


@register.filter
def resumed_without_complement_filter(submission: Submission) -> bool:
    """True if the study resumed without the complement that the draft was to answer."""
    return resumed_without_complement(submission)
