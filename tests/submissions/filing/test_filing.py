"""Filing: gated, sealed, once; by the database's clock. The seal contains what was evaluated."""

import io
import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone, translation
from pypdfium2 import PdfDocument

from eligibility.codec import facts_from_json
from intake.devtools.demonstration.offers import CRITERIA
from intake.dossiers.models import SignedReceipt
from intake.dossiers.sealed_payload import Payload
from intake.dossiers.services import read_seal
from intake.journal.models import Entry
from intake.outbox import tasks
from intake.outbox.models import Delivery
from intake.submissions.attachments.operations import attach_document
from intake.submissions.filing.evaluation import IncompleteError, NotEligibleError
from intake.submissions.filing.operations import DeclarationMissingError, file_draft
from intake.submissions.lifecycle.errors import DraftClosedError, OfferNotOpenError
from intake.submissions.models import Draft, DraftDocument, Filing, PersonalExtension, Receipt, Verdict
from intake.submissions.receipts.queries import statement_of
from intake.submissions.states import State
from intake.web import formats
from offers.models import DocumentRequest, Offer, RulebookVersion
from tests.factories.payloads import seal_payload
from tests.factories.people import make_user
from tests.factories.review import make_filed_for_review
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    make_draft,
    make_extension,
    make_filing,
    make_open_offer,
    make_upload,
    without_triggers_on_offers,
)
from tests.submissions.pages import browser_of, file_now, save_answers, text_of, url
from tests.submissions.rows import transaction_instant
from tests.submissions.sent_mails import sent, with_plain_spaces

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
    kinds = Delivery.objects.filter(key=receipt.number).values_list("kind", flat=True)
    assert sorted(kinds) == ["DOSSIER", "RECEIPT_MAIL", "RECEIPT_PDF"]


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


def test_a_filed_draft_no_longer_changes() -> None:
    receipt = make_filing()
    with pytest.raises(DraftClosedError):
        save_answers(receipt.filing.draft, "statut", {"legal_status": "OTHER"})
    assert Draft.objects.get(pk=receipt.filing.draft_id).answers == receipt.filing.draft.answers


def _sealed(receipt: Receipt) -> Payload:
    return read_seal(receipt.filing.seal)


# -- The candidate's deadline, wherever it is shown ----------------------------------------------------------------
@pytest.fixture(scope="module")
def kept_extended(module_db: None) -> tuple[Draft, PersonalExtension]:
    draft = make_draft()
    offer, candidate = draft.submission.offer, draft.submission.candidate
    given = make_extension(offer, candidate, days=9)
    return Draft.objects.get(pk=draft.pk), given


@pytest.fixture
def extended(kept_extended: tuple[Draft, PersonalExtension]) -> tuple[Draft, PersonalExtension]:
    """A draft for an open offer, whose candidate has nine days more than the others."""
    return deepcopy(kept_extended)


def _in_words(at: datetime, offer: Offer) -> str:
    """Return a closing's date as pages write it, without the hour, which all closings share."""
    return with_plain_spaces(formats.closing(at.astimezone(offer.zone))).partition(",")[0]


def test_each_page_states_the_personal_closing(extended: tuple[Draft, PersonalExtension]) -> None:
    draft, given = extended
    offer, client = draft.submission.offer, browser_of(draft)
    closing = _in_words(given.closes_at, offer)
    for page in (url("tasks", draft), url("review", draft), offer.get_absolute_url(), "/candidatures/"):
        assert closing in with_plain_spaces(text_of(client.get(page).content)), page
    file_now(draft)
    shown = with_plain_spaces(text_of(client.get(url("receipt", draft)).content))
    assert f"Votre date limite personnelle est le {closing}" in shown
    for kind in ("RECEIPT_MAIL", "PERSONAL_EXTENSION_MAIL"):
        assert closing in with_plain_spaces(sent(kind).text), kind


