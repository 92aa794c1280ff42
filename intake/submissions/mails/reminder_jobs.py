"""Outbox jobs that remind candidates of what they have not filed.

A complement request: once, two days before its due date. A draft: 7 days, 2 days and 6 hours before its closing.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Greatest

from intake.outbox.models import Delivery
from intake.outbox.services import SLICE, post_in_slices
from intake.submissions.access.queries import latest_extension, with_window
from intake.submissions.delivery_kinds import COMPLEMENT_REMINDER_MAIL, DRAFT_REMINDER_MAIL
from intake.submissions.models import ComplementRequest, Draft, Submission
from intake.submissions.states import State
from offers.models import Offer, OfferExtension

from .complement_mails import MIN_AGE_TO_REMIND, REMINDER_LEAD_TIME
from .draft_reminders import LEAD_TIMES, Reminder, due_lead_time


def run_complement_reminders(_delivery: Delivery, at: datetime) -> None:
    """Do the periodic job: post each reminder that is due at `at`."""
    remind_of_complements(at=at)


def remind_of_complements(*, at: datetime) -> int:
    """Post the reminders due at `at` (aware) and return the number of new ones. Idempotent per request."""
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


def run_draft_reminders(_delivery: Delivery, at: datetime) -> None:
    """Do the periodic job: post each reminder that is due at `at`."""
    remind_of_drafts(at=at)


def remind_of_drafts(*, at: datetime) -> int:
    """Post the reminders due at `at` (aware) and return the number of new ones.

    One reminder per draft and per lead time (`LEAD_TIMES`) before the candidate's own closing; an extended closing
    gives new reminders. If several lead times passed between two runs, post only the most urgent. No reminder if the
    candidate has filed or withdrawn, also for an amendment, or if the draft was started or the closing moved after
    the reminder's instant: the candidate has just read the closing.
    """
    subjects = ((reminder.key, submission) for reminder, submission in _due(at))
    return post_in_slices(kind=DRAFT_REMINDER_MAIL, subjects=subjects, at=at)


def _due(at: datetime) -> Iterator[tuple[Reminder, Submission]]:
    """Yield the reminders due at `at` of first drafts that can be filed then and close within the longest lead time."""
    moved = OfferExtension.objects.filter(offer=OuterRef("offer"))
    drafts = Submission.objects.filter(
        Exists(Draft.objects.filter(submission=OuterRef("pk"), closed_at=None)),
        state=State.DRAFT,
        candidate__is_active=True,
        offer__status=Offer.Status.PUBLISHED,
        offer__opens_at__lte=at,
    )
    drafting = (
        with_window(drafts)
        .filter(Q(offer__closes_at__gt=at) | Q(extended_until__gt=at))
        # PostgreSQL's GREATEST ignores nulls.
        .annotate(
            closes_for_them=Greatest("offer__closes_at", "extended_until"),
            given_at=latest_extension("at"),
            moved_at=Subquery(moved.order_by("-at").values("at")[:1]),
        )
        .annotate(known_since=Greatest(F("created_at"), F("given_at"), F("moved_at")))
        .filter(closes_for_them__lte=at + LEAD_TIMES[-1])
        .order_by("pk")
    )
    for submission in drafting.iterator(chunk_size=SLICE):
        closes_at = submission.closes_for_them
        stage = due_lead_time(closes_at=closes_at, at=at)
        if stage is not None and submission.known_since <= closes_at - stage:
            yield Reminder(submission.pk, stage, closes_at), submission
