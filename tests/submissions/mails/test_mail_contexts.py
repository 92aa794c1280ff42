"""Mails to candidates: full context, named contact, attachments."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from intake.dossiers.receipts.verifying import verifying_address
from intake.dossiers.services import read_seal
from intake.outbox import tasks
from intake.outbox.messages import Attachment, Letter
from intake.outbox.models import Delivery, Message
from intake.submissions.extensions.operations import extend_personal_deadline
from intake.submissions.filing.sealed_filing import read_filing
from intake.submissions.mails import filing_mails, offer_mails
from intake.submissions.mails.complement_mails import (
    compose_complement,
    compose_complement_reminder,
    compose_complement_resumed,
)
from intake.submissions.mails.offer_mails import compose_change, filed_mail_context
from intake.submissions.mails.reminders import LEAD_TIMES, Reminder, compose_reminder
from intake.submissions.models import Draft, PersonalExtension, Receipt, Ruling, Submission
from intake.submissions.receipts.queries import statement_of
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.complements import (
    file_answer,
    make_filed_and_closed,
    request_complement_for,
    resume_without_complement,
)
from tests.factories.offers import mark_cancelled
from tests.factories.people import make_staff, make_user
from tests.factories.review import make_dossier, make_filed_for_review, make_ruling, make_signed_receipt
from tests.factories.submissions import make_draft, make_filing, make_open_offer
from tests.submissions.sent_mails import composed_with_context

pytestmark = pytest.mark.django_db

SITE = settings.SITE_URL.rstrip("/")
UNIT = {"contact_unit": "Bureau d’essai", "contact_email": "bureau@exemple.invalid"}
PORTAL = {
    "contact_unit": settings.PORTAL_CONTACT_UNIT,
    "contact_email": settings.PORTAL_CONTACT_EMAIL,
}


def _name_no_address_of(offer: Offer) -> None:
    """Remove the offer's email address, so that only a telephone number remains."""
    Offer.objects.filter(pk=offer.pk).update(
        contact_email="", contact_unit="Bureau", contact_phone="418 555-0142"
    )


def _ask_the_unit_of(offer: Offer) -> None:
    Offer.objects.filter(pk=offer.pk).update(**UNIT)


def _delivery(kind: str, receipt: Receipt) -> Delivery:
    return Delivery(kind=kind, key=receipt.number, subject_id=str(receipt.pk))


def _about(receipt: Receipt, **changes: Any) -> dict[str, Any]:
    filing = receipt.filing
    submission = Submission.objects.get(pk=filing.submission_id)
    payload = read_seal(filing.seal)
    return {
        "receipt": receipt,
        "filing": filing,
        "replaced": filing.replaces,
        "offer": submission.offer,
        "person": payload.person,
        "call": payload.call,
        "documents": payload.documents,
        "window": submission.window,
        "complement": payload.complement,
        "asks_review": False,
        "portal_name": submission.offer.programme.name,
        "in_english": False,
        **UNIT,
        "page": SITE + reverse("submissions:receipt", args=[submission.public_id]),
    } | changes


# -- Filing -----------------------------------------------------------------------------------------------------------
def test_the_mail_of_a_receipt_gets_its_statement() -> None:
    receipt = make_filing()
    _ask_the_unit_of(receipt.filing.submission.offer)
    letter, given = composed_with_context(
        filing_mails.compose_receipt, _delivery("RECEIPT_MAIL", receipt), timezone.now()
    )
    facts = statement_of(receipt)
    assert given == _about(receipt, facts=facts, verify_address=verifying_address(facts))
    assert (letter.to, letter.attachments) == (receipt.filing.submission.candidate.email, ())


def test_a_receipt_mail_takes_eight_statements() -> None:
    make_filing()
    delivery = Delivery.objects.get(kind="RECEIPT_MAIL")
    with CaptureQueriesContext(connection) as captured:
        tasks.deliver_by_priority(delivery.pk)
    statements = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 8, "\n".join(statements)
    assert Message.objects.get(delivery=delivery).sent_at


def test_the_mail_of_an_answer_gets_the_request_and_the_replaced_filing() -> None:
    submission = make_filed_and_closed()
    request_complement_for(submission)
    receipt = file_answer(submission)
    _ask_the_unit_of(submission.offer)
    _letter, given = composed_with_context(
        filing_mails.compose_receipt, _delivery("RECEIPT_MAIL", receipt), timezone.now()
    )
    assert given["complement"] == read_seal(receipt.filing.seal).complement is not None
    assert given["replaced"].sequence == 1
    assert given["window"] == Submission.objects.get(pk=submission.pk).window


