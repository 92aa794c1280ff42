"""Reminders of what a candidate has not filed: the mail about a draft, and the jobs that post reminders.

A complement request: once, two days before its due date. A draft: 7 days, 2 days and 6 hours before its closing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Greatest
from django.urls import reverse

from intake.outbox.messages import Letter, render_letter
from intake.outbox.models import Delivery
from intake.outbox.services import SLICE, post_in_slices
from intake.submissions.access.queries import has_arrived, latest_extension, open_draft, with_window
from intake.submissions.delivery_kinds import COMPLEMENT_REMINDER_MAIL, DRAFT_REMINDER_MAIL
from intake.submissions.drafts.queries import read_draft_details
from intake.submissions.models import ComplementRequest, Draft, Submission
from intake.submissions.states import State
from intake.web.batches import read_in_batches
from intake.web.mails import portal_url
from offers.models import Offer, OfferExtension

from .complement_mails import MIN_AGE_TO_REMIND, REMINDER_LEAD_TIME
from .offer_mails import offer_context, reads_english

LEAD_TIMES: Final = (timedelta(hours=6), timedelta(days=2), timedelta(days=7))
"""Elapsed time between a reminder and the closing, also across a change of clocks. The most urgent first."""
_INSTANT: Final = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder of a submission's draft: `stage` is one of `LEAD_TIMES`, `closes_at` is exclusive."""

    submission_id: int
    stage: timedelta
    closes_at: datetime

    @property
    def key(self) -> str:
        """Key of its delivery, which makes the reminder idempotent."""
        hours = self.stage // timedelta(hours=1)
        return f"{self.submission_id}/{hours}h/{self.closes_at.astimezone(UTC):{_INSTANT}}"

    @classmethod
    def of_key(cls, key: str) -> Self:
        """Parse a delivery's key."""
        submission_id, hours, closes_at = key.split("/")
        return cls(
            submission_id=int(submission_id),
            stage=timedelta(hours=int(hours.removesuffix("h"))),
            closes_at=datetime.strptime(closes_at, _INSTANT).replace(tzinfo=UTC),
        )


def due_lead_time(*, closes_at: datetime, at: datetime) -> timedelta | None:
    """Return the most urgent of `LEAD_TIMES` that is reached at `at`. None before the first one and after closing."""
    left = closes_at - at
    if left <= timedelta(0):
        return None
    return next((stage for stage in LEAD_TIMES if left <= stage), None)


def is_reminder_obsolete(delivery: Delivery, at: datetime) -> bool:
    """True if draft or account is closed, the closing past or moved, or a more urgent reminder due, at `at`."""
    reminder = Reminder.of_key(delivery.key)
    submission = _submission(reminder)
    return (
        submission.state != State.DRAFT
        or not submission.candidate.is_active
        or not submission.window.is_open(at)
        or submission.window.closes_at != reminder.closes_at
        or due_lead_time(closes_at=reminder.closes_at, at=at) != reminder.stage
        or open_draft(submission) is None  # or it waits to be filed
    )


def compose_reminder(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail of a draft reminder: the draft is not filed, what it lacks, and the closing."""
    submission = _submission(Reminder.of_key(delivery.key))
    draft = submission.drafts.get(closed_at=None)
    readiness = read_draft_details(submission, draft, at=at).readiness
    return render_letter(
        "draft_reminder",
        {
            "closing": submission.window.closing,
            "personal": submission.window.is_personal,
            "now": at,
            "sections": [row.title for row in readiness.missing_sections],
            "documents": [row.label for row in readiness.missing_documents],
            "page": portal_url(reverse("submissions:tasks", args=[submission.public_id])),
            **offer_context(submission.offer),
        },
        to=submission.candidate.email,
        in_english=reads_english(submission.candidate),
    )


def _submission(reminder: Reminder) -> Submission:
    return Submission.objects.select_related("offer__programme", "candidate").get(pk=reminder.submission_id)


def run_complement_reminders(_delivery: Delivery, at: datetime) -> None:
    """Do the periodic job: post each reminder that is due at `at`."""
    remind_of_complements(at=at)


def remind_of_complements(*, at: datetime) -> int:
    """Post the reminders due at `at` (aware) and return the number of new ones. Idempotent per request.

    No reminder if the request is answered or ended, the answer waits to be filed, the file is withdrawn or decided, or
    the request is too recent.
    """
    due = ComplementRequest.objects.filter(
        ~has_arrived("submission"),
        ended_at=None,
        due_at__gt=at,
        due_at__lte=at + REMINDER_LEAD_TIME,
        submission__state=State.COMPLEMENT_REQUESTED,
        submission__candidate__is_active=True,
        submission__offer__status=Offer.Status.PUBLISHED,
    ).select_related("filing__receipt")
    subjects = (
        (str(asked.pk), asked.filing.receipt)
        for asked in read_in_batches(due.order_by("pk"), size=SLICE)
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
    candidate has filed or withdrawn, also for an amendment, if the draft waits to be filed, or if the draft was started
    or the closing moved after the reminder's instant: the candidate has just read the closing.
    """
    subjects = ((reminder.key, submission) for reminder, submission in _due(at))
    return post_in_slices(kind=DRAFT_REMINDER_MAIL, subjects=subjects, at=at)


def _due(at: datetime) -> Iterator[tuple[Reminder, Submission]]:
    """Yield the reminders due at `at` of first drafts that can be filed then and close within the longest lead time."""
    moved = OfferExtension.objects.filter(offer=OuterRef("offer"))
    drafts = Submission.objects.filter(
        Exists(Draft.objects.filter(submission=OuterRef("pk"), closed_at=None)),
        ~has_arrived(),
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
    annotated: Iterator[Any] = read_in_batches(drafting, size=SLICE)
    for submission in annotated:
        closes_at = submission.closes_for_them
        stage = due_lead_time(closes_at=closes_at, at=at)
        if stage is not None and submission.known_since <= closes_at - stage:
            yield Reminder(submission.pk, stage, closes_at), submission
