"""`{% load submissions %}`: what the band of a draft's pages asks of its candidature."""

from django import template

from intake.submissions.lifecycle.candidate_status import resumed_without_complement
from intake.submissions.models import Submission

register = template.Library()


@register.filter
def resumed_without_complement_filter(submission: Submission) -> bool:
    """Say whether the study went on without the complement that its draft was to answer (`standing`)."""
    return resumed_without_complement(submission)
