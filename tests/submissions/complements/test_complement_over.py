"""The candidate's pages after a complement request has ended or its due date has passed."""

import pytest
from django.test import Client

from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import Action, State
from intake.web import formats
from tests.factories.complements import (
    expire_request,
    request_complement_for,
    resume_without_complement,
    start_answer,
)
from tests.factories.offers import mark_cancelled
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed
from tests.factories.submissions import close_offer, make_extension, make_open_offer
from tests.submissions.filed_pages import page_of, read
from tests.submissions.pages import pressed, text_of

pytestmark = pytest.mark.django_db

NO_WAY_BACK = "votre désistement sera définitif"
WENT_ON = "L’étude de votre candidature a repris sans complément"


def _cancel(submission: Submission) -> None:
    mark_cancelled(submission.offer_id)


def _resume(submission: Submission) -> Submission:
    """Resume the review without the complement, and start it."""
    staff = make_staff()
    resume_without_complement(submission=submission, actor=staff, reason="Lisible.")
    submission.refresh_from_db()
    move_submission(submission=submission, action=Action.START_REVIEW, actor=staff)
    submission.refresh_from_db()
    return submission


def _extend(submission: Submission) -> Submission:
    make_extension(submission.offer, submission.candidate, days=2)
    return Submission.objects.get(pk=submission.pk)


def _with_single_spaces(page: str) -> str:
    """Fold white space, as in the text of pages."""
    return " ".join(page.split())


# -- Withdrawing ----------------------------------------------------------------------------------------------------
def test_a_withdrawal_during_a_complement_after_closing_is_final(
    browser: Client, incomplete: Submission
) -> None:
    page = read(browser, page_of("withdraw", incomplete))
    assert NO_WAY_BACK in page
    assert "nouveau dépôt" not in page


def test_withdrawing_from_an_open_offer_mentions_no_due_day(incomplete: Submission) -> None:
    is_open = make_filed(make_open_offer(number="2031-900"))
    request_complement_for(is_open, days=10)
    close_offer(is_open.offer, seconds_ago=-3600)
    for submission in (is_open, _extend(incomplete)):
        window = Submission.objects.get(pk=submission.pk).window
        assert window.is_complement, "the request ends later than the rest"
        page = read(client_of(submission.candidate), page_of("withdraw", submission))
        assert NO_WAY_BACK not in page
        promised = page.split("vous pourrez faire un nouveau dépôt jusqu’au")[1].split("</li>")[0]
        assert _with_single_spaces(formats.closing(window.ordinary_closing)) in promised


# -- Resumed without the complement ---------------------------------------------------------------------------------
def test_an_unfiled_answer_after_a_resumption_is_explained_on_every_page(
    browser: Client, incomplete: Submission
) -> None:
    start_answer(incomplete)
    _resume(incomplete)
    for name in ("tasks", "review", "receipt", "follow"):
        page = read(browser, page_of(name, incomplete))
        assert WENT_ON in page, name
        assert (
            "Les inscriptions ont fermé le"
            not in page.split("Ce qui s’est passé")[0].split("Et maintenant")[0]
        )
    assert WENT_ON in read(browser, "/candidatures/")
    removed = browser.post(
        page_of("document_remove", incomplete, incomplete.offer.documents.get(kind="CV").pk), follow=True
    )
    assert WENT_ON in text_of(removed.content)


def test_after_the_review_started_no_page_announces_the_resumption(
    browser: Client, incomplete: Submission
) -> None:
    resume_without_complement(submission=incomplete, actor=make_staff(), reason="Lisible.")
    assert "reprend sans complément" in read(browser, "/candidatures/")
    incomplete.refresh_from_db()
    move_submission(submission=incomplete, action=Action.START_REVIEW, actor=make_staff())
    page = read(browser, "/candidatures/")
    assert "reprend sans complément" not in page
    assert "À l’étude" in page


def test_an_answer_after_the_review_resumed_is_refused_without_late_text(
    browser: Client, incomplete: Submission
) -> None:
    draft, asked = start_answer(incomplete), incomplete.complements.get()
    shown = pressed(draft, asked=str(asked.pk))
    _resume(incomplete)
    refused = browser.post(page_of("file", incomplete), shown)
    page = text_of(refused.content)
    assert (refused.status_code, WENT_ON in page) == (409, True)
    assert "empêché(e)" not in page
    assert "Heure officielle de votre demande" not in page