def test_mails_of_an_offer_without_contact_use_the_contact_of_the_portal() -> None:
    reserved = make_filed_for_review(make_open_offer())
    assert reserved.standing_filing is not None
    receipt = reserved.standing_filing.receipt
    make_dossier(reserved)
    _name_no_address_of(reserved.offer)
    extension = extend_personal_deadline(
        offer=reserved.offer,
        candidate=make_user(),
        author=make_staff(),
        reason="Panne.",
        closes_on=reserved.offer.closes_on + timedelta(days=2),
        at=timezone.now(),
    )
    mails: tuple[tuple[Any, Delivery], ...] = (
        (filing_mails.compose_receipt, _delivery("RECEIPT_MAIL", receipt)),
        (filing_mails.compose_dossier, _delivery("DOSSIER_MAIL", receipt)),
        (filing_mails.compose_rulings, _delivery("RULINGS_MAIL", receipt)),
        (offer_mails.compose_extension, Delivery(kind="PERSONAL_EXTENSION_MAIL", key=str(extension.pk))),
    )
    for compose, delivery in mails:
        letter, given = composed_with_context(compose, delivery, timezone.now())
        assert {key: given[key] for key in PORTAL} == PORTAL
        assert str(PORTAL["contact_email"]) in letter.text
    assert given["offer"].contact_email == ""


def _dossier_mail(receipt: Receipt) -> tuple[Letter, dict[str, Any]]:
    return composed_with_context(
        filing_mails.compose_dossier, _delivery("DOSSIER_MAIL", receipt), timezone.now()
    )


@pytest.mark.parametrize(
    "most, files",
    [(0, ["accuse"]), (1, ["accuse"]), (2, ["dossier", "accuse"]), (3, ["dossier", "accuse"])],
)
def test_the_mail_of_a_dossier_has_the_receipt_and_up_to_a_size_the_dossier(
    monkeypatch: pytest.MonkeyPatch, most: int, files: list[str]
) -> None:
    submission = make_filed_for_review(make_open_offer())
    assert submission.standing_filing is not None
    receipt = submission.standing_filing.receipt
    dossier, signed = make_dossier(submission), make_signed_receipt(submission)
    _ask_the_unit_of(submission.offer)
    sizes = {
        0: 0,
        1: dossier.size + signed.size - 1,
        2: dossier.size + signed.size,
        3: 5 << 20,
    }
    assert filing_mails.MAX_ATTACHMENT_BYTES == 5 * 1024 * 1024
    monkeypatch.setattr(filing_mails, "MAX_ATTACHMENT_BYTES", sizes[most])
    letter, given = _dossier_mail(receipt)
    made = {
        "dossier": Attachment(str(dossier.file.name), f"{receipt.number}.pdf", "application/pdf"),
        "accuse": Attachment(str(signed.file.name), f"{receipt.number}_accuse.pdf", "application/pdf"),
    }
    assert letter.attachments == tuple(made[name] for name in files)
    assert given == _about(
        receipt,
        dossier=dossier,
        attached="dossier" in files,
        receipt_attached="accuse" in files,
        asks_review=True,
    )


def test_the_mail_of_a_dossier_is_sent_without_missing_files() -> None:
    submission = make_filed_for_review(make_open_offer())
    assert submission.standing_filing is not None
    receipt = submission.standing_filing.receipt
    dossier = make_dossier(submission)
    assert [file.filename for file in _dossier_mail(receipt)[0].attachments] == [f"{receipt.number}.pdf"]
    signed = make_signed_receipt(submission)
    signed.file.storage.delete(str(signed.file.name))
    assert [file.filename for file in _dossier_mail(receipt)[0].attachments] == [f"{receipt.number}.pdf"]
    dossier.file.storage.delete(str(dossier.file.name))
    assert _dossier_mail(receipt)[0].attachments == ()
    asked = Delivery.objects.filter(key=f"{receipt.number}/2").order_by("kind")
    assert [row.kind for row in asked] == ["DOSSIER", "RECEIPT_PDF"]


