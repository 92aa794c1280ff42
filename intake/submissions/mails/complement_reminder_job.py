"""Outbox job that reminds candidates of a complement request: once, two days before its due date."""

from datetime import datetime

from intake.outbox.models import Delivery
from intake.outbox.services import SLICE, post_in_slices
from intake.submissions.delivery_kinds import COMPLEMENT_REMINDER_MAIL
from intake.submissions.models import ComplementRequest
from intake.submissions.states import State
from offers.models import Offer

from .complement_mails import MIN_AGE_TO_REMIND, REMINDER_LEAD_TIME


def run_complement_reminders(_delivery: Delivery, at: datetime) -> None:
    """Do the periodic job: post each reminder that is due at `at`."""
    remind_of_complements(at=at)


def remind_of_complements(*, at: datetime) -> int:
    """Post the reminders due at `at` (aware) and return the number of new ones. Idempotent per request.

    No reminder if the candidate answered or withdrew, if a decision was made, or if the request was made less than
    `MIN_AGE_TO_REMIND` before its due date.
    """
    due = ComplementRequest.objects.filter(
        ended_at=None,
        due_at__gt=at,
        due_at__lte=at + REMINDER_LEAD_TIME,
        submission__state=State.COMPLEMENT_REQUESTED,
        submission__candidate__is_active=True,
        submission__offer__status=Offer.Status.PUBLISHED,
    ).select_related("filing__receipt")
    subjects = (
        (str(asked.pk), asked.filing.receipt)
        for asked in due.order_by("pk").iterator(chunk_size=SLICE)
        if asked.asked_at <= asked.due_at - MIN_AGE_TO_REMIND
    )
    return post_in_slices(kind=COMPLEMENT_REMINDER_MAIL, subjects=subjects, at=at)
