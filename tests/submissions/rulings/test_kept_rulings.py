"""Kept rulings: a complement that the rules refuse for the same findings keeps the earlier rulings."""

from typing import Any

import pytest
from django.test import Client

from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.audit.invariants import INVARIANTS
from intake.submissions.delivery_kinds import RECEIPT_MAIL
from intake.submissions.filing.evaluation import NotEligibleError
from intake.submissions.lifecycle.candidate_status import candidate_status_of
from intake.submissions.mails.filing_mails import compose_receipt
from intake.submissions.models import Draft, ReviewRequest, Ruling, Submission
from intake.submissions.states import HumanReview, State
from intake.submissions.timeline.queries import EventKind, events_of
from tests.factories.complements import request_complement_for, start_answer
from tests.factories.people import client_of
from tests.factories.review import make_filed_for_review, make_ruling
from tests.factories.submissions import make_open_offer
from tests.submissions.filed_pages import page_of, read
from tests.submissions.pages import file_now, own_copy, pressed, text_of

pytestmark = pytest.mark.django_db

AGE = 1
"""Position of the refused finding in the demonstration's rulebook."""
MESSAGE = "Mon acte de naissance dit 2001."
KEPT = "Une révision vous a déjà donné raison pour le dépôt"
KEPT_IN_MAIL = "une révision vous a déjà donné raison"


@pytest.fixture
def lifted() -> Submission:
    """A file refused for its age, overturned by a ruling, with an open complement request."""
    submission = make_filed_for_review(make_open_offer())
    make_ruling(submission, AGE, Ruling.Decision.OVERTURNED, reason="L’acte dit 2001.")
    submission.refresh_from_db()
    assert submission.reserve == HumanReview.LIFTED
    request_complement_for(submission, sections=["identite"])
    return submission


@pytest.fixture
def browser(lifted: Submission) -> Client:
    """The candidate's browser."""
    return client_of(lifted.candidate)


def _change(draft: Draft, **answers: Any) -> Draft:
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers | answers)
    return Draft.objects.get(pk=draft.pk)


def test_an_answer_refused_for_the_same_findings_keeps_the_rulings(lifted: Submission) -> None:
    first = lifted.standing_filing
    assert first is not None
    (ruled,) = first.rulings.all()
    receipt = file_now(_change(start_answer(lifted), first_name="Maëlle"))
    lifted.refresh_from_db()
    assert (lifted.state, lifted.reserve) == (State.SUBMITTED, HumanReview.LIFTED)
    assert lifted.standing_filing == receipt.filing
    (kept,) = receipt.filing.rulings.all()
    for name in ("position", "kind", "decision", "reason", "turn", "actor_id", "at"):
        assert getattr(kept, name) == getattr(ruled, name), name
    assert ReviewRequest.objects.get(filing=receipt.filing).message == MESSAGE
    assert Entry.objects.filter(action="RESERVE_KEPT_LIFTED", subject_id=str(lifted.public_id)).count() == 1
    assert {row.name: found for row in INVARIANTS if (found := [str(one) for one in row.violations()])} == {}


@pytest.mark.parametrize(
    "answers", [{"birth_date": "1970-01-02"}, {"domicile_province": "ON"}], ids=["another answer", "one more"]
)
def test_an_answer_with_other_findings_needs_new_rulings(lifted: Submission, answers: dict[str, str]) -> None:
    draft = _change(start_answer(lifted), **answers)
    with pytest.raises(NotEligibleError):
        file_now(draft)
    receipt = file_now(draft, review_message="Encore une erreur.")
    lifted.refresh_from_db()
    assert lifted.reserve == HumanReview.PENDING
    assert not receipt.filing.rulings.exists()


