"""The page before filing: verdict, criteria, all answers, then the way to file or to request a human review."""

import re
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from lxml import html

from intake.devtools.demonstration.offers import CRITERIA, GRID
from intake.dossiers.services import read_seal
from intake.submissions.filing.forms import REVIEW_MESSAGE_MAX
from intake.submissions.models import Draft, Filing, Submission
from intake.submissions.states import HumanReview
from tests.factories.submissions import close_offer, make_draft, make_open_offer
from tests.submissions.pages import between, browser_of, file_now, pressed, text_of, url

pytestmark = pytest.mark.django_db

FORM = 'id="depot"'
BAR = "filing-bar-link"
MEND = "Revoir ma réponse<"


def _page(draft: Draft) -> str:
    return text_of(browser_of(draft).get(url("review", draft)).content)


def _in_order(page: str, *marks: str) -> bool:
    places = [page.index(mark) for mark in marks]
    return places == sorted(places)


def _advising(*kinds: str) -> list[dict[str, Any]]:
    """Return the usual criteria; those of `kinds` have no effect on the verdict."""
    return [row | {"effect": "ADVISE"} if row["kind"] in kinds else row for row in CRITERIA]


def test_failed_criteria_are_counted_and_each_has_a_link_to_its_answer() -> None:
    page = _page(make_draft(birth_date="1970-01-01", domicile_province="ON"))
    failed = between(page, "2 critères ne sont pas respectés", "6 critères respectés")
    assert failed.count(MEND) == failed.count('<section class="finding finding-not-met"') == 2
    assert _in_order(failed, "identite/", "residence/", 'href="#depot">Demander la révision par une personne')
    assert _in_order(page, "Non admissible", "2 critères ne sont pas", "Vos réponses<", BAR, FORM)
    assert "vous ne répondez pas à 2 critères de l’offre" in page


def test_a_failed_criterion_without_effect_is_not_counted() -> None:
    offer = make_open_offer(criteria=_advising("DOMICILE"))
    refused = _page(make_draft(offer=offer, birth_date="1970-01-01", domicile_province="ON"))
    assert "Un critère n’est pas respecté" in refused
    assert _in_order(
        refused, "Un critère n’est pas respecté", "Un point pour information", "6 critères respectés"
    )
    eligible = _page(make_draft(offer=offer, domicile_province="ON"))
    assert "respecté</h2>" not in eligible
    assert _in_order(eligible, "Admissible", "Un point pour information", "7 critères respectés")


def test_a_criterion_for_a_person_or_without_answer_is_no_failure() -> None:
    offer = make_open_offer()
    answers = make_draft(offer=offer).answers
    later = offer.starts_on + timedelta(days=900)
    studies = [answers["studies"][0] | {"expected_on": later.isoformat()}]
    page = _page(make_draft(offer=offer, studies=studies))
    assert _in_order(page, "À examiner", "Une personne examinera 1 critère", "7 critères respectés", FORM)
    assert "respecté</h2>" not in page
    both = _page(make_draft(offer=offer, studies=studies, birth_date="1970-01-01"))
    assert _in_order(both, "Un critère n’est pas respecté", "Une personne examinera", "6 critères respectés")
    unknown = _page(make_draft(legal_status=None))
    assert _in_order(unknown, "À compléter", "Il manque</h3>", "Un critère attend une réponse", "Répondre<")
    assert "respecté</h2>" not in unknown


def test_an_incomplete_page_lists_what_is_missing_first_and_has_no_button() -> None:
    draft = make_draft(documents=False, city="")
    page = _page(draft)
    missing = between(page, "Il manque</h3>", "</section>")
    cv = draft.submission.offer.documents.get(kind="CV")
    assert _in_order(missing, url("section", draft, "coordonnees"), url("document", draft, cv.pk))
    assert BAR not in page
    assert "Le bouton de dépôt apparaîtra ici" in page.split(FORM)[1]
    refused = _page(make_draft(documents=False, birth_date="1970-01-01"))
    assert _in_order(refused, "Non admissible", "Il manque</h3>", "demander la révision par une personne")


