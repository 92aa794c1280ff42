"""Sections and questions of an offer: exactly those that its criteria need."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from eligibility import Rulebook, evaluate
from eligibility.codec import rulebook_from_json
from intake.devtools.demonstration.offers import GRID
from intake.profiles.forms import IdentityForm
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Draft
from intake.submissions.questions.answers import facts_of
from intake.submissions.questions.forms import LANGUAGE_LEVELS
from intake.submissions.questions.grid_form import LINE_MAX
from intake.submissions.questions.offer_questions import OfferQuestions
from intake.submissions.questions.sections import _validator, answers_in_sections, sections_for
from offers.models import DocumentRequest
from tests.factories.people import client_of, make_user
from tests.factories.submissions import ALL_DECLARATIONS, close_offer, make_draft, make_open_offer
from tests.house.pages_text import page_texts
from tests.submissions.pages import browser_of, text_of, url

STUDIES = {"kind": "STUDIES", "degree_window_months": 24, "finishing_within_months": 12}
AGE = {"kind": "AGE", "minimum": 18, "maximum": 35, "on": "starts_on"}
RESIDENCE = {"kind": "RESIDENCE", "months": 12, "on": "closes_on"}
ONCE = {"kind": "ONCE_ONLY"}


def rulebook(*criteria: dict[str, Any]) -> Rulebook:
    return rulebook_from_json(
        {
            "schema": 1,
            "reference": "T-1",
            "starts_on": "2028-01-10",
            "closes_on": "2027-10-01",
            "criteria": [{"effect": "BLOCK", "clause": {}, **criterion} for criterion in criteria],
        }
    )


def questions_by_section(*criteria: dict[str, Any]) -> dict[str, list[str]]:
    """Return the answer keys of each section, without the questions that every offer asks."""
    always = _keys_by_section({"kind": "OTHER"})
    found = _keys_by_section(*criteria)
    assert all(set(always[key]) <= set(found[key]) for key in always)
    added = {key: [name for name in names if name not in always.get(key, ())] for key, names in found.items()}
    return {key: names for key, names in added.items() if names}


def _keys_by_section(*criteria: dict[str, Any]) -> dict[str, list[str]]:
    return {
        section.key: [*section.form().fields, *(section.form.answer_keys() - set(section.form.base_fields))]
        for section in sections_for(OfferQuestions(rulebook(*criteria)))
    }


LANGUAGES = {"langues": [*LANGUAGE_LEVELS, "other_languages"]}
BIRTH = {"identite": ["birth_date"]}


def test_an_offer_without_evaluated_criteria_asks_only_for_name_with_contact_details() -> None:
    asked = _keys_by_section({"kind": "OTHER"})
    assert asked.keys() == {"identite", "coordonnees"}
    assert "birth_date" not in asked["identite"]


@pytest.mark.parametrize(
    "criteria, questions",
    [
        ([AGE], BIRTH),
        (
            [{"kind": "LEGAL_STATUS", "accepted": ["CITIZEN"], "effect": "ADVISE"}],
            {"statut": ["legal_status"]},
        ),
        ([{"kind": "DOMICILE", "provinces": ["QC"]}], {"residence": ["domicile_province"]}),
        (
            [RESIDENCE],
            {"residence": ["quebec_resident_since", "resident_for_health_insurance", "resident_for_tax"]},
        ),
        ([STUDIES], {"etudes": ["bar_school", "professional_order_stage", "studies"]}),
        ([STUDIES | {"bar_school": False, "professional_order_stage": False}], {"etudes": ["studies"]}),
        ([{"kind": "WRITING", "languages": ["fr"]}], LANGUAGES | {"attestations": ["attests_writing_fr"]}),
        (
            [{"kind": "WRITING", "languages": ["es", "fr"]}, {"kind": "SKILLS"}],
            LANGUAGES | {"attestations": ["attests_writing_fr", "attests_writing_es", "attests_skills"]},
        ),
        ([ONCE], BIRTH | {"attestations": ["past_participant"]}),
    ],
)
def test_each_criterion_has_its_questions(
    criteria: list[dict[str, Any]], questions: dict[str, list[str]]
) -> None:
    assert questions_by_section(*criteria) == questions


@pytest.mark.parametrize(
    "criteria, title",
    [
        ([{"kind": "DOMICILE", "provinces": ["QC"]}], "Domicile"),
        ([RESIDENCE], "Résidence"),
        ([RESIDENCE, {"kind": "DOMICILE", "provinces": ["QC"]}], "Domicile et résidence"),
        ([ONCE], "Participation"),
        (
            [{"kind": "WRITING", "languages": ["en"]}, {"kind": "SKILLS"}, ONCE],
            "Attestations et participation",
        ),
    ],
)
def test_the_title_of_a_section_depends_on_its_questions(criteria: list[dict[str, Any]], title: str) -> None:
    assert title in [str(section.title) for section in sections_for(OfferQuestions(rulebook(*criteria)))]


def test_a_language_unknown_to_the_form_gets_a_question_and_is_evaluated() -> None:
    rules = rulebook({"kind": "WRITING", "languages": ["es"]})
    attestations = sections_for(OfferQuestions(rules))[-1]
    form = attestations.form({"attests_writing_es": "true"})
    assert str(form.fields["attests_writing_es"].label).startswith("Avez-vous une excellente capacité")
    assert "en espagnol" in str(form.fields["attests_writing_es"].label)
    assert form.is_valid()
    assert evaluate(rules, facts_of(form.answers())).outcome.value == "ELIGIBLE"


def test_answers_without_a_question_are_left_out() -> None:
    sections = sections_for(OfferQuestions(rulebook(AGE)))
    answers = {"first_name": "Noor", "birth_date": "2005-05-04", "legal_status": "CITIZEN", "studies": []}
    assert answers_in_sections(sections, answers) == {"first_name": "Noor", "birth_date": "2005-05-04"}


def test_a_removed_question_does_not_count_as_a_change_of_another_tab() -> None:
    answers = {
        "domicile_province": "QC",
        "quebec_resident_since": "2020-01-01",
        "attests_writing_es": True,
        "past_participant": False,
        "studies": [],
    }
    domicile, writing = (
        {"kind": "DOMICILE", "provinces": ["QC"]},
        {"kind": "WRITING", "languages": ["es", "fr"]},
    )
    before = sections_for(OfferQuestions(rulebook(RESIDENCE, domicile, writing, ONCE, STUDIES)))
    after = sections_for(
        OfferQuestions(
            rulebook(RESIDENCE, ONCE, STUDIES | {"bar_school": False, "professional_order_stage": False})
        )
    )
    asked = {section.key: section.fingerprint(answers) for section in before}
    kept = {section.key: section.fingerprint(answers) for section in after}
    assert kept.keys() == {"identite", "coordonnees", "residence", "etudes", "attestations"}
    assert {key: asked[key] for key in kept} == kept
    attested = next(section for section in before if section.key == "attestations")
    assert attested.fingerprint(answers) != attested.fingerprint(answers | {"attests_writing_es": False})


ANSWERS = {"first_name": "Noor", "last_name": "Roy", "birth_date": "2000-05-04"}


BEFORE, AFTER = date(2000, 5, 3), date(2000, 5, 5)


def test_a_form_keeps_its_day_while_another_validates_on_a_later_one() -> None:
    early = _validator(IdentityForm, BEFORE)(data=ANSWERS, on=BEFORE)
    late = _validator(IdentityForm, AFTER)(data=ANSWERS, on=AFTER)
    assert (early.is_valid(), late.is_valid()) == (False, True)


TITLE = "Ce que vous aurez à remplir"


def _words(client: Client, address: str) -> str:
    return re.sub(r"<[^>]+>", "", text_of(client.get(address).content)).replace("&nbsp;", " ")


@pytest.mark.django_db
def test_the_number_and_length_of_the_texts_are_announced_before_a_draft_is_started() -> None:
    offer = make_open_offer(grid=GRID)
    needed = offer.grid_lines.filter(requirement="REQUIRED").count()
    start = reverse("submissions:start", args=[offer.number])
    for client, address in ((Client(), offer.get_absolute_url()), (client_of(make_user()), start)):
        page = _words(client, address)
        assert TITLE in page
        assert f"{needed} textes obligatoires, de {LINE_MAX} caractères au plus chacun" in page
        assert f"{offer.documents.filter(required=True).count()} documents obligatoires" in page
        assert re.search(r"Prévoyez environ \d+ heures?, en une ou plusieurs fois", page)
        for line in offer.grid_lines.all():
            assert line.text[1:] in page
    draft = make_draft(offer=offer, grid={})
    assert f"{needed} textes obligatoires de quelques phrases chacun" in _words(
        browser_of(draft), url("tasks", draft)
    )


@pytest.mark.django_db
def test_a_closed_offer_asks_for_nothing_to_prepare() -> None:
    offer = make_open_offer(grid=GRID)
    close_offer(offer, seconds_ago=60)
    assert TITLE not in _words(Client(), offer.get_absolute_url())


HINT = "Une copie de votre relevé est acceptée."


def _in_english(client: Client) -> Client:
    client.post(reverse("web:language"), {"langue": "en", "attestation": "oui"})
    return client


def _unmarked(answer: Any, own: list[str]) -> list[str]:
    """Return the texts of a page that contain one of the offer's `own` and are not marked as French."""
    assert answer.headers["Content-Language"] == "en-CA"
    return [
        said.text
        for said in page_texts(answer.content.decode().partition("</title>")[2])
        if not said.language.startswith("fr") and any(text in said.text for text in own)
    ]


