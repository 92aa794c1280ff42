"""Save and submit one reviewer's assessment of one submission. Change the weights of an offer's grid lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied
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
from intake.review.access.impartiality import check_impartial
from intake.review.access.visibility import grid_lines_of, has_conflict, may_assess
from intake.review.models import WEIGHT_MAX, Assessment, LineMark, LineWeight
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview, State
from offers.models import GridLine, Offer

from .errors import (
    AlreadySubmittedError,
    MarkDuringComplementError,
    NothingWeighsError,
    StaleAssessmentError,
    StaleWeightsError,
    UnknownLineError,
    UnmarkedError,
    WeightOutOfBoundsError,
)
from .queries import weights_of
from .scores import score_of, weights_digest

_BATCH = 500
"""Maximum number of assessments that one UPDATE changes."""


@dataclass(frozen=True, slots=True)
class LineMarkData:
    """A reviewer's mark on one grid line, from 0 to 5 or None, and the remark."""

    mark: int | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class AssessmentData:
    """Content of an assessment. `lines` is by line number; `mark` is for an offer whose grid has no line."""

    mark: int | None = None
    lines: Mapping[int, LineMarkData] = field(default_factory=dict)
    note: str = ""

    def tidied(self, *, by_line: bool) -> "AssessmentData":
        """Return a copy with spaces trimmed, without empty lines, and without `mark` if `by_line`."""
        lines = {
            number: LineMarkData(line.mark, line.remark.strip())
            for number, line in self.lines.items()
            if line.mark is not None or line.remark.strip()
        }
        return AssessmentData(mark=None if by_line else self.mark, lines=lines, note=self.note.strip())

    def is_empty(self) -> bool:
        """True if nothing is given."""
        return self.tidied(by_line=False) == AssessmentData()

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
    is_typing: bool = False,
) -> Assessment:
    """Save the draft assessment by `reviewer` of the current filing, at the aware instant `at`.

    `is_typing`: saved by the page's script after a pause; only the first such save enters the journal.

    No value is required; only the author reads the draft and it does not count. `version` is the assessment's version
    that the page displayed, 0 if there was none; `filing_id`, if given, is the filing that it displayed. Idempotent:
    saving the stored values again changes nothing.

    :raises OwnSubmissionError, NotOnCommitteeError, NotFiledError, StaleFilingError, UnknownLineError: see each class.
    :raises HumanReviewPendingError: if there is a mark and the human review is pending. A comment alone is saved.
    :raises StaleAssessmentError: if the reviewer saved it elsewhere since `version`.
    :raises AlreadySubmittedError: if it was submitted on this filing: it can only be submitted again.
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
    is_begun = own.pk is not None
    _write(own, current, given, at=at)
    # The journal is kept longer than the file: record no content.
    if not (is_typing and is_begun):
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
    """Save the assessment by `reviewer`; from the aware instant `at` it counts and others may read it.

    Its author may submit it again: `score` is then the new one, and `first_score` stays the first one on the same
    filing. Idempotent: submitting the stored values again changes nothing.

    :raises UnmarkedError: if a grid line, or the single mark if there is no line, has no mark.
    :raises HumanReviewPendingError: if the human review is pending.
    :raises MarkDuringComplementError: if the submission waits for its complement, which replaces this filing. A draft
        can still be saved.
    :raises intake.review.access.errors.ReviewError: otherwise as `save_assessment`.
    """
    current = _locked(submission, reviewer, filing_id)
    # Locked until the commit: a concurrent change of weights waits, then recomputes this score.
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
    """Return the current submission, locked, if `reviewer` may assess the displayed filing; else raise."""
    # Lock the submission, not the assessment: it serialises two windows of one reviewer even for a first save.
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
    """Return the lines of the offer's grid, in order. Raise if `given` has any other line."""
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
    """True if `own` is already stored, on the current filing, with exactly the values of `given`."""
    if not own.pk or own.filing_id != current.standing_filing_id:
        return False
    lines = {row.line_id: LineMarkData(row.mark, row.remark) for row in own.line_marks.all()}
    return AssessmentData(mark=own.mark, lines=lines, note=own.note) == given


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


@transaction.atomic
def set_line_weights(
    *, offer: Offer, weights: Mapping[int, int], actor: User, seen: str | None = None
) -> int:
    """Set the weights of the grid lines of `offer`, by number; return how many scores changed.

    Lines left out keep their weight. Submitted assessments get a new score from their marks; first scores stay. `seen`
    is the `weights_digest` of all lines that the page displayed; `None` skips this check. Setting the stored weights
    again is not stale.

    :raises PermissionDenied: if `actor` may not change weights.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    :raises UnknownLineError, WeightOutOfBoundsError, NothingWeighsError: see each class.
    :raises StaleWeightsError: if the weights differ from `seen`.
    """
    if not actor.has_perm("review.change_lineweight"):
        raise PermissionDenied
    check_impartial(actor=actor, offer=offer)
    # Submitting takes the same lock: no score is computed from the old weights after this commit.
    len(GridLine.objects.filter(offer=offer).order_by("position").select_for_update(of=("self",)))
    lines = grid_lines_of(offer)  # after the lock: a join in the locking SELECT would return the old weights
    if not weights.keys() <= {line.pk for line in lines}:
        raise UnknownLineError
    if not all(0 <= weight <= WEIGHT_MAX for weight in weights.values()):
        raise WeightOutOfBoundsError
    before = weights_of(lines)
    after = {**before, **weights}
    if not any(after.values()):
        raise NothingWeighsError
    if after == before:
        return 0
    if seen is not None and seen != weights_digest(before):
        raise StaleWeightsError
    LineWeight.objects.bulk_create(
        [LineWeight(line_id=line, weight=weight) for line, weight in weights.items()],
        update_conflicts=True,
        unique_fields=["line"],
        update_fields=["weight"],
    )
    changed = _recompute_scores(offer, after)
    detail = ", ".join(f"{line.position}={after[line.pk]}" for line in lines)
    record(actor=actor, action="LINES_WEIGHED", subject=offer, detail=detail)
    return changed


def _recompute_scores(offer: Offer, weights: Mapping[int, int]) -> int:
    submitted = (
        Assessment.objects.filter(
            submission__offer=offer, submitted_at__isnull=False, line_marks__isnull=False
        )
        .distinct()
        .order_by("pk")
        .prefetch_related("line_marks")
    )
    changed = []
    for assessment in submitted:
        marks = {row.line_id: row.mark for row in assessment.line_marks.all() if row.mark is not None}
        score = score_of(marks, weights) if marks else assessment.score
        if score != assessment.score:
            assessment.score = score
            changed.append(assessment)
    return Assessment.objects.bulk_update(changed, ["score"], batch_size=_BATCH)