def _keep(draft: Draft, **texts: dict[str, str]) -> None:
    """Store texts that their fields cannot read, by section, without the answers in their place."""
    answers = draft.answers | {"birth_date": None, "unreadable": texts}
    Draft.objects.filter(pk=draft.pk).update(answers=answers)


def test_a_text_that_no_field_can_read_is_displayed_as_typed_and_is_missing() -> None:
    offer = make_open_offer(grid=GRID)
    draft = make_draft(offer=offer)
    number = offer.grid_lines.order_by("position")[0].pk
    _keep(
        draft,
        identite={"birth_date": "31 <février> 1998"},
        etudes={"studies-0-day": "en juin"},
        competences={f"line_{number}": "mot " * 200},
    )
    page = _page(draft)
    assert BAR not in page
    missing = between(page, "Il manque</h3>", "</ul>")
    assert missing.count("</a> — 1 réponse à corriger</li>") == 3
    born = between(page, "<dt>Date de naissance</dt>", "</dd>")
    assert _in_order(
        born,
        "31 &lt;février&gt; 1998",
        "Cette date est illisible.",
        url("section", draft, "identite"),
        "Modifier",
    )
    assert "Sans réponse" not in born
    studies = between(page, "<dt>Programme 1</dt>", "</dd>")
    assert _in_order(
        studies, "Date du diplôme, obtenu ou prévu :", "en juin", "#id_studies-0-day", "Modifier"
    )
    grid = between(page, 'id="partie-competences"', "</section>")
    assert "mot mot" in grid
    assert 'class="folded"' not in page


def test_a_text_that_has_become_readable_is_to_be_saved_again(draft: Draft) -> None:
    _keep(draft, identite={"birth_date": "31 janvier 1998"})
    born = between(_page(draft), "<dt>Date de naissance</dt>", "</dd>")
    assert _in_order(born, "31 janvier 1998", "Enregistrez de nouveau cette réponse.")


def test_a_long_section_is_folded_and_complete() -> None:
    offer = make_open_offer(grid=GRID)
    page = _page(make_draft(offer=offer))
    folded = between(page, 'id="partie-competences"', "</section>")
    assert 'class="folded"' in folded
    assert page.count('class="folded"') == 1
    assert "Lire les" in folded
    for line in offer.grid_lines.filter(requirement="REQUIRED"):
        assert f"Deux ans à l’Université d’essai, point {line.position}." in folded


def test_a_late_page_states_that_its_result_has_no_effect_and_offers_no_step() -> None:
    draft = make_draft(birth_date="1970-01-01")
    close_offer(draft.submission.offer, seconds_ago=60)
    page = _page(draft)
    assert _in_order(
        page,
        "Cette candidature n’est pas déposée.",
        "Non déposée",
        "vous ne répondez pas à un critère",
        "ce résultat n’a pas d’effet",
        "Un critère n’est pas respecté",
    )
    assert BAR not in page
    assert 'href="#depot"' not in page
    assert MEND not in page


def test_the_answers_and_documents_of_the_page_are_those_that_the_dossier_has(draft: Draft) -> None:
    page = html.fromstring(browser_of(draft).get(url("review", draft)).content.decode())
    shown = {
        (row.find("dt").text_content(), row.find("dd").text_content())
        for section in page.find_class("answered")
        for row in section.iterfind(".//dl/div")
    }
    filing = file_now(draft).filing
    payload = read_seal(filing.seal)
    answers = {
        (answer.label, answer.value or "Sans réponse") for part in payload.sections for answer in part.answers
    }
    ((label, address),) = shown - answers
    assert (label, answers - shown) == ("Courriel", set())
    assert address.endswith("votre dossier ne la montre pas.")
    listed = page.get_element_by_id("depot").getparent().text_content()
    assert all(document.label in listed for document in payload.documents)


def test_only_a_required_answer_that_is_missing_is_in_red() -> None:
    page = _page(make_draft(other_languages="", birth_date=None))
    blanks = re.findall(r'<dt>([^<]+)</dt> <dd> ?<span class="(missing|hint)">Sans réponse', page)
    found = dict(blanks)
    assert found["Date de naissance"] == "missing"
    assert found["Autres langues"] == "hint"


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
