"""File a draft: lock, evaluate, seal, write. The database's clock gives the instant, and its triggers the deadline."""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, connection, transaction

from intake.accounts.models import User
from intake.base.database_errors import broken_constraint
from intake.dossiers.services import new_seal
from intake.outbox.services import post_together
from intake.submissions.delivery_kinds import DOSSIER, RECEIPT_MAIL, RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH
from intake.submissions.drafts.answer_merge import answer_conflicts
from intake.submissions.lifecycle.errors import (
    AnswersConflictError,
    MoveNotAllowedError,
    OfferNotOpenError,
    StaleDraftError,
    SubmissionError,
)
from intake.submissions.lifecycle.locks import lock_to_file
from intake.submissions.lifecycle.operations import end_answered_request, write_move
from intake.submissions.models import Draft, Receipt, Submission
from intake.submissions.questions.sections import sections_for
from intake.submissions.rulings.operations import copy_rulings
from intake.submissions.states import TABLE, Action, State

from .declarations import DECLARATIONS
from .evaluation import (
    EvaluatedFiling,
    check_complement_scope,
    evaluate_filing,
    read_filing_inputs,
)
from .payload import payload_of
from .records import write_filing, write_receipt_and_verdict


class ComplementChangedError(SubmissionError):
    """The open complement request is not the one that the page displayed. Nothing is filed."""

    code = "COMPLEMENT_CHANGED"


class ArrivalExpiredError(SubmissionError):
    """The portal did not file what arrived in time within `ARRIVAL_LASTS`: its own fault."""

    code = "ARRIVAL_EXPIRED"


class DeclarationMissingError(SubmissionError):
    """At least one declaration was not accepted: `missing` has the keys."""

    code = "DECLARATION_MISSING"

    def __init__(self, *, missing: tuple[str, ...]) -> None:
        self.missing = missing