def test_the_signed_receipt_states_the_personal_closing(extended: tuple[Draft, PersonalExtension]) -> None:
    draft, given = extended
    receipt = file_now(draft)
    offer = draft.submission.offer
    assert statement_of(receipt).closing == given.closes_at > offer.closes_at
    sealed = _sealed(receipt)
    assert datetime.fromisoformat(sealed.call.closes_at) == offer.closes_at
    assert (sealed.extended_until, sealed.closed_at) == (given.closes_at, given.closes_at)
    tasks.deliver(Delivery.objects.get(kind="RECEIPT_PDF").pk)
    signed = SignedReceipt.objects.get()
    assert datetime.fromisoformat(json.loads(signed.twin)["receipt"]["closes_at"]) == given.closes_at
    with signed.file.open("rb") as stored:
        pages = PdfDocument(io.BytesIO(stored.read()))
    shown = with_plain_spaces(" ".join(page.get_textpage().get_text_range() for page in pages))
    assert _in_words(given.closes_at, offer) in shown
    assert _in_words(offer.closes_at, offer) not in shown


def test_the_public_calendar_has_the_common_closing_for_every_reader(
    extended: tuple[Draft, PersonalExtension],
) -> None:
    draft, given = extended
    address = f"/offres/{draft.submission.offer.number}.ics"
    theirs, anybodys = browser_of(draft).get(address), Client().get(address)
    assert theirs.content == anybodys.content
    assert f"{given.closes_at.astimezone(UTC):%Y%m%dT%H%M}".encode() not in theirs.content


# -- Documents -----------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def kept_reversed_draft(module_db: None) -> Draft:
    draft = make_draft(documents=False)
    candidate = draft.submission.candidate
    # Give the last row the first position, so that neither the rows' ids nor their attachment follow the offer's order.
    for position, request in enumerate(draft.submission.offer.documents.order_by("-pk")):
        request.position = 100 + position
        request.save(update_fields=["position"])
    asked = draft.submission.offer.documents.filter(required=True).order_by("-position")
    for rank, request in enumerate(asked):
        upload = make_upload(candidate, kind=request.kind, name=f"{request.kind}.pdf")
        upload.sha256 = f"{rank:064}"
        upload.save(update_fields=["sha256"])
        attach_document(draft=draft, request=request, upload=upload, actor=candidate)
    return Draft.objects.get(pk=draft.pk)


@pytest.fixture
def reversed_draft(kept_reversed_draft: Draft) -> Draft:
    """A draft whose documents were attached, and whose requests were created, in the reverse order of the offer's."""
    return deepcopy(kept_reversed_draft)


def test_documents_are_sealed_in_the_order_of_the_offer(reversed_draft: Draft) -> None:
    asked = reversed_draft.submission.offer.documents.filter(required=True).order_by("position")
    held = {row.request_id: row.upload.sha256 for row in reversed_draft.documents.select_related("upload")}
    receipt = file_now(reversed_draft)
    sealed = _sealed(receipt).documents
    assert [row.kind for row in sealed] == [request.kind for request in asked]
    assert [row.sha256 for row in sealed] == [held[request.pk] for request in asked]
    assert statement_of(receipt).documents == tuple(row.sha256 for row in sealed)


def test_a_file_of_another_user_is_not_attached() -> None:
    draft = make_draft(documents=False)
    before = DraftDocument.objects.count()
    request = draft.submission.offer.documents.get(kind="CV")
    with pytest.raises(ValueError, match="its own candidate's files"):
        attach_document(
            draft=draft, request=request, upload=make_upload(make_user()), actor=draft.submission.candidate
        )
    assert DraftDocument.objects.count() == before


def test_no_field_of_the_form_attaches_a_stored_file() -> None:
    draft, kept = make_draft(documents=False), make_upload(make_user())
    before = DraftDocument.objects.count()
    page = url("document", draft, draft.submission.offer.documents.get(kind="CV").pk)
    named = {
        "upload": kept.pk,
        "upload_id": kept.pk,
        "public_id": kept.public_id,
        "file": str(kept.public_id),
    }
    assert browser_of(draft).post(page, named).status_code == 422
    assert DraftDocument.objects.count() == before


