"""Mails and receipts of an offer of another time zone than Québec's: each instant is written in the offer's."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.outbox.messages import Letter
from intake.outbox.models import Delivery
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.mails.arrival_mail import compose_refusal
from intake.submissions.mails.complement_mails import (
    compose_complement,
    compose_complement_reminder,
    compose_complement_resumed,
)
from intake.submissions.mails.filing_mails import compose_receipt
from intake.submissions.mails.offer_mails import compose_change, compose_extension
from intake.submissions.mails.reminders import Reminder, compose_reminder
from intake.submissions.mails.withdrawal_mail import compose_withdrawal
from intake.submissions.models import PersonalExtension, Receipt, Submission
from intake.web import formats
from offers.models import Offer
from tests.factories.arrivals import make_refused_arrival
from tests.factories.complements import (
    close_after_filings,
    file_answer,
    make_filed_and_closed,
    request_complement_for,
    resume_without_complement,
)
from tests.factories.offers import mark_cancelled
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.submissions import make_arrival, make_draft, make_extension, make_filing, make_open_offer
from tests.submissions.filed_pages import submission_of, withdraw
from tests.submissions.pages import text_of
from tests.submissions.sent_mails import sent, with_plain_spaces

pytestmark = pytest.mark.django_db

Compose = Callable[[Delivery, datetime], Letter]


def _extend(offer: Offer, submission: Submission | None = None) -> PersonalExtension:
    return make_extension(offer, submission.candidate if submission else make_user(), days=20)


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
        body = with_plain_spaces(letter.text)
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


KIND = "WITHDRAWAL_MAIL"


FINAL = "Ce désistement est définitif."


AGAIN = "Vous pouvez faire un nouveau dépôt jusqu’au"


@pytest.fixture(scope="module")
def kept_receipt(module_db: None) -> Receipt:
    return make_filing(first_name="Anaïs", last_name="Roy")


def _delivery() -> Delivery:
    return Delivery.objects.get(kind=KIND)


def test_a_withdrawal_is_confirmed_by_one_mail_with_the_closing(receipt: Receipt) -> None:
    submission = submission_of(receipt)
    for _click in range(2):
        withdraw(receipt, reason="Ma mère est malade.")
    assert _delivery().key == receipt.number
    mail = sent(KIND)
    assert mail.to_address == submission.candidate.email
    closing = with_plain_spaces(formats.closing(submission.offer.closing))
    body = with_plain_spaces(mail.text)
    assert f"{AGAIN} {closing}" in body
    for unsaid in (FINAL, "malade", submission.candidate.email):
        assert unsaid not in body, unsaid


def test_the_withdrawal_mail_offers_a_new_submission_only_until_the_closing(receipt: Receipt) -> None:
    submission = submission_of(receipt)
    withdraw(receipt)
    closes_at, tick = submission.offer.closes_at, timedelta(microseconds=1)
    for at, is_open in ((closes_at - tick, True), (closes_at, False)):
        letter = compose_withdrawal(_delivery(), at)
        body = with_plain_spaces(letter.text)
        assert [AGAIN in body, "nouveau dépôt" in body, FINAL in body] == [is_open, is_open, not is_open]


def test_the_withdrawal_mail_gives_the_personal_deadline(receipt: Receipt) -> None:
    submission = submission_of(receipt)
    extension = make_extension(submission.offer, submission.candidate)
    withdraw(receipt)
    text = with_plain_spaces(compose_withdrawal(_delivery(), submission.offer.closes_at).text)
    assert f"{AGAIN} {with_plain_spaces(formats.closing(extension.closing))}" in text


def test_the_withdrawal_mail_of_a_cancelled_or_closed_offer_states_that_it_is_final(receipt: Receipt) -> None:
    offer = submission_of(receipt).offer
    close_after_filings(offer)
    withdraw(receipt)
    assert FINAL in with_plain_spaces(sent(KIND).text)
    other = make_filing()
    mark_cancelled(submission_of(other).offer_id)
    withdraw(other)
    letter = compose_withdrawal(Delivery.objects.get(kind=KIND, key=other.number), timezone.now())
    assert FINAL in with_plain_spaces(letter.text)
    assert "nouveau dépôt" not in letter.text + letter.html