ARRIVAL_LASTS: Final = timedelta(minutes=15)
"""How long an arrival may wait to be filed, as `sql/refuse_incomplete_or_late_commit.sql` checks: verifiers of the
public log take a receipt that comes later for a backdated one (`transparency.checking.FILING_MARGIN`)."""
_CLOSED_CONSTRAINTS = {
    "filing_is_made_on_an_open_offer",
    "filing_is_received_before_closing",
    "filing_commits_within_a_minute_of_closing",
    "filing_commits_within_15_minutes_of_its_arrival",
}


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

    If an arrival waits for the draft, the filing is received at its instant, and settles it.

    Answers, documents and rulebook are read and evaluated under the locks of the submission and its offer; an
    uncommitted change of the offer is waited for and applies. Outside the candidate's filing window nothing else is
    read. Filing, seal, receipt, verdict, journal entry and deliveries (receipt by mail and as a PDF, dossier) commit in
    one transaction. The filing answers an open complement request.

    `declarations`: keys of the accepted declarations. `review_message`: text of a review request; with it, a verdict
    INELIGIBLE with nothing UNKNOWN is filed for human review (access act, s. 65.2). It is dropped with any other
    verdict, and if earlier rulings are kept (`kept_rulings`). `reads_english`: the receipt's PDF is in French, then in
    English too. `seen`: version of the draft that the page displayed; None files any version. `asked`: primary key of
    the complement request that the page displayed, 0 if none; None answers any request.

    :raises OfferNotOpenError: if the database's instant is outside the candidate's filing window.
    :raises IncompleteError: if a section or a required document is missing.
    :raises NotEligibleError: if the verdict does not allow filing.
    :raises DeclarationMissingError: if a declaration was not accepted.
    :raises DraftGoneError: if the draft was discarded concurrently.
    :raises StaleDraftError: if the draft's version is not `seen`.
    :raises MoveNotAllowedError: if the submission's state allows no filing, or the submission is not the actor's.
    :raises ComplementChangedError: if the open complement request is not `asked`.
    :raises AnswersConflictError: if two pages answer a question differently, and the candidate has not chosen.
    :raises OutOfScopeChangeError: if only a complement may be sent, and a change is outside the request's scope.
    """
    check_declarations(declarations)
    try:
        with transaction.atomic():
            submission, now = lock_to_file(draft)
            if submission.candidate_id != actor.pk:
                action = Action.FILE if submission.standing_filing_id is None else Action.AMEND
                raise MoveNotAllowedError(action=action, state=State(submission.state))
            now = _instant_of_reception(submission, now)
            if not submission.window.is_open(now):
                return _receipt_if_filed(draft, submission, now)
            inputs = read_filing_inputs(submission, draft)
            if inputs.draft.closed_at is not None:
                return Receipt.objects.select_related("filing").get(filing__draft=inputs.draft)
            if seen is not None and inputs.draft.version != seen:
                raise StaleDraftError(saved_at=inputs.draft.saved_at)
            if asked is not None and inputs.complement is not None and inputs.complement.pk != asked:
                raise ComplementChangedError
            check_complement_scope(submission, inputs, now)
            if answer_conflicts(sections_for(inputs.asks), inputs.draft.answers):
                raise AnswersConflictError
            case = evaluate_filing(submission, inputs, now, review_message.strip())
            if submission.state not in TABLE[case.action].sources:
                raise MoveNotAllowedError(action=case.action, state=State(submission.state))
            receipt_pdf = RECEIPT_PDF_IN_ENGLISH if reads_english else RECEIPT_PDF
            return _seal(case, actor, declarations, receipt_pdf, now)
    except IntegrityError as refused:
        if broken_constraint(refused) in _CLOSED_CONSTRAINTS:
            raise OfferNotOpenError from refused
        raise


def _instant_of_reception(submission: Submission, now: datetime) -> datetime:
    """Return the instant of the arrival that waits for the draft of the locked submission, or else `now`.

    :raises ArrivalExpiredError: if it may not be filed any more.
    """
    if submission.arrived_at is None:
        return now
    if now >= submission.arrived_at + ARRIVAL_LASTS:
        raise ArrivalExpiredError
    return submission.arrived_at


def check_declarations(accepted: AbstractSet[str]) -> None:
    """Raise unless all declarations are among the `accepted` keys.

    :raises DeclarationMissingError: if one is not.
    """
    missing = tuple(row.key for row in DECLARATIONS if row.key not in accepted)
    if missing:
        raise DeclarationMissingError(missing=missing)


def _seal(
    case: EvaluatedFiling, actor: User, declarations: frozenset[str], receipt_pdf: str, now: datetime
) -> Receipt:
    submission, complement = case.submission, case.inputs.complement
    payload = payload_of(
        draft=case.inputs.draft,
        sequence=case.sequence,
        documents=case.inputs.documents,
        asks=case.asks,
        verdict=case.judgement,
        declarations=declarations,
        review_message=case.review_message if case.under_reserve else "",
        register_match=case.register_match,
    )
    answered = complement.sealed if complement is not None else None
    seal = new_seal(payload=replace(payload, moved=case.inputs.moved, complement=answered), at=now)
    filing, number = write_filing(case, seal)
    receipt = write_receipt_and_verdict(filing, number, case)
    action = case.action  # before the submission has a current filing: AMEND is another move
    submission.standing_filing = filing
    submission.reserve = case.reserve
    submission.filed_name = payload.person.sorted_name
    write_move(submission=submission, action=action, actor=actor)
    if case.lifted is not None:
        copy_rulings(lifted=case.lifted, filing=filing, submission=submission, actor=actor)
    if complement is not None:
        end_answered_request(number=complement.pk, filing=filing, submission=submission, actor=actor)
    post_together(
        kinds_posted=[RECEIPT_MAIL, receipt_pdf, DOSSIER],
        key=receipt.number,
        subject=receipt,
        at=filing.received_at if filing.arrival_id is None else None,
    )
    return receipt


def _receipt_if_filed(draft: Draft, submission: Submission, now: datetime) -> Receipt:
    """Return the receipt of a draft that was filed in time, for a second click that waited for the first one's lock.

    Reject a late request before the expensive queries: at closing time there are many. The triggers of the filing
    check the same rule at the same instant.

    :raises OfferNotOpenError: if the draft is not filed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM submissions_draft WHERE id = %s AND closed_at IS NOT NULL", [draft.pk])
        is_filed = cursor.rowcount == 1
    if not is_filed:
        raise OfferNotOpenError(submission=submission, at=now)
    return Receipt.objects.select_related("filing").get(filing__draft=draft)
