"""Refusal by the rules: the page gives the reason and the review request, and the receipt shows the rulings."""

from copy import deepcopy

import pytest

from intake.submissions.filing.forms import REVIEW_MESSAGE_MAX
from intake.submissions.models import Draft, Filing, Submission
from intake.submissions.states import HumanReview
from tests.factories.submissions import make_draft
from tests.submissions.pages import browser_of, pressed, text_of, url

pytestmark = pytest.mark.django_db

BUTTON = "Déposer et demander une révision"


@pytest.fixture(scope="module")
def kept_refused(module_db: None) -> Draft:
    return make_draft(birth_date="1970-01-01")


@pytest.fixture
def refused(kept_refused: Draft) -> Draft:
    return deepcopy(kept_refused)


def _reserve(draft: Draft) -> str:
    return Submission.objects.get(pk=draft.submission_id).reserve


def test_the_page_of_a_refused_draft_offers_a_human_review(refused: Draft) -> None:
    text = text_of(browser_of(refused).get(url("review", refused)).content)
    assert "calculé automatiquement" in text
    assert "Personne ne l’a encore examiné" in text
    assert BUTTON in text
    assert "Déposer ma candidature" not in text


def test_an_incomplete_refused_draft_announces_the_review() -> None:
    draft = make_draft(birth_date="1970-01-01", documents=False)
    text = text_of(browser_of(draft).get(url("review", draft)).content)
    assert BUTTON not in text
    assert "demander la révision par une personne" in text


def test_a_review_request_files_the_draft_and_displays_the_receipt(refused: Draft) -> None:
    client = browser_of(refused)
    answer = client.post(
        url("file", refused), pressed(refused, review_message="Mon acte dit 2001."), follow=True
    )
    assert _reserve(refused) == HumanReview.PENDING
    text = text_of(answer.content)
    assert "Candidature déposée, révision demandée" in text
    assert "Mon acte dit 2001." in text


@pytest.mark.parametrize("message", ["", " \n "])
def test_a_review_request_without_a_text_is_refused(refused: Draft, message: str) -> None:
    answer = browser_of(refused).post(
        url("file", refused), pressed(refused, review_message=message), follow=True
    )
    assert answer.status_code == 422
    assert "Écrivez en quelques mots pourquoi une personne devrait revoir ce résultat." in text_of(
        answer.content
    )
    assert (_reserve(refused), Filing.objects.count()) == (HumanReview.NONE, 0)


def test_a_review_message_too_long_is_displayed_again_as_typed(refused: Draft) -> None:
    message = "x" * (REVIEW_MESSAGE_MAX + 1)
    answer = browser_of(refused).post(
        url("file", refused), pressed(refused, review_message=message), follow=True
    )
    assert answer.status_code == 422
    assert message in text_of(answer.content)
    assert (_reserve(refused), Filing.objects.count()) == (HumanReview.NONE, 0)


def test_a_line_break_counts_as_one_character(refused: Draft) -> None:
    message = "x\r\n" * (REVIEW_MESSAGE_MAX // 2)
    browser_of(refused).post(url("file", refused), pressed(refused, review_message=message))
    assert _reserve(refused) == HumanReview.PENDING