def _attach(draft: Draft, request: DocumentRequest) -> DraftDocument:
    candidate = draft.submission.candidate
    return attach_document(
        draft=draft, request=request, upload=make_upload(candidate, kind=request.kind), actor=candidate
    )


def test_a_document_requested_by_another_offer_is_not_attached() -> None:
    draft, other = make_draft(documents=False), make_open_offer()
    before = DraftDocument.objects.count()
    with pytest.raises(ValueError, match="for its own offer"):
        _attach(draft, other.documents.get(kind="CV"))
    page = url("document", draft, other.documents.get(kind="CV").pk)
    assert browser_of(draft).get(page).status_code == 404
    assert DraftDocument.objects.count() == before


def test_an_optional_document_may_be_left_out_and_a_required_one_may_not() -> None:
    offer = make_open_offer()
    asked = offer.documents.order_by("position")[0]
    DocumentRequest.objects.filter(pk=asked.pk).update(required=False)
    draft = make_draft(offer=offer)
    assert not draft.documents.filter(request=asked).exists()
    assert asked.kind not in {row.kind for row in _sealed(file_now(draft)).documents}
    DocumentRequest.objects.filter(pk=asked.pk).update(required=True)
    late = make_draft(offer=offer)
    late.documents.filter(request=asked).delete()
    with pytest.raises(IncompleteError) as refused:
        file_now(late)
    assert refused.value.documents == (asked.kind,)


# -- Texts, sequence and verdict -----------------------------------------------------------------------------------
def test_a_filing_is_sealed_in_french_from_an_english_page_too() -> None:
    draft = make_draft()
    with translation.override("en"):
        sealed = _sealed(file_now(draft))
    titles = {section.title for section in sealed.sections}
    with translation.override("fr"):
        assert titles == {section.title for section in _sealed(make_filing()).sections}
    assert "Coordonnées" in titles
    assert [accepted.text.split("’")[0].split(" ")[0] for accepted in sealed.declarations] == ["Je", "J"]


def test_a_review_message_without_a_refusal_is_not_sealed() -> None:
    assert _sealed(file_now(make_draft(), review_message="Un mot.")).review_message == ""
    reserved = make_filed_for_review(make_open_offer(), message="Un mot.").standing_filing
    assert reserved is not None
    assert read_seal(reserved.seal).review_message == "Un mot."


def test_a_verdict_contains_every_finding_that_decides_it() -> None:
    receipt = make_filing()
    findings = _sealed(receipt).verdict["findings"]
    deciding = [position for position, found in enumerate(findings) if found["effect"] == "BLOCK"]
    assert len(deciding) >= 2
    assert Verdict.objects.get(filing=receipt.filing).blocking == deciding


def test_a_verdict_is_computed_from_the_sealed_facts() -> None:
    criteria = [row for row in CRITERIA if row["kind"] != "LEGAL_STATUS"]
    offer = make_open_offer(criteria=criteria)
    receipt = make_filing(offer=offer)
    sealed = _sealed(receipt)
    facts_digest = facts_from_json(sealed.facts).digest
    assert sealed.verdict["facts_digest"] == facts_digest
    assert Verdict.objects.get(filing=receipt.filing).facts_digest == facts_digest


def test_unpublished_criteria_are_not_evaluated() -> None:
    offer = make_open_offer()
    published = RulebookVersion.objects.get(offer=offer)
    RulebookVersion.objects.create(
        offer=offer, number=2, criteria=[], reason="À l’essai.", created_at=timezone.now()
    )
    receipt = make_filing(offer=offer)
    assert Verdict.objects.get(filing=receipt.filing).rulebook == published
    with pytest.raises(NotEligibleError):
        file_now(make_draft(offer=offer, legal_status="TEMPORARY_PERMIT"))


def test_an_answer_without_a_question_is_sealed_as_an_empty_text() -> None:
    offer = make_open_offer(criteria=[row for row in CRITERIA if row["kind"] == "LEGAL_STATUS"])
    sealed = _sealed(make_filing(offer=offer))
    assert (sealed.person.birth_date, sealed.person.first_name) == ("", "Alex")
    assert sealed.facts.keys() == {"legal_status"}
