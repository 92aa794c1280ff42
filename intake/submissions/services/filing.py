"""Filing: lock, judge, seal, commit. The instant is the database's, and so is the deadline."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from eligibility import Verdict as Judgement
from eligibility import VerdictOutcome
from intake.accounts.models import User
from intake.dossiers.receipt_number import format_number
from intake.dossiers.services import seal_payload
from intake.outbox.services import post
from intake.submissions.declarations import DECLARATIONS
from intake.submissions.errors import (
    DeclarationMissingError,
    IncompleteError,
    MoveNotAllowedError,
    NotEligibleError,
    OfferNotOpenError,
)
from intake.submissions.gate import Readiness, assess, blocking_positions
from intake.submissions.kinds import DOSSIER, RECEIPT_MAIL
from intake.submissions.models import (
    Draft,
    DraftDocument,
    FiledDocument,
    Filing,
    Receipt,
    ReviewRequest,
    Submission,
    Verdict,
)
from intake.submissions.once_only import register_match
from intake.submissions.questions import OfferAsks
from intake.submissions.sealing import payload_of
from intake.submissions.selectors import read_asks
from intake.submissions.states import TABLE, Action, Reserve, State
from offers.models import Offer, RulebookVersion
from offers.selectors import current_rulebook, documents_asked

from .constraints import broken_constraint
from .locks import lock_submission_of
from .moves import write_move

_CLOSED = {
    "filing_is_made_on_an_open_offer",
    "filing_is_received_before_closing",
    "filing_commits_within_a_minute_of_closing",
}


@dataclass(frozen=True, slots=True)
class _Case:
    """All that is read under the lock, and the verdict on it: what the filing is made of."""

    submission: Submission
    draft: Draft
    rulebook: RulebookVersion
    asks: OfferAsks
    documents: list[DraftDocument]
    judgement: Judgement
    register_match: bool | None
    review_message: str

    @property
    def offer(self) -> Offer:
        return self.submission.offer

    @property
    def under_reserve(self) -> bool:
        """The rules refuse, and the candidate asked for a person's judgement."""
        return self.judgement.outcome is VerdictOutcome.INELIGIBLE

    @property
    def action(self) -> Action:
        return Action.FILE if self.submission.standing_filing is None else Action.AMEND


def file_draft(
    *, draft: Draft, actor: User, declarations: frozenset[str], review_message: str = ""
) -> Receipt:
    """File `draft` and return its receipt; filing the same draft again returns the same receipt.

    The answers, documents and rulebook are read under the submission's lock and judged there. The filing, its seal,
    receipt, verdict, journal entry and the two deliveries (receipt by mail, dossier) commit together or not at all.
    `declarations` are the keys of those that were accepted. `review_message` asks that a person judge what the rules
    refuse: a verdict INELIGIBLE with nothing UNKNOWN left is then filed under reserve (access act, s. 65.2); with any
    other verdict there is nothing to ask, and it is let go.

    :raises OfferNotOpenError: if the database's instant is outside the offer's dates.
    :raises IncompleteError: if a section or a required document is missing.
    :raises NotEligibleError: if the verdict does not allow filing.
    :raises DeclarationMissingError: if a declaration was not accepted.
    :raises MoveNotAllowedError: if the submission went past being filed or amended meanwhile.
    """
    missing = tuple(row.key for row in DECLARATIONS if row.key not in declarations)
    if missing:
        raise DeclarationMissingError(missing=missing)
    try:
        with transaction.atomic():
            return _file_under_lock(draft, actor, declarations, review_message.strip())
    except IntegrityError as refused:
        if broken_constraint(refused) in _CLOSED:
            raise OfferNotOpenError from refused
        raise


def _file_under_lock(draft: Draft, actor: User, declarations: frozenset[str], review_message: str) -> Receipt:
    submission, now = lock_submission_of(draft)
    fresh = Draft.objects.get(pk=draft.pk)
    if fresh.closed_at is not None:
        return Receipt.objects.select_related("filing").get(filing__draft=fresh)
    fresh.submission = submission
    case = _judge(submission, fresh, now, review_message)
    if submission.state not in TABLE[case.action].sources:
        raise MoveNotAllowedError(action=case.action, state=State(submission.state))
    previous = submission.standing_filing
    sequence = previous.sequence + 1 if previous is not None else 1
    seal = seal_payload(
        payload=payload_of(
            draft=fresh,
            sequence=sequence,
            documents=case.documents,
            asks=case.asks,
            verdict=case.judgement,
            declarations=declarations,
            review_message=case.review_message if case.under_reserve else "",
            register_match=case.register_match,
        ),
        at=now,
    )
    filing = Filing.objects.create(
        submission=submission, sequence=sequence, draft=fresh, seal=seal, replaces=previous
    )
    receipt = _write_proof(filing, case)
    _close(filing, case, actor)
    post(kind=RECEIPT_MAIL, key=receipt.number, subject=receipt, at=filing.received_at)
    post(kind=DOSSIER, key=receipt.number, subject=receipt, at=filing.received_at)
    return receipt


def _judge(submission: Submission, draft: Draft, now: datetime, review_message: str) -> _Case:
    """Return the case that may be filed, or refuse aloud."""
    offer = submission.offer
    rulebook = current_rulebook(offer)
    asks = read_asks(offer, rulebook)
    match = register_match(answers=draft.answers, rulebook=asks.rulebook, programme=offer.programme)
    documents = list(draft.documents.select_related("request", "upload").order_by("request__position"))
    readiness: Readiness = assess(
        answers=draft.answers,
        documents=documents_asked(offer),
        provided=[row.request_id for row in documents],
        asks=asks,
        on=now.astimezone(offer.zone).date(),
        register_match=match,
    )
    if not readiness.is_complete:
        raise IncompleteError(
            sections=tuple(section.key for section in readiness.missing_sections),
            documents=tuple(request.kind for request in readiness.missing_documents),
        )
    if not readiness.admits and not (review_message and readiness.may_be_filed_under_reserve):
        raise NotEligibleError(verdict=readiness.verdict)
    return _Case(submission, draft, rulebook, asks, documents, readiness.verdict, match, review_message)


def _write_proof(filing: Filing, case: _Case) -> Receipt:
    FiledDocument.objects.bulk_create(
        FiledDocument(filing=filing, request=row.request, upload=row.upload, sha256=row.upload.sha256)
        for row in case.documents
    )
    Verdict.objects.create(
        filing=filing,
        rulebook=case.rulebook,
        outcome=case.judgement.outcome.value,
        under_reserve=case.under_reserve,
        rulebook_digest=case.judgement.rulebook_digest,
        facts_digest=case.judgement.facts_digest,
        blocking=blocking_positions(case.judgement),
    )
    if case.under_reserve:
        ReviewRequest.objects.create(filing=filing, message=case.review_message)
    return Receipt.objects.create(
        filing=filing, number=format_number(case.offer.number or "", _next_serial())
    )


def _close(filing: Filing, case: _Case, actor: User) -> None:
    """Close the draft, and let the submission stand on its new filing."""
    submission, draft, action = case.submission, case.draft, case.action
    draft.closed_at = filing.received_at
    draft.save(update_fields=["closed_at"])
    submission.standing_filing = filing
    submission.reserve = Reserve.PENDING if case.under_reserve else Reserve.NONE
    names = (draft.answers.get("last_name"), draft.answers.get("first_name"))
    submission.filed_name = ", ".join(name for name in names if name)
    write_move(submission=submission, action=action, actor=actor)


def _next_serial() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('submissions_receipt_serial')")
        (serial,) = cursor.fetchone()
    return int(serial)
