"""What one reviewer thinks of one submission: a draft of their own, then an assessment that counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.errors import (
    HumanReviewPendingError,
    NotFiledError,
    NotOnCommitteeError,
    OwnSubmissionError,
    StaleFilingError,
)
from intake.review.access.queries import has_conflict, may_assess
from intake.review.models import Assessment, LineMark
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview, State
from offers.models import GridLine

from .errors import (
    AlreadySubmittedError,
    MarkDuringComplementError,
    StaleAssessmentError,
    UnknownLineError,
    UnmarkedError,
)
from .queries import weights_of
from .scores import score_of


@dataclass(frozen=True, slots=True)
class LineMarkData:
    """What is thought of one line of the grid: a mark from 0 to 5, or None for none yet, and a few words."""

    mark: int | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class AssessmentData:
    """All that an assessment says. `lines` are by the line's number; `mark` is for an offer whose grid has none."""

    mark: int | None = None
    lines: Mapping[int, LineMarkData] = field(default_factory=dict)
    note: str = ""

    def tidied(self, *, by_line: bool) -> "AssessmentData":
        """Return the same with spaces trimmed, without the lines of which nothing is said, nor a mark beside lines."""
        lines = {
            number: LineMarkData(line.mark, line.remark.strip())
            for number, line in self.lines.items()
            if line.mark is not None or line.remark.strip()
        }
        return AssessmentData(mark=None if by_line else self.mark, lines=lines, note=self.note.strip())

    @property
    def line_marks(self) -> dict[int, int]:
        """The marks that are given, by line."""
        return {number: line.mark for number, line in self.lines.items() if line.mark is not None}


@transaction.atomic
def save_assessment(
    *,
    submission: Submission,
    reviewer: User,
    given: AssessmentData,
    version: int,
    at: datetime,
    filing_id: int | None = None,
) -> Assessment:
    """Save the draft of what `reviewer` thinks of the filing that stands, at the aware instant `at`.

    Nothing of it is required, nobody else reads it and it counts for nothing. `version` is the assessment's as the
    page showed it, 0 when there was none; `filing_id`, when given, is the filing the page showed. Saving what is saved
    already (a button pressed twice) changes nothing.

    :raises OwnSubmissionError: if the reviewer is the candidate.
    :raises NotOnCommitteeError: if they do not sit on the offer's committee, or have a conflict of interest.
    :raises NotFiledError: if the submission is a draft.
    :raises StaleFilingError: if another filing stands than the one shown.
    :raises UnknownLineError: if a line is not of the offer's grid.
    :raises ReservePendingError: if there is a mark, and a person has yet to judge what the rules refuse. A note waits
        for nobody.
    :raises StaleAssessmentError: if the reviewer saved it elsewhere since `version`.
    :raises AlreadySubmittedError: if it was submitted on this filing: from there on it is submitted again.
    """
    current = _locked(submission, reviewer, filing_id)
    asked = _lock_lines(current, given)
    given = given.tidied(by_line=bool(asked))
    if (given.line_marks or given.mark is not None) and current.reserve == HumanReview.PENDING:
        raise HumanReviewPendingError
    own = _own_or_new(current, reviewer)
    if _is_unchanged(own, current, given):
        return own
    if version != own.version:
        raise StaleAssessmentError(saved_at=own.saved_at if own.pk else at)
    if own.submitted_at is not None and own.filing_id == current.standing_filing_id:
        raise AlreadySubmittedError
    own.submitted_at = own.score = own.first_score = None
    _write(own, current, given, at=at)
    # What it says is not written in the journal, which outlives the file.
    record(actor=reviewer, action="ASSESSMENT_SAVED", subject=current, detail=f"version {own.version}")
    return own


