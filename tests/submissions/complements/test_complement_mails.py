"""The mails of a complement request: the reminder two days before, and the one that ends it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.mails.reminders import remind_of_complements
from intake.submissions.models import Submission
from intake.submissions.states import Action, State
from intake.web import formats
from offers.services.lifecycle import extend_deadline
from tests.factories.complements import (
    WORDS,
    expire_request,
    file_answer,
    request_complement_for,
    resume_without_complement,
    start_answer,
)
from tests.factories.offers import cancel_offer
from tests.factories.people import make_staff
from tests.factories.review import make_filed
from tests.factories.submissions import make_open_offer
from tests.submissions.sent_mails import sent, with_plain_spaces

pytestmark = pytest.mark.django_db
TWO_DAYS, TICK = timedelta(days=2), timedelta(minutes=1)


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
def test_an_ended_request_has_no_reminder(filed: Submission, what: Any) -> None:
    asked = request_complement_for(filed)
    soon = asked.due_at - TWO_DAYS
    with transaction.atomic():
        assert remind_of_complements(at=soon) == 1, "a request that nothing befell"
        transaction.set_rollback(True)
    what(filed)
    assert remind_of_complements(at=soon) == 0


@pytest.mark.parametrize(
    "left, reminded", [("interval '3 days'", 1), ("interval '3 days' - interval '1 microsecond'", 0)]
)
def test_a_request_of_less_than_three_days_has_no_reminder(
    filed: Submission, left: str, reminded: int
) -> None:
    asked = request_complement_for(filed)
    expire_request(asked, until=f"transaction_timestamp() + {left}", asked_at="transaction_timestamp()")
    assert remind_of_complements(at=asked.due_at - TWO_DAYS) == reminded


KIND = "COMPLEMENT_RESUMED_MAIL"
REASON = "La copie se lit, en l’agrandissant."


def _resume(submission: Submission) -> None:
    resume_without_complement(submission=submission, actor=make_staff(), reason=REASON)
    submission.refresh_from_db()


def test_the_resumption_mail_has_no_reason_and_requests_no_answer(filed: Submission) -> None:
    asked = request_complement_for(filed)
    start_answer(filed)
    _resume(filed)
    assert Delivery.objects.get(kind=KIND).key == str(asked.pk)
    mail = sent(KIND)
    assert mail.to_address == filed.candidate.email
    body = with_plain_spaces(mail.text)
    assert "Ce brouillon ne sera pas déposé" in body
    for unsaid in (REASON, WORDS, "modification", filed.candidate.email):
        assert unsaid not in body, unsaid


def test_the_resumption_mail_of_an_open_offer_states_its_closing() -> None:
    submission = make_filed(make_open_offer())
    request_complement_for(submission)
    _resume(submission)
    text = with_plain_spaces(sent(KIND).text)
    assert "déposer une modification de votre candidature" in text
    assert with_plain_spaces(formats.closing(submission.offer.closing)) in text
    assert "Ce brouillon ne sera pas déposé" not in text


# -- Conditions -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("left, told", [("interval '1 minute'", 1), ("interval '0 minutes'", 0)])
def test_no_resumption_mail_is_posted_after_the_due_date(filed: Submission, left: str, told: int) -> None:
    expire_request(request_complement_for(filed), until=f"transaction_timestamp() + {left}")
    _resume(filed)
    assert Delivery.objects.filter(kind=KIND).count() == told


def test_no_resumption_mail_is_posted_for_a_cancelled_offer(filed: Submission) -> None:
    request_complement_for(filed)
    cancel_offer(offer=filed.offer, author=make_staff(), reason="Fin.", at=timezone.now())
    _resume(filed)
    assert filed.state == State.SUBMITTED
    assert not Delivery.objects.filter(kind=KIND).exists()


def test_only_a_resumption_posts_the_mail_once_per_request(filed: Submission) -> None:
    request_complement_for(filed)
    request_complement_for(filed, words="Il manque aussi une page.")
    assert not Delivery.objects.filter(kind=KIND).exists()
    _resume(filed)
    move_submission(submission=filed, action=Action.START_REVIEW, actor=make_staff())
    assert Delivery.objects.filter(kind=KIND).count() == 1
    again = request_complement_for(filed)
    _resume(filed)
    assert Delivery.objects.filter(kind=KIND).count() == 2
    assert Delivery.objects.filter(kind=KIND, key=str(again.pk)).exists()


def test_an_offer_extended_meanwhile_leaves_time_to_answer(filed: Submission) -> None:
    expire_request(request_complement_for(filed))
    extend_deadline(
        offer=filed.offer,
        author=make_staff(),
        reason="Panne.",
        at=timezone.now(),
        closes_at=timezone.now() + timedelta(days=1),
    )
    _resume(filed)
    assert Delivery.objects.filter(kind=KIND).count() == 1