# -- The offer was cancelled ----------------------------------------------------------------------------------------
def test_after_a_cancellation_no_page_mentions_the_due_date(browser: Client, incomplete: Submission) -> None:
    start_answer(incomplete)
    _cancel(incomplete)
    cv = incomplete.offer.documents.get(kind="CV")
    for address in (page_of("document_remove", incomplete, cv.pk), page_of("amend", incomplete)):
        page = text_of(browser.post(address, follow=True).content)
        assert "L’offre est annulée : rien n’a été changé." in page, address
        assert "Le délai du complément est passé" not in page


def test_after_a_cancellation_an_answer_is_discarded_like_an_amendment(
    browser: Client, incomplete: Submission
) -> None:
    start_answer(incomplete)
    promises = ("Le complément reste demandé", "recommencer", "Abandonner ma réponse")
    page = read(browser, page_of("discard", incomplete))
    assert [words for words in promises if words in page] == [*promises]
    _cancel(incomplete)
    page = read(browser, page_of("discard", incomplete))
    assert [words for words in promises if words in page] == []
    gone = text_of(browser.post(page_of("discard", incomplete), follow=True).content)
    assert "La modification est abandonnée." in gone
    assert "Le complément reste demandé" not in gone


def test_after_a_cancellation_the_badge_is_that_of_the_filing(
    browser: Client, incomplete: Submission
) -> None:
    assert "Complément demandé" in read(browser, "/candidatures/")
    _cancel(incomplete)
    for page in (
        read(browser, "/candidatures/"),
        read(browser, page_of("follow", incomplete)).split("Ce qui s’est passé")[0],
        read(browser, page_of("receipt", incomplete)),
    ):
        assert "Complément demandé" not in page
        assert "Candidature déposée" in page
        assert "state-success" in page


# -- Discarded ------------------------------------------------------------------------------------------------------
def test_discarding_an_answer_states_that_the_request_stays_open(
    browser: Client, incomplete: Submission
) -> None:
    start_answer(incomplete)
    until = _with_single_spaces(formats.closing(incomplete.complements.get().closing))
    page = text_of(browser.post(page_of("discard", incomplete), follow=True).content)
    assert "Votre réponse est abandonnée." in page
    assert f"Le complément reste demandé : vous pouvez y répondre jusqu’au {until}." in page
    assert "La modification est abandonnée" not in page


def test_discarding_an_answer_after_the_due_date_promises_no_other(
    browser: Client, incomplete: Submission
) -> None:
    start_answer(incomplete)
    expire_request(incomplete.complements.get())
    page = text_of(browser.post(page_of("discard", incomplete), follow=True).content)
    assert "Votre réponse est abandonnée." in page
    assert "Le complément reste demandé" not in page


# -- Past its due date, with the offer open -------------------------------------------------------------------------
def test_an_overdue_complement_can_be_answered_while_the_offer_is_open() -> None:
    submission = make_filed(make_open_offer())
    asked = request_complement_for(submission)
    draft, browser = start_answer(submission), client_of(submission.candidate)
    expire_request(asked)
    for name in ("follow", "tasks", "receipt"):
        page = read(browser, page_of(name, submission))
        assert "l’offre est encore ouverte pour vous jusqu’au" in page, name
    for name in ("tasks", "review"):
        page = read(browser, page_of(name, submission))
        assert "Réponse au complément non déposée" in page, name
        assert "ne peut plus être déposée" not in page
        assert "ne peuvent plus être déposés" not in page
    assert "Déposer ma réponse" in page
    assert "Le complément reste demandé" in read(browser, page_of("discard", submission))
    filed = browser.post(page_of("file", submission), pressed(draft, asked=str(asked.pk)))
    assert filed["Location"] == page_of("receipt", submission)
    asked.refresh_from_db()
    submission.refresh_from_db()
    assert (asked.ending, asked.answered_by_id) == ("ANSWERED", submission.standing_filing_id)
    assert submission.state == State.SUBMITTED
    page = read(browser, page_of("receipt", submission))
    assert "Répond au complément" in page
    assert "Votre complément est entre nos mains" in page
