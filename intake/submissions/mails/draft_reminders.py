"""Draft reminders: due time, obsolescence and mail."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from django.urls import reverse

from intake.outbox.messages import Letter, render_letter
from intake.outbox.models import Delivery
from intake.submissions.access.queries import open_draft
from intake.submissions.drafts.queries import read_draft_details
from intake.submissions.models import Submission
from intake.submissions.states import State
from intake.web.mails import portal_url

from .context import offer_context

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
    """True if the draft was filed or discarded, or the account is closed.

    Also true if, at `at`, the closing has passed or moved, or a more urgent reminder is due.
    """
    reminder = Reminder.of_key(delivery.key)
    submission = _submission(reminder)
    return (
        submission.state != State.DRAFT
        or not submission.candidate.is_active
        or not submission.window.is_open(at)
        or submission.window.closes_at != reminder.closes_at
        or due_lead_time(closes_at=reminder.closes_at, at=at) != reminder.stage
        or open_draft(submission) is None
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
    )


def _submission(reminder: Reminder) -> Submission:
    return Submission.objects.select_related("offer__programme", "candidate").get(pk=reminder.submission_id)
