"""`{% load submissions %}`: what the band of a draft's pages asks of its candidature."""

from django import template

from intake.submissions.lifecycle.candidate_status import went_on_without
from intake.submissions.models import Submission

register = template.Library()


@register.filter
def is_overtaken(submission: Submission) -> bool:
    """Say whether the study went on without the complement that its draft was to answer (`standing`)."""
    return went_on_without(submission)
