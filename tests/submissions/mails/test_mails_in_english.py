"""Mails to a candidate: in French, then in English for who reads it; each instant in the zone of the offer."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from intake.dossiers.services import read_seal
from intake.outbox import tasks
from intake.outbox.models import Delivery, Message
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.delivery_kinds import RECEIPT_PDF_IN_ENGLISH
from intake.submissions.filing.operations import file_draft
from intake.submissions.mails import filing_mails, offer_mails
from intake.submissions.mails.arrival_mail import compose_refusal
from intake.submissions.mails.offer_mails import reads_english
from intake.submissions.mails.reminders import Reminder, compose_reminder
from intake.submissions.models import Draft, Ruling, Submission
from intake.submissions.offer_changes.operations import post_change_mails
from intake.submissions.rulings.queries import refused_positions
from intake.web import formats
from offers.models import Offer
from offers.services.lifecycle import extend_deadline
from tests.factories.arrivals import make_refused_arrival
from tests.factories.complements import (
    make_filed_and_closed,
    request_complement_for,
    resume_without_complement,
)
from tests.factories.people import make_staff, make_user
from tests.factories.review import make_dossier, make_filed_for_review, make_ruling
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    make_draft,
    make_extension,
    make_filing,
    make_open_offer,
)
from tests.submissions.sent_mails import sent, with_plain_spaces

pytestmark = pytest.mark.django_db


def _file(draft: Draft, *, in_english: bool) -> None:
    actor = draft.submission.candidate
    file_draft(draft=draft, actor=actor, declarations=ALL_DECLARATIONS, reads_english=in_english)


@pytest.mark.django_db(transaction=True)  # in one transaction, all are received at the same instant
def test_the_latest_receipt_decides_the_language_of_later_mails() -> None:
    person = make_user()
    assert not reads_english(person)
    _file(make_draft(candidate=person), in_english=True)
    assert reads_english(person)
    assert not reads_english(make_user())
    _file(make_draft(candidate=person), in_english=False)
    assert not reads_english(person)


@pytest.mark.parametrize("in_english", [True, False])
def test_a_personal_deadline_is_announced_in_french_then_in_english(*, in_english: bool) -> None:
    draft = make_draft()
    person, offer = draft.submission.candidate, draft.submission.offer
    _file(draft, in_english=in_english)
    make_extension(offer, person)
    mail = sent("PERSONAL_EXTENSION_MAIL")
    body = with_plain_spaces(mail.text)
    assert "Nous vous accordons une date limite personnelle" in body
    assert ("We grant you a personal deadline" in body) is in_english
    assert ("remains valid" in body) is in_english
    assert (" / " in mail.subject) is in_english


@pytest.mark.parametrize("in_english", [True, False])
def test_a_change_of_an_offer_is_announced_in_french_then_in_english(*, in_english: bool) -> None:
    draft, at = make_draft(), timezone.now()
    offer = draft.submission.offer
    _file(draft, in_english=in_english)
    closes_at = offer.closes_at + timedelta(days=1)
    extend_deadline(offer=offer, author=make_staff(), reason="Panne.", at=at, closes_at=closes_at)
    post_change_mails(Delivery.objects.get(kind="OFFER_CHANGE"), at)
    mail = sent("OFFER_CHANGE_MAIL")
    assert ("\n----\n" in mail.text, " / " in mail.subject) == (in_english, in_english)


@pytest.mark.parametrize("in_english", [True, False])
def test_a_receipt_is_mailed_in_french_then_in_english(*, in_english: bool) -> None:
    _file(make_draft(), in_english=in_english)
    mail = sent("RECEIPT_MAIL")
    body = with_plain_spaces(mail.text)
    assert "Vous n’avez rien d’autre à faire. Un second courriel suit" in body
    assert ("You have nothing else to do. A second email follows" in body) is in_english
    assert ("What happens next: the offer receives applications until" in body) is in_english
    assert mail.html.count("<h1>") == 1
    assert ("receipt" in mail.subject.partition(" / ")[2]) is in_english


@pytest.mark.parametrize("in_english", [True, False])
def test_an_answer_to_a_review_request_gives_each_finding_in_both_languages(*, in_english: bool) -> None:
    submission = make_filed_for_review(make_open_offer())
    filing = submission.standing_filing
    assert filing is not None
    if in_english:
        Delivery.objects.filter(kind="RECEIPT_PDF").update(kind=RECEIPT_PDF_IN_ENGLISH)
    (position,) = refused_positions(read_seal(filing.seal).verdict)
    make_ruling(submission, position, Ruling.Decision.CONFIRMED, reason="Vu l’acte <b>1er mai</b>.")
    mail = sent("RULINGS_MAIL")
    french, _rule, english = mail.text.partition("\n----\n")
    assert "Âge" in french
    assert "le 1er janvier 1970" in with_plain_spaces(french)
    for said in ("Age", "January 1, 1970", "you do not meet this criterion", "Vu l’acte <b>1er mai</b>."):
        assert (said in with_plain_spaces(english)) is in_english, said
    assert "le 1<sup>er</sup> janvier 1970" in mail.html
    assert "Vu l’acte &lt;b&gt;1er mai&lt;/b&gt;." in mail.html, "text of a person: as written"
    assert (" / " in mail.subject) is in_english


def test_a_refused_arrival_is_mailed_with_the_hour_of_its_offer_in_both_languages() -> None:
    person, zone = make_user(), ZoneInfo("America/Vancouver")
    _file(make_draft(candidate=person), in_english=True)
    offer = make_open_offer(time_zone=zone.key)
    draft = make_draft(candidate=person, offer=offer, documents=False)
    arrival = make_refused_arrival(draft, reason="INCOMPLETE")
    letter = compose_refusal(Delivery(key=str(arrival.pk)), timezone.now())
    for language, text in zip(("fr", "en"), letter.text.split("\n----\n"), strict=True):
        with translation.override(language):
            day = formats.day(arrival.arrived_at.astimezone(zone).date())
            hour = formats.hour(arrival.arrived_at, zone=zone, seconds=True)
        assert with_plain_spaces(f"{day}, {hour}") in with_plain_spaces(text)


def test_a_reminder_of_a_draft_names_its_missing_sections_in_both_languages() -> None:
    person = make_user()
    _file(make_draft(candidate=person), in_english=True)
    draft = make_draft(candidate=person, offer=make_open_offer(), documents=False)
    window = draft.submission.window
    reminder = Reminder(draft.submission.pk, timedelta(days=2), window.closes_at)
    letter = compose_reminder(Delivery(key=reminder.key), timezone.now())
    french, _rule, english = letter.text.partition("\n----\n")
    assert "Document à ajouter" in with_plain_spaces(french)
    assert "Document to add" in with_plain_spaces(english)
    assert "is not submitted" in english
    assert "déposé" not in english


def _withdrawn(submission: Submission) -> None:
    withdraw_submission(submission=submission, actor=submission.candidate, reason="Un emploi.")


def _resumed(submission: Submission) -> None:
    request_complement_for(submission)
    resume_without_complement(submission=submission, actor=make_staff(), reason="Lisible.")


@pytest.mark.parametrize(
    "act, kind, french, english",
    [
        (_withdrawn, "WITHDRAWAL_MAIL", "désistement", "Your withdrawal is recorded"),
        (request_complement_for, "COMPLEMENT_REQUEST_MAIL", "Document à envoyer", "Answer the request"),
        (_resumed, "COMPLEMENT_RESUMED_MAIL", "rien à envoyer", "you have nothing more to send"),
    ],
)
def test_a_mail_has_an_english_part_for_who_read_their_receipt_in_english(
    act: Callable[[Submission], object], kind: str, french: str, english: str
) -> None:
    submission = make_filed_and_closed()
    Delivery.objects.filter(kind="RECEIPT_PDF").update(kind=RECEIPT_PDF_IN_ENGLISH)
    act(submission)
    mail = sent(kind)
    first, _rule, second = (with_plain_spaces(part) for part in mail.text.partition("\n----\n"))
    assert ("(English follows)" in first, french in first, french in second) == (True, True, False)
    assert english in second
    assert mail.subject.count(f"{submission.offer.number} – ") == 2


# -- Filing -----------------------------------------------------------------------------------------------------------


def test_a_receipt_mail_takes_eight_statements() -> None:
    make_filing()
    delivery = Delivery.objects.get(kind="RECEIPT_MAIL")
    with CaptureQueriesContext(connection) as captured:
        tasks.deliver_by_priority(delivery.pk)
    statements = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 8, "\n".join(statements)
    assert Message.objects.get(delivery=delivery).sent_at


def test_mails_of_an_offer_without_contact_use_the_contact_of_the_portal() -> None:
    reserved = make_filed_for_review(make_open_offer())
    assert reserved.standing_filing is not None
    receipt = reserved.standing_filing.receipt
    make_dossier(reserved)
    Offer.objects.filter(pk=reserved.offer_id).update(
        contact_email="", contact_unit="Bureau", contact_phone="418 555-0142"
    )
    extension = make_extension(reserved.offer, make_user())
    about = Delivery(key=receipt.number, subject_id=str(receipt.pk))
    for letter in (
        filing_mails.compose_receipt(about, timezone.now()),
        filing_mails.compose_dossier(about, timezone.now()),
        filing_mails.compose_rulings(about, timezone.now()),
        offer_mails.compose_extension(Delivery(key=str(extension.pk)), timezone.now()),
    ):
        assert settings.PORTAL_CONTACT_EMAIL in letter.text