@pytest.mark.parametrize("decision, upheld", [("CONFIRMED", True), ("OVERTURNED", False)])
def test_the_mail_of_a_review_gets_each_finding_with_its_ruling(decision: str, *, upheld: bool) -> None:
    submission = make_filed_for_review(make_open_offer())
    filing = submission.standing_filing
    assert filing is not None
    (position,) = [
        place
        for place, found in enumerate(read_filing(filing).verdict.findings)
        if found.outcome == "NOT_MET"
    ]
    make_ruling(submission, position, Ruling.Decision(decision), reason="Vu l’acte.")
    _ask_the_unit_of(submission.offer)
    _letter, given = composed_with_context(
        filing_mails.compose_rulings, _delivery("RULINGS_MAIL", filing.receipt), timezone.now()
    )
    finding = read_filing(filing).verdict.findings[position]
    row = filing_mails.AnsweredFinding(read_filing(filing).verdict, position, Ruling.objects.get())
    assert (row.shown.title, row.shown.reason) == ("Âge", finding.reason_fr)
    with translation.override("en"):
        assert (row.shown.title, row.shown.reason) == ("Age", finding.reason_en)
    assert given == _about(filing.receipt, rulings=[row], upheld=upheld, asks_review=True)


# -- Extensions -------------------------------------------------------------------------------------------------------
def _extended(offer: Offer, candidate: Any, *, days: int = 7) -> PersonalExtension:
    return extend_personal_deadline(
        offer=offer,
        candidate=candidate,
        author=make_staff(),
        reason="Panne.",
        closes_on=offer.closes_on + timedelta(days=days),
        at=timezone.now(),
    )


@pytest.mark.parametrize("begun, name", [("nothing", "start"), ("draft", "tasks"), ("filed", "receipt")])
def test_the_mail_of_an_extension_links_to_the_next_page_of_the_candidate(begun: str, name: str) -> None:
    offer, at = make_open_offer(), timezone.now()
    _ask_the_unit_of(offer)
    offer.refresh_from_db()
    if begun == "filed":
        candidate = make_filing(offer=offer).filing.submission.candidate
    else:
        candidate = make_draft(offer=offer).submission.candidate if begun == "draft" else make_user()
    extension = _extended(offer, candidate)
    letter, given = composed_with_context(
        offer_mails.compose_extension, Delivery(kind="PERSONAL_EXTENSION_MAIL", key=str(extension.pk)), at
    )
    submission = Submission.objects.filter(offer=offer, candidate=candidate).first()
    expected = {
        "offer": offer,
        "closing": extension.closing,
        "everyones": offer.closing,
        "has_draft": submission is not None,
        "portal_name": offer.programme.name,
        "in_english": False,
        **UNIT,
        "page": SITE
        + reverse(f"submissions:{name}", args=[submission.public_id if submission else offer.number]),
    }
    filed = filed_mail_context(submission, at) if submission is not None else {}
    assert given == filed | expected
    assert letter.to == candidate.email


def test_the_mail_of_an_extension_is_obsolete_after_its_end_or_a_cancellation() -> None:
    offer = make_open_offer()
    extension = _extended(offer, make_user())
    delivery = Delivery(kind="PERSONAL_EXTENSION_MAIL", key=str(extension.pk))
    tick, ends = timedelta(microseconds=1), extension.closes_at

    def is_obsolete(at: datetime) -> bool:
        return offer_mails.is_extension_obsolete(delivery, at)

    assert [is_obsolete(offer.closes_at), is_obsolete(ends - tick), is_obsolete(ends)] == [False, False, True]
    people = type(extension.candidate).objects.filter(pk=extension.candidate_id)
    people.update(is_active=False)
    assert is_obsolete(offer.closes_at)
    with as_owner():
        people.update(is_active=True)
    assert not is_obsolete(offer.closes_at)
    mark_cancelled(offer.pk)
    assert is_obsolete(offer.closes_at)