@transaction.atomic
def submit_assessment(
    *,
    submission: Submission,
    reviewer: User,
    given: AssessmentData,
    version: int,
    at: datetime,
    filing_id: int | None = None,
) -> Assessment:
    """Save what `reviewer` thinks, and let it count and be read from the aware instant `at` on.

    Its author may submit it again: the score is then the new one, and `first_score` stays that of the first time on
    the same filing. Submitting the same twice changes nothing.

    :raises UnmarkedError: if a line of the grid, or the one mark where there is none, has no mark.
    :raises ReservePendingError: if a person has yet to judge what the rules refuse.
    :raises ComplementAwaitedError: if the file waits for its complement, whose answer no mark would be about. A draft
        waits for nobody.
    :raises intake.review.access.errors.ReviewError: else as `save_assessment` does.
    """
    current = _locked(submission, reviewer, filing_id)
    # Locked until the commit: a weight that changes meanwhile waits, and then finds this score to change.
    asked = _lock_lines(current, given, lock=True)
    given = given.tidied(by_line=bool(asked))
    if current.reserve == HumanReview.PENDING:
        raise HumanReviewPendingError
    if current.is_incomplete:
        raise MarkDuringComplementError
    missing = tuple(line.pk for line in asked if line.pk not in given.line_marks)
    if missing or (not asked and given.mark is None):
        raise UnmarkedError(lines=missing)
    own = _own_or_new(current, reviewer)
    again = own.submitted_at is not None and own.filing_id == current.standing_filing_id
    if again and _is_unchanged(own, current, given):
        return own
    if version != own.version:
        raise StaleAssessmentError(saved_at=own.saved_at if own.pk else at)
    own.submitted_at = at
    own.score = score_of(given.line_marks, weights_of(asked)) if asked else Decimal(given.mark or 0)
    own.first_score = own.first_score if again else own.score
    _write(own, current, given, at=at)
    record(actor=reviewer, action="ASSESSMENT_SUBMITTED", subject=current, detail=f"version {own.version}")
    return own


def _locked(submission: Submission, reviewer: User, filing_id: int | None) -> Submission:
    """Return the submission as it stands, locked, if `reviewer` may assess the filing that was shown."""
    # The submission's row is the one lock: two windows of one reviewer wait for each other, even for a first save.
    current = Submission.objects.select_for_update(of=("self",)).get(pk=submission.pk)
    if current.candidate_id == reviewer.pk:
        raise OwnSubmissionError
    if not may_assess(user=reviewer, offer_id=current.offer_id):
        raise NotOnCommitteeError
    if has_conflict(user=reviewer, submission=current):
        raise NotOnCommitteeError
    if current.state == State.DRAFT or current.standing_filing_id is None:
        raise NotFiledError
    if filing_id is not None and filing_id != current.standing_filing_id:
        raise StaleFilingError
    return current


def _lock_lines(current: Submission, given: AssessmentData, *, lock: bool = False) -> list[GridLine]:
    """Return the lines of the offer's grid, in their order, if `given` speaks of no other."""
    lines = GridLine.objects.filter(offer=current.offer_id).select_related("weight").order_by("position")
    if lock:
        lines = lines.select_for_update(of=("self",))
    asked = list(lines)
    if not given.lines.keys() <= {line.pk for line in asked}:
        raise UnknownLineError
    return asked


def _own_or_new(current: Submission, reviewer: User) -> Assessment:
    found = Assessment.objects.filter(submission=current, reviewer=reviewer).first()
    return found or Assessment(submission=current, reviewer=reviewer, version=0)


def _is_unchanged(own: Assessment, current: Submission, given: AssessmentData) -> bool:
    """Say whether `own` is kept already, on the filing that stands, with exactly what is `given`."""
    if not own.pk or own.filing_id != current.standing_filing_id:
        return False
    return assessment_data_of(own) == given


def assessment_data_of(assessment: Assessment) -> AssessmentData:
    """Return what a kept assessment says."""
    lines = {row.line_id: LineMarkData(row.mark, row.remark) for row in assessment.line_marks.all()}
    return AssessmentData(mark=assessment.mark, lines=lines, note=assessment.note)


def _write(own: Assessment, current: Submission, given: AssessmentData, *, at: datetime) -> None:
    own.filing_id = current.standing_filing_id or own.filing_id
    own.mark = given.mark
    own.note = given.note
    own.version += 1
    own.saved_at = at
    own.save()
    own.line_marks.all().delete()
    LineMark.objects.bulk_create(
        LineMark(assessment=own, line_id=number, mark=line.mark, remark=line.remark)
        for number, line in sorted(given.lines.items())
    )