@pytest.fixture
def draft() -> Draft:
    """A complete draft of an offer with grid lines and hints."""
    offer = make_open_offer(grid=GRID)
    DocumentRequest.objects.filter(offer=offer).update(hint=HINT)
    return make_draft(offer=offer)


@pytest.mark.django_db
def test_the_french_of_an_offer_is_marked_on_the_english_pages_of_a_draft(draft: Draft) -> None:
    offer, candidate = draft.submission.offer, draft.submission.candidate
    lines = [line.text[1:] for line in offer.grid_lines.all()]
    own = [*lines, HINT, *offer.documents.values_list("label", flat=True)]
    client = _in_english(client_of(candidate))
    skills = url("section", draft, "competences")
    pages = [
        offer.get_absolute_url(),
        skills,
        *(url(name, draft) for name in ("tasks", "documents", "review")),
    ]
    assert {page: _unmarked(client.get(page), own) for page in pages} == {page: [] for page in pages}
    lacking = make_draft(offer=offer, grid={})
    refused = _in_english(client_of(lacking.submission.candidate)).get(
        f"{url('section', lacking, 'competences')}?a-corriger"
    )
    assert "error-summary" in refused.content.decode()
    assert _unmarked(refused, [text[:60] for text in own]) == []
    file_draft(draft=draft, actor=candidate, declarations=ALL_DECLARATIONS)
    assert _unmarked(client.get(url("receipt", draft)), own) == []


@pytest.mark.django_db
def test_the_english_pages_say_in_which_language_to_answer(draft: Draft) -> None:
    client = _in_english(client_of(draft.submission.candidate))
    said = "These questions are in French, like the offer. Answer in French"
    for page in (draft.submission.offer.get_absolute_url(), url("section", draft, "competences")):
        assert said in text_of(client.get(page).content)
    assert "documents are in French, like the offer" in text_of(client.get(url("documents", draft)).content)
    french = client_of(draft.submission.candidate)
    assert "comme l’offre" not in text_of(french.get(url("section", draft, "competences")).content)
