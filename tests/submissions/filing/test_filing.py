"""Filing: gated, sealed, once; by the database's clock."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from intake.dossiers.services import read_seal
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.submissions.filing.evaluation import IncompleteError, NotEligibleError
from intake.submissions.filing.operations import DeclarationMissingError, file_draft
from intake.submissions.lifecycle.errors import DraftClosedError, OfferNotOpenError
from intake.submissions.models import Draft, Filing
from intake.submissions.states import State
from offers.models import Offer
from tests.factories.payloads import seal_payload
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    make_draft,
    make_filing,
    without_triggers_on_offers,
)
from tests.submissions.pages import file_now, save_answers
from tests.submissions.rows import transaction_instant

pytestmark = pytest.mark.django_db


def _close_offer(offer: Offer, closes_at: datetime) -> None:
    """Set the closing instant past the trigger that forbids an earlier one."""
    with without_triggers_on_offers() as cursor:
        cursor.execute(
            "UPDATE offers_offer SET closes_at = %s, opens_at = LEAST(opens_at, %s - interval '1 day') WHERE id = %s",
            [closes_at, closes_at, offer.pk],
        )
    offer.refresh_from_db()


def test_a_filing_writes_all_rows_of_its_proof() -> None:
    draft = make_draft()
    receipt = file_now(draft)
    filing = receipt.filing
    submission = filing.submission
    submission.refresh_from_db()
    draft.refresh_from_db()
    assert submission.state == State.SUBMITTED
    assert submission.standing_filing == filing
    assert draft.closed_at == filing.received_at == transaction_instant()
    assert receipt.number.startswith(f"{submission.offer.number}-")
    assert filing.documents.count() == submission.offer.documents.filter(required=True).count()
    assert filing.verdict.outcome == "ELIGIBLE"
    assert submission.transitions.get().to_state == State.SUBMITTED
    assert Entry.objects.filter(action="SUBMISSION_FILE", subject_id=str(submission.public_id)).count() == 1
    assert set(Delivery.objects.values_list("kind", "key")) == {
        ("RECEIPT_MAIL", receipt.number),
        ("RECEIPT_PDF", receipt.number),
        ("DOSSIER", receipt.number),
    }


def test_filing_twice_returns_the_same_receipt() -> None:
    draft = make_draft()
    assert file_now(draft) == file_now(draft)
    assert Filing.objects.count() == 1


def test_missing_sections_and_documents_are_named() -> None:
    draft = make_draft(documents=False, city=None)
    with pytest.raises(IncompleteError) as refused:
        file_now(draft)
    assert refused.value.sections == ("coordonnees",)
    assert set(refused.value.documents) == {"CV", "MOTIVATION_LETTER", "TRANSCRIPT", "ENROLMENT_PROOF"}
    assert not Filing.objects.exists()


def test_an_ineligible_candidate_cannot_file() -> None:
    draft = make_draft(legal_status="TEMPORARY_PERMIT")
    with pytest.raises(NotEligibleError) as refused:
        file_now(draft)
    assert refused.value.verdict.outcome == "INELIGIBLE"
    assert not Filing.objects.exists()


@pytest.mark.parametrize("missing", sorted(ALL_DECLARATIONS))
def test_each_declaration_is_required_for_a_filing(missing: str) -> None:
    draft = make_draft()
    with pytest.raises(DeclarationMissingError) as refused:
        file_draft(draft=draft, actor=draft.submission.candidate, declarations=ALL_DECLARATIONS - {missing})
    assert refused.value.missing == (missing,)
    assert not Filing.objects.exists()


@pytest.mark.parametrize("late_by", [timedelta(0), timedelta(seconds=1), timedelta(days=2)])
def test_the_database_refuses_a_filing_at_or_after_closing(late_by: timedelta) -> None:
    draft = make_draft()
    _close_offer(draft.submission.offer, transaction_instant() - late_by)
    with pytest.raises(OfferNotOpenError):
        file_now(draft)
    assert not Filing.objects.exists()


def test_a_filing_at_the_closing_is_refused_without_the_application_too() -> None:
    seal = make_filing().filing.seal
    draft = make_draft()
    other = seal_payload(payload=read_seal(seal), at=timezone.now())
    _close_offer(draft.submission.offer, transaction_instant())
    with pytest.raises(IntegrityError, match="but the offer closed at"), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO submissions_filing (submission_id, sequence, draft_id, seal_id) VALUES (%s, 1, %s, %s)",
            [draft.submission_id, draft.pk, other.pk],
        )


def test_a_filing_one_microsecond_before_closing_is_accepted() -> None:
    draft = make_draft()
    _close_offer(draft.submission.offer, transaction_instant() + timedelta(microseconds=1))
    assert file_now(draft).filing.received_at == transaction_instant()


def test_the_instant_that_the_application_supplies_is_ignored() -> None:
    seal = make_filing().filing.seal
    draft = make_draft()
    other = seal_payload(payload=read_seal(seal), at=timezone.now())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO submissions_filing (submission_id, sequence, draft_id, seal_id, received_at)"
            " VALUES (%s, 1, %s, %s, '2001-01-01') RETURNING received_at",
            [draft.submission_id, draft.pk, other.pk],
        )
        (received_at,) = cursor.fetchone()
        transaction.set_rollback(True)
    assert received_at == transaction_instant()


@pytest.mark.django_db(transaction=True)
def test_a_filing_without_its_receipt_does_not_commit() -> None:
    receipt = make_filing()
    filing = receipt.filing
    other = make_draft()
    with pytest.raises(IntegrityError, match="receipt and its verdict"), transaction.atomic():
        seal = seal_payload(payload=read_seal(filing.seal), at=timezone.now())
        Filing.objects.create(submission=other.submission, sequence=1, draft=other, seal=seal)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_clicks_create_one_filing() -> None:
    draft = make_draft()

    def click(_index: int) -> str:
        try:
            return file_now(draft).number
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(click, range(16)))
    assert len(numbers) == 1
    assert Filing.objects.count() == 1
    assert Delivery.objects.filter(kind="RECEIPT_MAIL").count() == 1


def test_a_filed_draft_no_longer_changes() -> None:
    receipt = make_filing()
    with pytest.raises(DraftClosedError):
        save_answers(receipt.filing.draft, "statut", {"legal_status": "OTHER"})
    assert Draft.objects.get(pk=receipt.filing.draft_id).answers == receipt.filing.draft.answers
