"""The mails of a complement request: scope, due date, instructions; once, and a reminder two days before."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.mails.complement_mails import is_request_obsolete
from intake.submissions.mails.reminders import remind_of_complements
from intake.submissions.models import Submission
from intake.submissions.offer_changes.operations import post_change_mails
from intake.web import formats
from offers.services.lifecycle import extend_deadline
from tests.factories.complements import (
    expire_request,
    file_answer,
    request_complement_for,
    resume_without_complement,
)
from tests.factories.offers import cancel_offer
from tests.factories.people import make_staff
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
