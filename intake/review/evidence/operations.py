"""Verify a finding: store evidence, one append-only row each. The latest counts."""

from dataclasses import dataclass

from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.errors import (
    HumanReviewPendingError,
    NotOnCommitteeError,
    OwnSubmissionError,
    StaleFilingError,
)
from intake.review.access.visibility import visible_submissions
from intake.review.claims.operations import check_and_renew_claim
from intake.review.models import Evidence
from intake.submissions.lifecycle.locks import with_row_locks
from intake.submissions.models import Filing, Submission
from intake.submissions.states import SELECTED_STATES, HumanReview

from .errors import (
    EmptyBasisError,
    PageOutOfBoundsError,
    StaleEvidenceError,
    UnknownDocumentError,
    VerificationNotAllowedError,
)
from .notify_contradiction import notify_contradiction
from .queries import blocking_kinds, is_verifiable_by


@dataclass(frozen=True, slots=True)
class Basis:
    """Basis of a verification: a page, from 1, of a filed document, or a note, or both."""

    document_id: int | None = None
    page: int | None = None
    note: str = ""


@transaction.atomic
def verify_finding(
    *,
    filing: Filing,
    position: int,
    outcome: Evidence.Outcome,
    basis: Basis,
    actor: User,
    seen: int | None = None,
    over: int | None = None,
) -> Evidence:
    """Confirm or contradict one finding of the current filing, and claim the file.

    `position` is the finding's in the sealed verdict, from 0. `seen` is the primary key of the evidence that counted
    when the actor read the page, 0 for none; `None` skips this check. `over` is the number of the user whose claim the
    actor takes over. Idempotent: evidence posted twice is stored once. If the candidate is selected or in a stage, only
    deciders may verify; a contradiction notifies the other deciders.

    :raises OwnSubmissionError: if the actor is the candidate.
    :raises NotOnCommitteeError: if the actor may not read the submission, or may not verify.
    :raises FileClaimedError: if a user other than `over` has claimed the file.
    :raises VerificationNotAllowedError: if the finding does not count in the verdict; if the submission is withdrawn,
        refused, completed or erased; or if the candidate is selected and the actor is not a decider.
    :raises StaleFilingError, HumanReviewPendingError, UnknownDocumentError, PageOutOfBoundsError, EmptyBasisError: see
        each class.
    :raises StaleEvidenceError: if the evidence that counts is not `seen`.
    """
    current = with_row_locks(Submission.objects.filter(pk=filing.submission_id)).get()
    _check_may_verify(current, actor)
    if current.standing_filing_id != filing.pk:
        raise StaleFilingError
    if current.reserve == HumanReview.PENDING:
        raise HumanReviewPendingError
    kinds = blocking_kinds(filing) if is_verifiable_by(current, actor) else {}
    if position not in kinds:
        raise VerificationNotAllowedError
    _check(basis, filing)
    last = Evidence.objects.filter(filing=filing, position=position).order_by("-pk").first()
    if seen is not None and seen != (last.pk if last else 0):
        if last is not None and _is_repeated(last, actor, outcome, basis):
            return last
        raise StaleEvidenceError(last=last)
    check_and_renew_claim(submission=current, actor=actor, over=over, takes=True)
    evidence = Evidence.objects.create(
        filing=filing,
        position=position,
        kind=kinds[position],
        outcome=outcome,
        document_id=basis.document_id,
        page=basis.page,
        note=basis.note.strip(),
        author=actor,
    )
    # The journal is kept longer than the file: do not record the note.
    record(actor=actor, action=f"EVIDENCE_{outcome}", subject=current, detail=kinds[position])
    if outcome == Evidence.Outcome.CONTRADICTED and current.state in SELECTED_STATES:
        notify_contradiction(found=evidence, submission=current, at=current.db_now)
    return evidence


def _check_may_verify(current: Submission, actor: User) -> None:
    if current.candidate_id == actor.pk:
        raise OwnSubmissionError
    if not actor.has_perm("review.verify_finding"):
        raise NotOnCommitteeError
    if not visible_submissions(actor).filter(pk=current.pk).exists():
        raise NotOnCommitteeError


def _check(basis: Basis, filing: Filing) -> None:
    if basis.document_id is None:
        if basis.page is not None or not basis.note.strip():
            raise EmptyBasisError
        return
    document = filing.documents.filter(pk=basis.document_id).select_related("upload").first()
    if document is None:
        raise UnknownDocumentError
    if basis.page is None or not 1 <= basis.page <= document.upload.pages:
        raise PageOutOfBoundsError(pages=document.upload.pages)


def _is_repeated(last: Evidence, actor: User, outcome: str, basis: Basis) -> bool:
    stored = (last.author_id, last.outcome, last.document_id, last.page, last.note)
    return stored == (actor.pk, outcome, basis.document_id, basis.page, basis.note.strip())
