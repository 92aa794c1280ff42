"""Filing: lock, judge, seal, commit. The instant is the database's, and so is the deadline."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from intake.accounts.models import User
from intake.dossiers.payload import Payload
from intake.dossiers.services import new_seal
from intake.outbox.services import post_together
from intake.submissions.delivery_kinds import DOSSIER, RECEIPT_MAIL, RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH
from intake.submissions.lifecycle.complement_endings import end_answered_request
from intake.submissions.lifecycle.errors import MoveNotAllowedError, OfferNotOpenError, StaleDraftError
from intake.submissions.lifecycle.locks import lock_to_file
from intake.submissions.lifecycle.operations import write_move
from intake.submissions.models import Draft, Filing, Receipt, Submission
from intake.submissions.rulings.operations import copy_rulings
from intake.submissions.states import TABLE, Action, State
from intake.web.constraints import broken_constraint

from .declarations import DECLARATIONS
from .errors import ComplementChangedError, DeclarationMissingError
from .evaluation import EvaluatedFiling, check_complement_scope, evaluate_filing, read_filing_inputs
from .payload import payload_of
from .records import write_filing, write_receipt_and_verdict

_CLOSED_CONSTRAINTS = {
    "filing_is_made_on_an_open_offer",
    "filing_is_received_before_closing",
    "filing_commits_within_a_minute_of_closing",
}


@dataclass(frozen=True, slots=True)
class _ReadVersions:
    """What the person had before them: which save of the draft, and which complement request. None is not known."""

    version: int | None
    asked: int | None


def file_draft(
    *,
    draft: Draft,
    actor: User,
    declarations: frozenset[str],
    review_message: str = "",
    reads_english: bool = False,
    seen: int | None = None,
    asked: int | None = None,
) -> Receipt:
    """File `draft` and return its receipt; filing the same draft again returns the same receipt.

    The answers, documents and rulebook are read under the locks of the submission and of its offer and judged there,
    unless the database's instant is outside this person's time to file: nothing else is read then. A change of the
    offer that is not committed yet is waited for, and obeyed. The filing, its seal, receipt, verdict, journal entry and
    the deliveries (receipt by mail and as a PDF, dossier) commit together or not at all. An open complement request is
    answered by it.
    `declarations` are the keys of those that were accepted. `review_message` asks that a person judge what the rules
    refuse: a verdict INELIGIBLE with nothing UNKNOWN left is then filed under reserve (access act, s. 65.2); with any
    other verdict there is nothing to ask, and it is let go. So is it where the answer to a complement is refused for
    what people overturned of the filing that stands: their rulings hold, and the reserve stays lifted. `reads_english`
    asks that the receipt's PDF say it in English too, after the French. `seen` is the draft's version as its person
    read it: as another save left it, it is not filed; `None` files whatever is there. `asked` is the complement request
    that they read (its primary key, 0 for none): another one is not answered; `None` answers whatever is asked.

    :raises OfferNotOpenError: if the database's instant is outside the offer's dates.
    :raises IncompleteError: if a section or a required document is missing.
    :raises NotEligibleError: if the verdict does not allow filing.
    :raises DeclarationMissingError: if a declaration was not accepted.
    :raises DraftGoneError: if the draft was let go meanwhile.
    :raises StaleDraftError: if the draft was saved since it was read.
    :raises MoveNotAllowedError: if the submission went past being filed or amended meanwhile, or is not the actor's.
    :raises ComplementChangedError: if another complement is asked for than the one that was read.
    :raises NotAskedError: if only a complement may still be sent, and something else than what is asked for changed.
    """
    missing = tuple(row.key for row in DECLARATIONS if row.key not in declarations)
    if missing:
        raise DeclarationMissingError(missing=missing)
    try:
        with transaction.atomic():
            receipt_pdf = RECEIPT_PDF_IN_ENGLISH if reads_english else RECEIPT_PDF
            return _file_under_lock(
                draft, actor, declarations, review_message.strip(), receipt_pdf, _ReadVersions(seen, asked)
            )
    except IntegrityError as refused:
        if broken_constraint(refused) in _CLOSED_CONSTRAINTS:
            raise OfferNotOpenError from refused
        raise


def _file_under_lock(
    draft: Draft,
    actor: User,
    declarations: frozenset[str],
    review_message: str,
    receipt_pdf: str,
    read: _ReadVersions,
) -> Receipt:
    submission, now = lock_to_file(draft)
    if submission.candidate_id != actor.pk:
        action = Action.FILE if submission.standing_filing_id is None else Action.AMEND
        raise MoveNotAllowedError(action=action, state=State(submission.state))
    if not submission.window.is_open(now):
        return _receipt_if_filed(draft, submission, now)
    held = read_filing_inputs(submission, draft)
    if held.draft.closed_at is not None:
        return Receipt.objects.select_related("filing").get(filing__draft=held.draft)
    if read.version is not None and held.draft.version != read.version:
        raise StaleDraftError(saved_at=held.draft.saved_at)
    if read.asked is not None and held.complement is not None and held.complement.pk != read.asked:
        raise ComplementChangedError
    check_complement_scope(submission, held, now)
    case = evaluate_filing(submission, held, now, review_message)
    if submission.state not in TABLE[case.action].sources:
        raise MoveNotAllowedError(action=case.action, state=State(submission.state))
    payload = payload_of(
        draft=case.draft,
        sequence=case.previous_sequence + 1,
        documents=case.documents,
        asks=case.asks,
        verdict=case.judgement,
        declarations=declarations,
        review_message=case.review_message if case.under_reserve else "",
        register_match=case.register_match,
    )
    seal = new_seal(payload=_with_closing_and_complement(payload, case), at=now)
    filing, number = write_filing(case, seal)
    receipt = write_receipt_and_verdict(filing, number, case)
    _attach_filing(filing, case, actor)
    if case.lifted is not None:
        copy_rulings(lifted=case.lifted, filing=filing, submission=submission, actor=actor)
    if case.complement is not None:
        end_answered_request(number=case.complement.pk, filing=filing, submission=submission, actor=actor)
    post_together(
        kinds_posted=[RECEIPT_MAIL, receipt_pdf, DOSSIER],
        key=receipt.number,
        subject=receipt,
        at=filing.received_at,
    )
    return receipt


def _receipt_if_filed(draft: Draft, submission: Submission, now: datetime) -> Receipt:
    """Return the receipt of a draft that was filed in time, as a click that waited for another one's lock finds it.

    Whoever is late is many: they are told so before anything dear is read. What is let through here is judged again by
    the triggers of the filing, on the same instant and by the same rule.

    :raises OfferNotOpenError: the draft is not filed, and no longer or not yet can be.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM submissions_draft WHERE id = %s AND closed_at IS NOT NULL", [draft.pk])
        is_filed = cursor.rowcount == 1
    if not is_filed:
        raise OfferNotOpenError(submission=submission, at=now)
    return Receipt.objects.select_related("filing").get(filing__draft=draft)


def _with_closing_and_complement(payload: Payload, case: EvaluatedFiling) -> Payload:
    """Return `payload` with what was done to the closing of its offer, and what it answers."""
    answers = case.complement.sealed if case.complement is not None else None
    return replace(payload, moved=case.moved, complement=answers)


def _attach_filing(filing: Filing, case: EvaluatedFiling, actor: User) -> None:
    """Let the submission stand on its new filing."""
    submission, answers, action = case.submission, case.draft.answers, case.action
    submission.standing_filing = filing
    submission.reserve = case.reserve
    names = (answers.get("last_name"), answers.get("first_name"))
    submission.filed_name = ", ".join(name for name in names if name)
    write_move(submission=submission, action=action, actor=actor)
