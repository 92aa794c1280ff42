"""The mail that confirms a withdrawal: posted once per withdrawal, and true when it is sent."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.delivery_kinds import RECEIPT_PDF_IN_ENGLISH
from intake.submissions.extensions.operations import extend_personal_deadline
from intake.submissions.mails.withdrawal_mail import compose_withdrawal, is_withdrawal_obsolete
from intake.submissions.models import Receipt
from intake.submissions.timeline.queries import mails_of
from intake.web import formats
from tests.factories.complements import close_after_filings
from tests.factories.offers import mark_cancelled
from tests.factories.people import make_staff
from tests.factories.submissions import make_filing
from tests.submissions.filed_pages import amend, file_again, submission_of, withdraw
from tests.submissions.sent_mails import sent, with_plain_spaces

pytestmark = pytest.mark.django_db

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
    delivery = _delivery()
    assert (delivery.key, delivery.subject_id) == (receipt.number, str(receipt.pk))
    mail = sent(KIND)
    assert mail.to_address == submission.candidate.email
    assert with_plain_spaces(mail.subject) == f"{submission.offer.number} – votre désistement est enregistré"
    closing = with_plain_spaces(formats.closing(submission.offer.closing))
    page = settings.SITE_URL.rstrip("/") + reverse("submissions:receipt", args=[submission.public_id])
    for body in (with_plain_spaces(mail.text), with_plain_spaces(mail.html)):
        for said in (
            "Anaïs Roy",
            receipt.number,
            "Le comité n’étudie plus votre candidature",
            f"{AGAIN} {closing}",
            "est conservé, avec son accusé de réception",
            "Vous n’avez pas demandé ce désistement ?",
            page,
        ):
            assert said in body, said
        for unsaid in (FINAL, "malade", "English", submission.candidate.email):
            assert unsaid not in body, unsaid
    assert max(len(line) for line in mail.text.splitlines() if "http" not in line) <= 60


def test_a_withdrawal_that_is_rolled_back_posts_no_mail(receipt: Receipt) -> None:
    with transaction.atomic():
        withdraw(receipt)
        assert _delivery().key == receipt.number
        transaction.set_rollback(True)
    assert not Delivery.objects.filter(kind=KIND).exists()


def test_each_withdrawal_has_its_own_mail_and_a_new_submission_ends_the_first(receipt: Receipt) -> None:
    withdraw(receipt)
    first = _delivery()
    again = file_again(amend(receipt))
    assert is_withdrawal_obsolete(first, timezone.now())
    withdraw(again)
    assert is_withdrawal_obsolete(first, timezone.now())
    second = Delivery.objects.get(kind=KIND, key=again.number)
    assert not is_withdrawal_obsolete(second, timezone.now())
    assert receipt.number not in compose_withdrawal(second, timezone.now()).text


def test_the_withdrawal_mail_offers_a_new_submission_only_until_the_closing(receipt: Receipt) -> None:
    submission = submission_of(receipt)
    withdraw(receipt)
    closes_at, tick = submission.offer.closes_at, timedelta(microseconds=1)
    for at, is_open in ((closes_at - tick, True), (closes_at, False)):
        letter = compose_withdrawal(_delivery(), at)
        for body in (with_plain_spaces(letter.text), with_plain_spaces(letter.html)):
            assert [AGAIN in body, "nouveau dépôt" in body, FINAL in body] == [is_open, is_open, not is_open]


def test_the_withdrawal_mail_gives_the_personal_deadline(receipt: Receipt) -> None:
    submission = submission_of(receipt)
    extension = extend_personal_deadline(
        offer=submission.offer,
        candidate=submission.candidate,
        author=make_staff(),
        reason="Panne.",
        closes_on=submission.offer.closes_on + timedelta(days=3),
        at=timezone.now(),
    )
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


def test_the_withdrawal_mail_has_an_english_part_for_english_readers(receipt: Receipt) -> None:
    Delivery.objects.filter(kind="RECEIPT_PDF", key=receipt.number).update(kind=RECEIPT_PDF_IN_ENGLISH)
    withdraw(receipt)
    mail = sent(KIND)
    french, _rule, english = mail.text.partition("\n----\n")
    assert "(English follows)" in french
    for said in (receipt.number, "Your withdrawal is recorded.", "You can make a new submission until"):
        assert said in with_plain_spaces(english), said
    assert "désistement" not in english


def test_the_withdrawal_mail_is_listed_for_its_candidate(receipt: Receipt) -> None:
    submission = submission_of(receipt)
    withdraw_submission(submission=submission, actor=submission.candidate, reason="Autre projet.")
    sent(KIND)
    told = mails_of(submission)[0]
    assert (str(told.label), told.number) == ("Confirmation de votre désistement", receipt.number)
    assert told.state.is_sent