# -- Offer, draft, complement -----------------------------------------------------------------------------------------
def test_the_mail_of_a_change_gets_the_state_of_offer_and_submission() -> None:
    draft, at = make_draft(), timezone.now()
    offer = draft.submission.offer
    _ask_the_unit_of(offer)
    change = offer.changes.create(
        kind="CORRECTED", author=make_staff(), reason="Coquille.", details="Un\nDeux", at=at
    )
    delivery = Delivery(
        kind="OFFER_CHANGE_MAIL",
        key=f"{change.pk}-{draft.submission_id}",
        subject_id=str(draft.submission_id),
    )
    submission = Submission.objects.get(pk=draft.submission_id)
    for instant, page, is_open in ((at, "tasks", True), (offer.closes_at, "review", False)):
        letter, given = composed_with_context(compose_change, delivery, instant)
        assert given == {
            "change": change,
            "lines": ["Un", "Deux"],
            "offer": offer,
            "portal_name": offer.programme.name,
            "in_english": False,
            "now": instant,
            "is_open": is_open,
            "is_cancelled": False,
            **filed_mail_context(submission, instant),
            **UNIT,
            "page": SITE + reverse(f"submissions:{page}", args=[submission.public_id]),
            "offer_page": SITE + offer.get_absolute_url(),
        }
    assert letter.to == submission.candidate.email
    mark_cancelled(offer.pk)
    given = composed_with_context(compose_change, delivery, at)[1]
    assert (given["is_cancelled"], given["is_open"]) == (True, False)


def test_the_reminder_of_a_draft_gets_missing_parts_and_closing() -> None:
    draft, at = make_draft(documents=False, legal_status=None, first_name=None), timezone.now()
    submission, offer = draft.submission, draft.submission.offer
    _ask_the_unit_of(offer)
    key = Reminder(submission_id=submission.pk, stage=LEAD_TIMES[0], closes_at=offer.closes_at).key
    letter, given = composed_with_context(compose_reminder, Delivery(kind="DRAFT_REMINDER_MAIL", key=key), at)
    assert [str(title) for title in given.pop("sections")] == ["Identité", "Statut au Canada"]
    required = offer.documents.filter(required=True).order_by("position")
    assert given == {
        "offer": offer,
        "closing": submission.window.closing,
        "personal": False,
        "now": at,
        "documents": [row.label for row in required],
        "portal_name": offer.programme.name,
        "in_english": False,
        **UNIT,
        "page": SITE + reverse("submissions:tasks", args=[submission.public_id]),
    }
    assert letter.to == submission.candidate.email
    extension = _extended(offer, submission.candidate)
    key = Reminder(submission_id=submission.pk, stage=LEAD_TIMES[0], closes_at=extension.closes_at).key
    given = composed_with_context(compose_reminder, Delivery(kind="DRAFT_REMINDER_MAIL", key=key), at)[1]
    assert (given["personal"], given["closing"]) == (True, extension.closing)


def test_the_mails_of_a_complement_get_scope_and_address() -> None:
    submission = make_filed_and_closed()
    asked = request_complement_for(submission, sections=["etudes"])
    filing = submission.standing_filing
    assert filing is not None
    _ask_the_unit_of(submission.offer)
    delivery, at = Delivery(key=str(asked.pk)), timezone.now()
    usual = {
        "in_english": False,
        "person": read_seal(filing.seal).person,
        "number": filing.receipt.number,
        "call": submission.offer.number,
        "offer": submission.offer,
        "host": submission.offer.organisation_short or submission.offer.organisation,
        "portal_name": submission.offer.programme.name,
        **UNIT,
        "page": SITE + reverse("submissions:follow", args=[submission.public_id]),
    }
    for compose in (compose_complement, compose_complement_reminder):
        letter, given = composed_with_context(compose, delivery, at)
        assert [section.key for section in given.pop("sections")] == ["etudes"]
        assert [document.kind for document in given.pop("documents")] == ["CV"]
        assert given == usual | {"words": asked.words, "closing": asked.closing}
        assert letter.to == submission.candidate.email
    resume_without_complement(submission=submission, actor=make_staff(), reason="Assez.")
    resumed = usual | {"words": "", "closing": None}
    assert composed_with_context(compose_complement_resumed, delivery, at)[1] == resumed
    extension = extend_personal_deadline(
        offer=submission.offer,
        candidate=submission.candidate,
        author=make_staff(),
        reason="Panne.",
        closes_on=timezone.now().astimezone(submission.offer.zone).date() + timedelta(days=3),
        at=at,
    )
    assert composed_with_context(compose_complement_resumed, delivery, at)[1] == resumed | {
        "closing": extension.closing
    }
    assert not Draft.objects.filter(closed_at=None).exists()
