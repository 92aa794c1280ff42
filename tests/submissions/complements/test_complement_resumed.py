"""Staff resume a review before the complement's due date: the candidate is notified once, by a mail."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.outbox.selectors import deliveries_for
from intake.submissions.delivery_kinds import RECEIPT_PDF_IN_ENGLISH
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.mails.complement_mails import is_resumed_obsolete
from intake.submissions.models import Submission
from intake.submissions.states import Action, State
from intake.submissions.timeline.queries import mails_of
from intake.web import formats
from offers.services.lifecycle import extend_deadline
from tests.factories.complements import (
    WORDS,
    expire_request,
    make_filed_and_closed,
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
KIND = "COMPLEMENT_RESUMED_MAIL"
REASON = "La copie se lit, en l’agrandissant."


@pytest.fixture(scope="module")
def kept_filed(module_db: None) -> Submission:
    return make_filed_and_closed()


@pytest.fixture
def filed(kept_filed: Submission) -> Submission:
    """A submission to an offer that closed an hour ago."""
    return deepcopy(kept_filed)


def _resume(submission: Submission) -> None:
    resume_without_complement(submission=submission, actor=make_staff(), reason=REASON)
    submission.refresh_from_db()


def test_the_resumption_mail_has_no_reason_and_requests_no_answer(filed: Submission) -> None:
    asked = request_complement_for(filed)
    start_answer(filed)
    _resume(filed)
    delivery = Delivery.objects.get(kind=KIND)
    assert filed.standing_filing is not None
    receipt = filed.standing_filing.receipt
    assert (delivery.key, delivery.subject_id) == (str(asked.pk), str(receipt.pk))
    mail = sent(KIND)
    assert mail.to_address == filed.candidate.email
    assert with_plain_spaces(mail.subject) == (
        f"{filed.offer.number} – plus rien à envoyer : l’étude de votre candidature reprend"
    )
    for body in (with_plain_spaces(mail.text), with_plain_spaces(mail.html)):
        for said in (
            "n’est plus attendu",
            "L’équipe étudie votre dossier actuel",
            "Vous n’avez plus rien à envoyer",
            "rien n’est perdu",
            "Ce brouillon ne sera pas déposé",
            f"/candidatures/{filed.public_id}/suivi/",
        ):
            assert said in body, said
        for unsaid in (REASON, "agrandissant", WORDS, "modification", "English", filed.candidate.email):
            assert unsaid not in body, unsaid
    assert receipt.number in mail.text
    assert max(len(line) for line in mail.text.splitlines() if "http" not in line) <= 60


def test_the_resumption_mail_is_listed_for_candidate_and_staff(filed: Submission) -> None:
    request_complement_for(filed)
    _resume(filed)
    sent(KIND)
    told = mails_of(filed)[0]
    assert filed.standing_filing is not None
    assert with_plain_spaces(str(told.label)) == "Complément : plus rien à envoyer"
    assert told.number == filed.standing_filing.receipt.number
    assert KIND in deliveries_for(filed.standing_filing.receipt).values_list("kind", flat=True)


def test_the_resumption_mail_has_an_english_part_for_english_readers(filed: Submission) -> None:
    assert filed.standing_filing is not None
    number = filed.standing_filing.receipt.number
    Delivery.objects.filter(kind="RECEIPT_PDF", key=number).update(kind=RECEIPT_PDF_IN_ENGLISH)
    request_complement_for(filed)
    _resume(filed)
    mail = sent(KIND)
    french, _rule, english = mail.text.partition("\n----\n")
    assert "(English follows)" in french
    for said in (number, "you have nothing more to send", "This draft will not be submitted"):
        assert said in with_plain_spaces(english), said
    assert "rien à envoyer" not in english
    assert mail.subject.count(f"{filed.offer.number} – ") == 2


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


def test_the_mail_of_an_earlier_resumption_is_obsolete_after_a_later_one(filed: Submission) -> None:
    earlier = request_complement_for(filed)
    _resume(filed)
    later = request_complement_for(filed)
    _resume(filed)
    found = [is_resumed_obsolete(Delivery(key=str(each.pk)), timezone.now()) for each in (earlier, later)]
    assert found == [True, False]
