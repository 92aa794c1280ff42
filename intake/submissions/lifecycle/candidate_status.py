"""Candidate status: what a candidate reads of their submission and may do about it. Every page of theirs uses it.

States between which the candidate must not see a difference give equal results here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from intake.submissions.access.queries import last_complement, open_complement
from intake.submissions.models import ComplementRequest, Draft, Submission
from intake.submissions.states import (
    CANDIDATE_LABELS,
    CANDIDATE_TONES,
    DECIDED,
    TABLE,
    Action,
    HumanReview,
    State,
)
from offers.models import Offer

_AMENDABLE_STATES: Final = TABLE[Action.AMEND].sources - {State.WITHDRAWN}
"""SHORTLISTED and RECOMMENDED are not released: pages offer the same as for UNDER_REVIEW. The operation checks."""


class Situation(StrEnum):
    """Main distinction between the candidate's pages."""

    DRAFT = "DRAFT"
    """Never filed; may still be filed."""
    NOT_FILED = "NOT_FILED"
    """Never filed, and too late to file."""
    FILED = "FILED"
    AMENDING = "AMENDING"
    """Filed, with an open amendment that may still be filed."""
    NOT_AMENDED = "NOT_AMENDED"
    """Filed, with an open amendment that may no longer be filed."""
    WITHDRAWN = "WITHDRAWN"
    RESUMING = "RESUMING"
    """Withdrawn, with an open draft of a new filing."""
    ARRIVED = "ARRIVED"
    """The draft, a first one or not, waits to be filed: the candidate has nothing to do."""


@dataclass(frozen=True, slots=True)
class CandidateStatus:
    """One submission as its candidate sees it at one instant."""

    submission: Submission
    situation: Situation
    label: Promise
    tone: str
    """A colour of `components/state_badge.html`."""
    is_open: bool
    """The candidate may file."""
    is_decided: bool
    """The candidate no longer waits for anything."""
    may_amend: bool
    may_withdraw: bool
    complement: ComplementRequest | None
    """Open complement request, whether it may still be answered (`may_answer`) or not."""
    may_answer: bool
    """The candidate may file the complement."""
    is_for_complement_alone: bool
    """The candidate may file only the complement; everything else stays as filed."""

    @property
    def answered(self) -> ComplementRequest | None:
        """Complement request that the current filing answers; None once the study begins."""
        last = _last_complement_ended_by(self.submission, ComplementRequest.Ending.ANSWERED)
        answers = last is not None and last.answered_by_id == self.submission.standing_filing_id
        return last if answers else None

    @property
    def is_asked(self) -> bool:
        """True if a complement request is open, even past its due date, and the offer is not cancelled."""
        return self.complement is not None and not _is_cancelled(self.submission)

    @property
    def is_resumed(self) -> bool:
        """True if the latest complement request ended with RESUMED and the submission is still SUBMITTED."""
        return _last_complement_ended_by(self.submission, ComplementRequest.Ending.RESUMED) is not None

    @property
    def is_overtaken(self) -> bool:
        """True if the open draft could only answer a complement, and the study resumed without it."""
        return resumed_without_complement(self.submission)

    @property
    def under_reserve(self) -> bool:
        """True if the human review is PENDING and the submission is not decided."""
        return self.submission.reserve == HumanReview.PENDING and not self.is_decided

    @property
    def draft(self) -> Draft | None:
        """Open draft, if any; None while it waits to be filed, since it no longer changes."""
        return _open_draft(self.submission)


def candidate_status_of(submission: Submission, *, at: datetime) -> CandidateStatus:
    """Return the status of `submission`, a row of `own_submissions`, at `at` (aware)."""
    state = State(submission.state)
    is_open = submission.window.is_open(at)
    situation = _situation(submission, state, is_open=is_open)
    complement = open_complement(submission)
    label, tone = _label_and_tone(submission, state, situation)
    is_still = situation is not Situation.ARRIVED
    return CandidateStatus(
        submission=submission,
        situation=situation,
        label=label,
        tone=tone,
        is_open=is_open,
        is_decided=state in DECIDED,
        may_amend=is_still and is_open and state in TABLE[Action.AMEND].sources,
        may_withdraw=is_still and state in TABLE[Action.WITHDRAW].sources,
        complement=complement,
        may_answer=is_still and complement is not None and is_open,
        is_for_complement_alone=submission.window.is_for_complement_alone(at),
    )


def may_file(submission: Submission, *, at: datetime) -> bool:
    """True if the candidate may file a draft of `submission` at `at` (aware): window open, no state that forbids it."""
    is_amendable = submission.standing_filing_id is None or submission.state in TABLE[Action.AMEND].sources
    return is_amendable and submission.window.is_open(at)


def most_urgent_first(rows: list[CandidateStatus]) -> list[CandidateStatus]:
    """Return `rows`: first those that may file a complement, by closing, then the others in their order."""
    asked = [row for row in rows if row.may_answer]
    return [
        *sorted(asked, key=lambda row: row.submission.window.closes_at),
        *(row for row in rows if not row.may_answer),
    ]


def resumed_without_complement(submission: Submission) -> bool:
    """True if staff resumed the study without the latest complement, when only that complement could still be filed.

    Independent of later moves. It then explains why an answer was not filed; the earlier closing of the offer does
    not. If the candidate could still file any change at that instant, the closing explains it. An open draft was
    opened before the study resumed: none can be opened afterwards.
    """
    last = last_complement(submission)
    if last is None or last.ended_at is None or last.ending != ComplementRequest.Ending.RESUMED:
        return False
    return last.ended_at >= submission.window.ordinary_closes_at


def _last_complement_ended_by(
    submission: Submission, ending: ComplementRequest.Ending
) -> ComplementRequest | None:
    """Return the latest complement request if it ended with `ending`; None unless the submission is SUBMITTED."""
    last = last_complement(submission) if submission.state == State.SUBMITTED else None
    return last if last is not None and last.ending == ending else None


def _situation(submission: Submission, state: State, *, is_open: bool) -> Situation:
    if submission.arrived_at is not None:
        return Situation.ARRIVED
    if submission.standing_filing is None:
        return Situation.DRAFT if is_open else Situation.NOT_FILED
    preparing = _open_draft(submission) is not None
    if state == State.WITHDRAWN:
        return Situation.RESUMING if preparing and is_open else Situation.WITHDRAWN
    if not preparing:
        return Situation.FILED
    return Situation.AMENDING if is_open and state in _AMENDABLE_STATES else Situation.NOT_AMENDED


def _label_and_tone(submission: Submission, state: State, situation: Situation) -> tuple[Promise, str]:
    if situation is Situation.NOT_FILED:
        return _("Non déposée"), "draft"
    if situation is Situation.ARRIVED and submission.standing_filing is None:
        return _("Arrivée, en cours de dépôt"), "info"
    if state == State.COMPLEMENT_REQUESTED and _is_cancelled(submission):
        state = State.SUBMITTED  # a cancelled offer requests nothing and nothing is studied
    if state == State.SUBMITTED and submission.reserve == HumanReview.PENDING:
        return _("Révision demandée"), "warning"
    return CANDIDATE_LABELS[state], CANDIDATE_TONES[state]


def _is_cancelled(submission: Submission) -> bool:
    return submission.offer.status == Offer.Status.CANCELLED


def _open_draft(submission: Submission) -> Draft | None:
    drafts: list[Draft] = vars(submission)["open_drafts"]  # prefetched by `own_submissions`
    return drafts[0] if drafts and submission.arrived_at is None else None
