"""Submit a whole file at once: its facts and the reader's assessment, all or nothing. Put a file aside."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from intake.accounts.models import User
from intake.review.access.errors import NotOnCommitteeError, ReviewError, StaleFilingError
from intake.review.access.visibility import visible_submissions
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.marks.operations import AssessmentData, save_assessment, submit_assessment
from intake.review.marks.typed import forget_typed
from intake.review.models import Evidence, ReadingDraft
from intake.submissions.models import Filing, Submission


@dataclass(frozen=True, slots=True)
class FactCheck:
    """One finding that a reader confirms or contradicts. `seen` as in `verify_finding`."""

    position: int
    outcome: Evidence.Outcome
    basis: Basis
    seen: int


@dataclass(frozen=True, slots=True)
class GivenAssessment:
    """The reader's assessment, with the version that the page displayed. `submits`: it counts from now on."""

    data: AssessmentData
    version: int
    submits: bool


class FactRefusedError(ReviewError):
    """One fact could not be recorded, and so nothing was. `refusal` says why."""

    code = "FACT_REFUSED"

    def __init__(self, *, position: int, refusal: ReviewError) -> None:
        self.position = position
        self.refusal = refusal

    def __str__(self) -> str:
        """Return the sentence of `refusal`."""
        return str(self.refusal)


@transaction.atomic
def submit_reading(
    *,
    submission: Submission,
    filing_id: int,
    facts: Iterable[FactCheck],
    assessment: GivenAssessment | None,
    reader: User,
    at: datetime,
    over: int | None = None,
) -> None:
    """Record the `facts` and the assessment of one file, or nothing. Delete what the reader had typed.

    `filing_id` is the filing that the page displayed; `over` as in `verify_finding`. Idempotent: what is posted twice
    is stored once.

    :raises NotOnCommitteeError: if the reader may not read the file.
    :raises FactRefusedError: if a fact is refused; its `refusal` is an error of `verify_finding`.
    :raises intake.review.access.errors.ReviewError: otherwise as `submit_assessment` and `save_assessment`.
    """
    if not visible_submissions(reader).filter(pk=submission.pk).exists():
        raise NotOnCommitteeError
    filing = (
        Filing.objects.filter(submission=submission, pk=filing_id).select_related("seal", "verdict").first()
    )
    if filing is None:
        raise StaleFilingError
    for fact in facts:
        try:
            verify_finding(
                filing=filing,
                position=fact.position,
                outcome=fact.outcome,
                basis=fact.basis,
                actor=reader,
                seen=fact.seen,
                over=over,
            )
        except ReviewError as refusal:
            raise FactRefusedError(position=fact.position, refusal=refusal) from refusal
    if assessment is not None:
        write = submit_assessment if assessment.submits else save_assessment
        write(
            submission=submission,
            reviewer=reader,
            given=assessment.data,
            version=assessment.version,
            filing_id=filing_id,
            at=at,
        )
    forget_typed(submission, reader)


def put_aside(*, submission: Submission, reader: User, reason: str, at: datetime) -> None:
    """Put a file aside for `reader`, with a reason: it comes after the others. What they typed stays.

    :raises NotOnCommitteeError: if the reader may not read the file.
    """
    if not visible_submissions(reader).filter(pk=submission.pk).exists():
        raise NotOnCommitteeError
    ReadingDraft.objects.update_or_create(
        submission=submission,
        reader=reader,
        defaults={"aside_reason": reason, "aside_at": at},
        create_defaults={"aside_reason": reason, "aside_at": at, "saved_at": at},
    )