def test_an_eligible_answer_needs_no_human_review(lifted: Submission) -> None:
    draft = start_answer(lifted)
    born = lifted.offer.starts_on.replace(year=lifted.offer.starts_on.year - 25)
    receipt = file_now(_change(draft, birth_date=born.isoformat()))
    lifted.refresh_from_db()
    assert (lifted.reserve, receipt.filing.rulings.exists()) == (HumanReview.NONE, False)


def test_an_answer_during_a_pending_review_needs_a_new_request() -> None:
    submission = make_filed_for_review(make_open_offer())
    request_complement_for(submission)
    with pytest.raises(NotEligibleError):
        file_now(start_answer(submission))
    assert submission.filings.count() == 1


def test_an_unrequested_amendment_needs_a_new_review_request() -> None:
    submission = make_filed_for_review(make_open_offer())
    make_ruling(submission, AGE, Ruling.Decision.OVERTURNED)
    submission.refresh_from_db()
    draft = start_amendment(submission=submission, actor=submission.candidate)
    with pytest.raises(NotEligibleError):
        file_now(draft)
    page = read(client_of(submission.candidate), page_of("review", submission))
    assert MESSAGE in page, "nothing is to be typed again"
    assert "mais elle ne couvre pas vos changements" in page
    assert "Personne ne l’a encore examiné" not in page


def test_the_page_of_an_answer_with_kept_rulings_files_without_a_request(
    browser: Client, lifted: Submission
) -> None:
    draft = start_answer(lifted)
    page = read(browser, page_of("review", lifted))
    assert KEPT in page
    assert "Déposer ma réponse" in page
    assert "Déposer et demander une révision" not in page
    assert "Personne ne l’a encore examiné" not in page
    sent = pressed(draft, asked=str(lifted.complements.get().pk))
    assert browser.post(page_of("file", lifted), sent)["Location"] == page_of("receipt", lifted)
    receipt = read(browser, page_of("receipt", lifted))
    assert "révision demandée" not in receipt
    assert "ce critère n’empêche pas votre candidature" in receipt
    assert "L’acte dit 2001." in receipt


def test_the_page_of_an_answer_with_other_findings_prefills_the_message(
    browser: Client, lifted: Submission
) -> None:
    draft = _change(start_answer(lifted), birth_date="1970-01-02")
    page = read(browser, page_of("review", lifted))
    assert "Déposer et demander une révision" in page
    assert MESSAGE in page
    assert KEPT not in page
    assert "mais elle ne couvre pas vos changements" in page
    refused = browser.post(page_of("file", lifted), pressed(draft, review_message=""), follow=True)
    assert refused.status_code == 422
    assert MESSAGE not in text_of(refused.content), "what they erased stays so"


def test_the_timeline_displays_the_favourable_ruling_once(lifted: Submission) -> None:
    file_now(start_answer(lifted))
    found = own_copy(lifted)
    events = events_of(candidate_status_of(found, at=vars(found)["read_at"]))
    assert [event.kind for event in events].count(EventKind.RESERVE_LIFTED) == 1
    asked = {event.kind: event.under_reserve for event in events if event.is_filing}
    assert asked == {EventKind.FILED: True, EventKind.COMPLEMENT_ANSWERED: False}


def test_the_receipt_mail_of_kept_rulings_announces_no_new_ruling(lifted: Submission) -> None:
    first = lifted.standing_filing
    assert first is not None
    receipts = (first.receipt, file_now(start_answer(lifted)))
    letters = [
        compose_receipt(
            Delivery.objects.get(kind=RECEIPT_MAIL, key=receipt.number), receipt.filing.received_at
        )
        for receipt in receipts
    ]
    for form in ("text", "html"):
        before, after = (" ".join(getattr(letter, form).split()) for letter in letters)
        assert "vous envoie sa décision, avec ses motifs" in before
        assert "seulement si elle est favorable" in before
        assert KEPT_IN_MAIL not in before
        assert KEPT_IN_MAIL in after
        assert "avec ses motifs" not in after
        assert "seulement si elle est favorable" not in after
