"""The reminders of a draft: when each is due, when it is no longer worth sending, and what it says."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from django.conf import settings
from django.urls import reverse

from intake.outbox.letters import Letter, render_letter
from intake.outbox.models import Delivery
from intake.submissions.access.queries import open_draft
from intake.submissions.drafts.queries import read_draft_details
from intake.submissions.models import Submission
from intake.submissions.states import State

from .contact import contact_of

LEAD_TIMES: Final = (timedelta(hours=6), timedelta(days=2), timedelta(days=7))
"""How long before closing, elapsed hours whatever the clocks on the wall do; the most urgent first."""
_INSTANT: Final = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder: of which submission, at which stage, before which exclusive closing (UTC)."""

    submission_id: int
    stage: timedelta
    closes_at: datetime

    @property
    def key(self) -> str:
        """The name under which it is sent once for ever."""
        hours = self.stage // timedelta(hours=1)
        return f"{self.submission_id}/{hours}h/{self.closes_at.astimezone(UTC):{_INSTANT}}"

    @classmethod
    def of_key(cls, key: str) -> Self:
        """Return the reminder that `key` names."""
        submission_id, hours, closes_at = key.split("/")
        return cls(
            submission_id=int(submission_id),
            stage=timedelta(hours=int(hours.removesuffix("h"))),
            closes_at=datetime.strptime(closes_at, _INSTANT).replace(tzinfo=UTC),
        )


def due_lead_time(*, closes_at: datetime, at: datetime) -> timedelta | None:
    """Return the most urgent of `STAGES` that has come at `at`, or None: too early, or closed."""
    left = closes_at - at
    if left <= timedelta(0):
        return None
    return next((stage for stage in LEAD_TIMES if left <= stage), None)


def is_reminder_obsolete(delivery: Delivery, at: datetime) -> bool:
    """Say whether a reminder is no longer true at `at`: filed, closed, moved, or overtaken by a more urgent one."""
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
    """Return the mail that says that a draft is not filed, what it lacks, and until when it may be."""
    submission = _submission(Reminder.of_key(delivery.key))
    draft = submission.drafts.get(closed_at=None)
    offer, readiness = submission.offer, read_draft_details(submission, draft, at=at).readiness
    subject, text, html = render_letter(
        "draft_reminder",
        {
            "offer": offer,
            "closing": submission.window.closing,
            "personal": submission.window.is_personal,
            "now": at,
            "sections": [row.title for row in readiness.missing_sections],
            "documents": [row.label for row in readiness.missing_documents],
            "portal_name": offer.programme.name,
            **contact_of(offer),
            "page": settings.SITE_URL.rstrip("/") + reverse("submissions:tasks", args=[submission.public_id]),
        },
    )
    return Letter(to=submission.candidate.email, subject=subject, text=text, html=html)


def _submission(reminder: Reminder) -> Submission:
    return Submission.objects.select_related("offer__programme", "candidate").get(pk=reminder.submission_id)
