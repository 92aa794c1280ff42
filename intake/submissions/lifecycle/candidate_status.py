"""Where a candidature stands for its candidate, and what they may do about it: what each of their pages starts from.

No more than that: two states that the candidate must not tell apart answer the same here.
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

_AMENDABLE_STATES: Final = frozenset(
    {
        State.SUBMITTED,
        State.UNDER_REVIEW,
        State.COMPLEMENT_REQUESTED,
        State.SHORTLISTED,
        State.RECOMMENDED,
    }
)
"""A shortlisting is not released: its pages offer what those of a file under study do. The service judges."""


class Situation(StrEnum):
    """What a candidate's page is about, before any detail."""

    DRAFT = "DRAFT"
    """Being prepared, and may still be filed."""
    NOT_FILED = "NOT_FILED"
    """Prepared, and no longer to be filed."""
    FILED = "FILED"
    AMENDING = "AMENDING"
    """Filed, with an amendment that may still be filed."""
    NOT_AMENDED = "NOT_AMENDED"
    """Filed, with an amendment that no longer can be."""
    WITHDRAWN = "WITHDRAWN"
    RESUMING = "RESUMING"
    """Withdrawn, and being prepared again."""


@dataclass(frozen=True, slots=True)
class CandidateStatus:
    """One candidature as its candidate sees it at one instant."""

    submission: Submission
    situation: Situation
    label: Promise
    tone: str
    """A colour of `components/state_badge.html`."""
    is_open: bool
    """This person may file."""
    is_decided: bool
    """The candidate waits for nothing more."""
    may_amend: bool
    may_withdraw: bool
    complement: ComplementRequest | None
    """What is asked of the candidate, and was not sent: in time (`may_answer`) or no longer."""
    may_answer: bool
    """They may send what is asked."""
    is_for_complement_alone: bool
    """That is all they may file: the rest stays as it is."""

    @property
    def answered(self) -> ComplementRequest | None:
        """The complement that the filing that stands answers, until its study begins."""
        last = _last_complement_ended_by(self.submission, ComplementRequest.Ending.ANSWERED)
        answers = last is not None and last.answered_by_id == self.submission.standing_filing_id
        return last if answers else None

    @property
    def is_asked(self) -> bool:
        """A complement is asked for, in time or no longer; an offer that is cancelled asks for nothing."""
        return self.complement is not None and not _is_cancelled(self.submission)

    @property
    def is_resumed(self) -> bool:
        """The complement that was asked for is so no more, and the study has yet to go on."""
        return _last_complement_ended_by(self.submission, ComplementRequest.Ending.RESUMED) is not None

    @property
    def is_overtaken(self) -> bool:
        """What is being prepared could only answer a complement, and the study went on without it."""
        return resumed_without_complement(self.submission)

    @property
    def under_reserve(self) -> bool:
        """A person is to judge what the rules refuse."""
        return self.submission.reserve == HumanReview.PENDING and not self.is_decided

    @property
    def draft(self) -> Draft | None:
        """The draft being prepared, if any."""
        return _open_draft(self.submission)


def candidate_status_of(submission: Submission, *, at: datetime) -> CandidateStatus:
    """Return where `submission`, read by `selectors.own_submissions`, stands at the aware instant `at`."""
    state = State(submission.state)
    is_open = submission.window.is_open(at)
    situation = _situation(submission, state, is_open=is_open)
    complement = open_complement(submission)
    label, tone = _label_and_tone(submission, state, situation)
    return CandidateStatus(
        submission=submission,
        situation=situation,
        label=label,
        tone=tone,
        is_open=is_open,
        is_decided=state in DECIDED,
        may_amend=is_open and (state in _AMENDABLE_STATES or state == State.WITHDRAWN),
        may_withdraw=state in TABLE[Action.WITHDRAW].sources,
        complement=complement,
        may_answer=complement is not None and is_open,
        is_for_complement_alone=submission.window.is_for_complement_alone(at),
    )


def most_urgent_first(rows: list[CandidateStatus]) -> list[CandidateStatus]:
    """Return `rows` with those of which a complement may be sent first, the most urgent before the others."""
    asked = [row for row in rows if row.may_answer]
    return [
        *sorted(asked, key=lambda row: row.submission.window.closes_at),
        *(row for row in rows if not row.may_answer),
    ]


def resumed_without_complement(submission: Submission) -> bool:
    """Say whether the team let the study go on without the complement asked for last, all that could still be filed.

    Whatever became of the file since: it is why an answer was not filed, rather than a closing of weeks before. Where
    its person could still file what they will, that closing is why. A draft that is open was so before the study went
    on: none could be opened since.
    """
    last = last_complement(submission)
    if last is None or last.ended_at is None or last.ending != ComplementRequest.Ending.RESUMED:
        return False
    return last.ended_at >= submission.window.ordinary_closes_at


def _last_complement_ended_by(
    submission: Submission, ending: ComplementRequest.Ending
) -> ComplementRequest | None:
    """Return the complement that was asked for last, if it ended so; None once the study began, which says more."""
    last = last_complement(submission) if submission.state == State.SUBMITTED else None
    return last if last is not None and last.ending == ending else None


def _situation(submission: Submission, state: State, *, is_open: bool) -> Situation:
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
    if state == State.COMPLEMENT_REQUESTED and _is_cancelled(submission):
        state = State.SUBMITTED  # nothing is asked any more, and nothing is studied
    if state == State.SUBMITTED and submission.reserve == HumanReview.PENDING:
        return _("Déposée sous réserve"), "warning"
    return CANDIDATE_LABELS[state], CANDIDATE_TONES[state]


def _is_cancelled(submission: Submission) -> bool:
    return submission.offer.status == Offer.Status.CANCELLED


def _open_draft(submission: Submission) -> Draft | None:
    drafts: list[Draft] = vars(submission)["open_drafts"]  # read with the submission
    return drafts[0] if drafts else None
