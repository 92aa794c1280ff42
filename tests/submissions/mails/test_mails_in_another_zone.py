"""Mails and receipts of an offer of another time zone than Québec's: each instant is written in the offer's."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.outbox.messages import Letter
from intake.outbox.models import Delivery
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.extensions.operations import extend_personal_deadline
from intake.submissions.mails.arrival_mail import compose_refusal
from intake.submissions.mails.complement_mails import (
    compose_complement,
    compose_complement_reminder,
    compose_complement_resumed,
)
from intake.submissions.mails.filing_mails import compose_receipt
from intake.submissions.mails.offer_mails import compose_change, compose_extension
from intake.submissions.mails.reminders import Reminder, compose_reminder
from intake.submissions.models import PersonalExtension, Submission
from offers.models import Offer
from tests.factories.arrivals import make_refused_arrival
from tests.factories.complements import (
    file_answer,
    make_filed_and_closed,
    request_complement_for,
    resume_without_complement,
)
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.submissions import make_arrival, make_draft, make_filing, make_open_offer
from tests.submissions.pages import text_of
from tests.submissions.sent_mails import with_plain_spaces

pytestmark = pytest.mark.django_db

Compose = Callable[[Delivery, datetime], Letter]


def _extend(offer: Offer, submission: Submission | None = None) -> PersonalExtension:
    days = timedelta(days=20)
    return extend_personal_deadline(
        offer=offer,
        candidate=submission.candidate if submission else make_user(),
        author=make_staff(),
        reason="Panne.",
        closes_on=max(offer.closes_on, timezone.now().astimezone(offer.zone).date()) + days,
        at=timezone.now(),
    )


def _change(offer: Offer, submission: Submission) -> Delivery:
    change = offer.changes.create(
        kind="CORRECTED", author=make_staff(), reason="Coquille.", details="Un", at=timezone.now()
    )
    return Delivery(key=f"{change.pk}-{submission.pk}", subject_id=str(submission.pk))


def _complements(offer: Offer) -> list[tuple[Compose, Delivery]]:
    submission = make_filed_and_closed(offer)
    asked = Delivery(key=str(request_complement_for(submission).pk))
    changed = (compose_change, _change(offer, submission))
    return [(compose_complement, asked), (compose_complement_reminder, asked), changed]


def _resumed(offer: Offer) -> list[tuple[Compose, Delivery]]:
    submission = make_filed_and_closed(offer)
    asked = request_complement_for(submission)
    resume_without_complement(submission=submission, actor=make_staff(), reason="Assez.")
    _extend(submission.offer, submission)
    return [(compose_complement_resumed, Delivery(key=str(asked.pk)))]


def _filings(offer: Offer) -> list[tuple[Compose, Delivery]]:
    submission = make_filed_and_closed(offer)
    request_complement_for(submission)
    receipt = file_answer(submission)
    first = make_filing(offer=make_open_offer(time_zone=offer.time_zone))
    return [
        (compose_receipt, Delivery(key=each.number, subject_id=str(each.pk))) for each in (receipt, first)
    ]


def _changes(offer: Offer) -> list[tuple[Compose, Delivery]]:
    arrived = make_arrival(make_draft(offer=offer)).submission
    filed = make_filing(offer=offer).filing.submission
    make_arrival(start_amendment(submission=filed, actor=filed.candidate))
    drafting = make_draft(offer=offer).submission
    return [(compose_change, _change(offer, each)) for each in (arrived, filed, drafting)]


def _extensions(offer: Offer) -> list[tuple[Compose, Delivery]]:
    drafting = make_draft(offer=offer).submission
    arrived = make_arrival(make_draft(offer=offer)).submission
    given = [_extend(offer, each) for each in (None, drafting, arrived)]
    return [(compose_extension, Delivery(key=str(each.pk))) for each in given]


def _drafts(offer: Offer) -> list[tuple[Compose, Delivery]]:
    draft = make_draft(offer=offer, documents=False)
    reminder = Reminder(draft.submission_id, timedelta(days=2), draft.submission.window.closes_at)
    refused = make_refused_arrival(make_draft(offer=offer, documents=False), reason="INCOMPLETE")
    return [(compose_reminder, Delivery(key=reminder.key)), (compose_refusal, Delivery(key=str(refused.pk)))]


@pytest.mark.parametrize("prepare", [_complements, _resumed, _filings, _changes, _extensions, _drafts])
def test_each_instant_of_a_mail_is_written_in_the_zone_of_its_offer(
    prepare: Callable[[Offer], list[tuple[Compose, Delivery]]],
) -> None:
    for compose, delivery in prepare(make_open_offer(time_zone="America/Vancouver")):
        letter = compose(delivery, timezone.now())
        for body in (with_plain_spaces(letter.text), with_plain_spaces(letter.html)):
            assert "(heure du Pacifique)" in body, compose
            assert "(heure de l’Est" not in body, compose


def test_each_instant_of_a_page_is_written_in_the_zone_of_its_offer() -> None:
    person = make_user()
    answered, asked = (
        make_filed_and_closed(make_open_offer(time_zone="America/Vancouver"), candidate=person)
        for _time in range(2)
    )
    for submission in (answered, asked):
        request_complement_for(submission)
    file_answer(answered)
    browser = client_of(person)
    browser.post(reverse("submissions:amend", args=[asked.public_id]))
    of_one = [
        reverse(f"submissions:{name}", args=[submission.public_id])
        for submission, names in ((answered, ("receipt", "follow")), (asked, ("follow", "tasks", "discard")))
        for name in names
    ]
    for page in (*of_one, reverse("submissions:mine")):
        text = text_of(browser.get(page).content)
        assert "(heure du Pacifique)" in text, page
        assert "(heure de l’Est" not in text, page
    # The person's last sign-in, beside the files, stays in Québec's time.
    assert "(heure du Pacifique)" in text_of(browser.get(reverse("own_data:own_data")).content)
