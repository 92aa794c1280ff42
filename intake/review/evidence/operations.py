"""What a person found in the documents about each finding: a row each, never rewritten; the latest stands."""

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
from intake.review.access.impartiality import check_impartial
from intake.review.access.queries import visible_submissions
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
    """What a verification rests on: a page, from 1, of a document filed, or what a note says, or both."""

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
    """Confirm or contradict one finding of the filing that stands, and take the file in hand.

    `position` is the finding's in the sealed verdict, from 0. `seen` is the number (primary key) of the verification
    that stood when the actor read it, 0 for none, and `None` verifies whatever was found before. `over` is whose lease
    the actor takes over. A verification sent twice is kept once. Of a person who is selected, or in a stage, those who
    decide still verify: the others who do are told at once of what a document contradicts.

    :raises OwnSubmissionError: if the actor is the candidate, or applied to the offer too.
    :raises InConflictError: if they have a conflict of interest on a candidature to the offer.
    :raises NotOnCommitteeError: if the actor may not read the submission, or may not verify.
    :raises StaleFilingError: if another filing replaced this one since.
    :raises FileHeldError: if another person than `over` has the file in hand.
    :raises ReservePendingError: if a person has yet to judge what the rules refuse.
    :raises NotToBeVerifiedError: if the finding decides nothing, or the file is withdrawn, refused, ended or erased, or
        its person is selected and the actor does not decide.
    :raises UnknownDocumentError: if the document was not filed with this filing.
    :raises PageOutOfBoundsError: if the document has not that page.
    :raises NothingRestedOnError: if there is neither a page of a document nor a note.
    :raises VerifiedMeanwhileError: if another verification than `seen` stands.
    """
    current = with_row_locks(Submission.objects.filter(pk=filing.submission_id)).get()
    _check_may_verify(current, actor)
    if current.standing_filing_id != filing.pk:
        raise StaleFilingError
    kind = _kind_of(current, filing, position, actor)
    _check(basis, filing)
    last = Evidence.objects.filter(filing=filing, position=position).order_by("-pk").first()
    if seen is not None and seen != (last.pk if last else 0):
        if last is not None and _is_repeated(last, actor, outcome, basis):
            return last
        raise StaleEvidenceError(last=last)
    check_and_renew_claim(submission=current, actor=actor, over=over, takes=True)
    found = Evidence.objects.create(
        filing=filing,
        position=position,
        kind=kind,
        outcome=outcome,
        document_id=basis.document_id,
        page=basis.page,
        note=basis.note.strip(),
        author=actor,
    )
    # What the note says is not written in the journal, which outlives the file.
    record(actor=actor, action=f"EVIDENCE_{outcome}", subject=current, detail=kind)
    if outcome == Evidence.Outcome.CONTRADICTED and current.state in SELECTED_STATES:
        notify_contradiction(found=found, submission=current, at=current.db_now)
    return found


def _check_may_verify(current: Submission, actor: User) -> None:
    if current.candidate_id == actor.pk:
        raise OwnSubmissionError
    if not actor.has_perm("review.verify_finding"):
        raise NotOnCommitteeError
    if not visible_submissions(actor).filter(pk=current.pk).exists():
        raise NotOnCommitteeError
    # A contradicted finding keeps its person from being selected.
    check_impartial(actor=actor, offer=current.offer)


def _kind_of(current: Submission, filing: Filing, position: int, actor: User) -> str:
    if current.reserve == HumanReview.PENDING:
        raise HumanReviewPendingError
    kinds = blocking_kinds(filing) if is_verifiable_by(current, actor) else {}
    if position not in kinds:
        raise VerificationNotAllowedError
    return kinds[position]


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
    kept = (last.author_id, last.outcome, last.document_id, last.page, last.note)
    return kept == (actor.pk, outcome, basis.document_id, basis.page, basis.note.strip())
