"""The mails of a complement request: scope, due date, instructions; once, and a reminder two days before."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from intake.outbox import kinds
from intake.outbox.models import Delivery
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.delivery_kinds import RECEIPT_PDF_IN_ENGLISH
from intake.submissions.mails.complement_mails import is_request_obsolete
from intake.submissions.mails.reminders import remind_of_complements
from intake.submissions.models import Submission
from intake.submissions.offer_changes.operations import post_change_mails
from intake.submissions.timeline.queries import mails_of
from intake.web import formats
from offers.services.lifecycle import extend_deadline
from tests.factories.complements import (
    WORDS,
    expire_request,
    file_answer,
    make_filed_and_closed,
    request_complement_for,
    resume_without_complement,
)
from tests.factories.offers import cancel_offer
from tests.factories.people import make_staff
from tests.submissions.sent_mails import sent, with_plain_spaces

pytestmark = pytest.mark.django_db
ASKED = "COMPLEMENT_REQUEST_MAIL"
TWO_DAYS, TICK = timedelta(days=2), timedelta(minutes=1)


@pytest.fixture(scope="module")
def kept_filed(module_db: None) -> Submission:
    return make_filed_and_closed()


@pytest.fixture
def filed(kept_filed: Submission) -> Submission:
    """A submission to an offer that closed an hour ago."""
    return deepcopy(kept_filed)


def test_the_request_mail_states_scope_due_date_and_instructions(filed: Submission) -> None:
    request_complement_for(filed, sections=["etudes"])
    mail = sent(ASKED)
    assert filed.standing_filing is not None
    number = filed.standing_filing.receipt.number
    assert mail.to_address == filed.candidate.email
    assert mail.subject == f"{filed.offer.number} – un complément est demandé pour votre candidature"
    text = with_plain_spaces(mail.text)
    for said in (
        f"votre candidature {number}",
        WORDS,
        "document à envoyer : Curriculum vitæ",
        "section à revoir : Études",
        "(heure de l’Est, Québec)",
        f"/candidatures/{filed.public_id}/suivi/",
        "Tant que vous n’avez pas déposé, nous ne recevons rien",
        "peut être déclarée non admissible",
    ):
        assert said in text, said
    assert "essai@exemple.invalid" in mail.text
    assert "English" not in mail.text
    for body in (mail.text, mail.html):
        assert "1998" not in body
        assert filed.candidate.email not in body
    assert max(len(line) for line in mail.text.splitlines() if "http" not in line) <= 60
    assert next(str(each.label) for each in mails_of(filed)) == "Demande de complément"


def test_the_request_mail_has_an_english_part_for_english_readers(filed: Submission) -> None:
    assert filed.standing_filing is not None
    receipt = filed.standing_filing.receipt
    Delivery.objects.filter(kind="RECEIPT_PDF", key=receipt.number).update(kind=RECEIPT_PDF_IN_ENGLISH)
    request_complement_for(filed, sections=["etudes"])
    mail = sent(ASKED)
    assert mail.subject.endswith(
        "/ " + f"{filed.offer.number} – additional information is requested for your application"
    )
    french, _rule, english = mail.text.partition("\n----\n")
    assert "(English follows)" in french
    assert "Un membre de l’équipe" in french
    for said in (WORDS, "section to review: Studies", "Eastern Time", "Answer the request"):
        assert said in with_plain_spaces(english), said
    assert "document à envoyer" not in english


# -- The reminder ---------------------------------------------------------------------------------------------------
def test_a_reminder_is_posted_once_two_days_before(filed: Submission) -> None:
    asked = request_complement_for(filed)
    told = [
        remind_of_complements(at=asked.due_at - left)
        for left in (TWO_DAYS + TICK, TWO_DAYS, TWO_DAYS - TICK, TICK, -TICK)
    ]
    assert (told[0], told[1], told[-1]) == (0, 1, 0)
    assert Delivery.objects.filter(kind="COMPLEMENT_REMINDER_MAIL").count() == 1


def _answered(submission: Submission) -> None:
    file_answer(submission)


def _resumed(submission: Submission) -> None:
    resume_without_complement(submission=submission, actor=make_staff(), reason="Lisible.")


def _withdrawn(submission: Submission) -> None:
    withdraw_submission(submission=submission, actor=submission.candidate, reason="Autre projet.")


def _cancelled(submission: Submission) -> None:
    cancel_offer(offer=submission.offer, author=make_staff(), reason="Fin.", at=timezone.now())


def _gone(submission: Submission) -> None:
    submission.candidate.is_active = False
    submission.candidate.save(update_fields=["is_active"])


@pytest.mark.parametrize("what", [_answered, _resumed, _withdrawn, _cancelled, _gone])
def test_an_ended_request_has_no_reminder_and_an_obsolete_mail(filed: Submission, what: Any) -> None:
    asked = request_complement_for(filed)
    soon = asked.due_at - TWO_DAYS
    delivery = Delivery.objects.get(kind="COMPLEMENT_REQUEST_MAIL")
    assert not is_request_obsolete(delivery, soon)
    with transaction.atomic():
        assert remind_of_complements(at=soon) == 1, "a request that nothing befell"
        transaction.set_rollback(True)
    what(filed)
    assert remind_of_complements(at=soon) == 0
    assert is_request_obsolete(delivery, soon)


@pytest.mark.parametrize(
    "left, reminded", [("interval '3 days'", 1), ("interval '3 days' - interval '1 microsecond'", 0)]
)
def test_a_request_of_less_than_three_days_has_no_reminder(
    filed: Submission, left: str, reminded: int
) -> None:
    asked = request_complement_for(filed)
    expire_request(asked, until=f"transaction_timestamp() + {left}", asked_at="transaction_timestamp()")
    assert remind_of_complements(at=asked.due_at - TWO_DAYS) == reminded


def test_a_request_mail_is_obsolete_after_the_due_instant(filed: Submission) -> None:
    asked = request_complement_for(filed)
    delivery = Delivery.objects.get(kind="COMPLEMENT_REQUEST_MAIL")
    assert not is_request_obsolete(delivery, asked.due_at - TICK)
    assert is_request_obsolete(delivery, asked.due_at)


def test_the_reminder_states_that_no_answer_was_filed(filed: Submission) -> None:
    expire_request(request_complement_for(filed), until="transaction_timestamp() + interval '47 hours'")
    assert remind_of_complements(at=timezone.now()) == 1
    mail = sent("COMPLEMENT_REMINDER_MAIL")
    assert mail.subject == f"{filed.offer.number} – rappel\u00a0: le complément demandé n’est pas déposé"
    text = with_plain_spaces(mail.text)
    assert "puis déposez-la" in text
    assert WORDS in text
    assert "Rappel : complément demandé" in {with_plain_spaces(str(each.label)) for each in mails_of(filed)}


def test_reminders_are_posted_by_the_periodic_job(filed: Submission) -> None:
    asked = request_complement_for(filed)
    periodic = next(kind for kind in kinds.registered() if kind.code == "COMPLEMENT_REMINDERS")
    assert periodic.every == timedelta(minutes=10)
    periodic.handler(Delivery(kind="COMPLEMENT_REMINDERS", key="x"), asked.due_at - TWO_DAYS)
    assert Delivery.objects.filter(kind="COMPLEMENT_REMINDER_MAIL").count() == 1


def test_a_mail_about_an_offer_states_its_closing_and_the_complement(
    filed: Submission,
) -> None:
    asked = request_complement_for(filed)
    extend_deadline(
        offer=filed.offer,
        author=make_staff(),
        reason="Panne.",
        at=timezone.now(),
        closes_at=timezone.now() + timedelta(days=1),
    )
    post_change_mails(Delivery.objects.get(kind="OFFER_CHANGE"), timezone.now())
    text = with_plain_spaces(sent("OFFER_CHANGE_MAIL").text)
    filed.offer.refresh_from_db()
    assert with_plain_spaces(formats.closing(filed.offer.closing)) in text
    asked_until = with_plain_spaces(formats.closing(asked.closing))
    assert f"le complément demandé, jusqu’au {asked_until}" in text
    assert text.count(asked_until) == 1, "it is the complement's alone"
