"""Stored answers of a draft: parsed, replaced, compared; and their display, with the texts of a criterion."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core import signing
from django.utils import translation

from eligibility import Clause, CriterionKind, Effect, Finding, Outcome
from intake.submissions.drafts.answer_merge import differing_keys, merge_answers, replace_answers
from intake.submissions.eligibility_check.signed_answers import (
    InvalidSignedAnswers,
    read_signed_answers,
    sign_answers,
)
from intake.submissions.gate.verdict_display import observed_text, passing_text
from intake.submissions.questions.answer_display import answered_sections
from intake.submissions.questions.answers import clean_answers
from intake.submissions.questions.forms import AttestationsForm
from intake.submissions.questions.offer_questions import GridQuestion
from intake.submissions.questions.sections import SECTIONS

STUDY: dict[str, Any] = {
    "level": "MASTER",
    "field_of_study": "Droit",
    "institution": "UQAM",
    "state": "IN_PROGRESS",
    "completed_on": None,
    "expected_on": "2028-04-30",
}


# -- Parsing ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "key, sound, spoilt",
    [
        ("first_name", "Noor", 5),
        ("birth_date", "1998-05-04", "19980504"),
        ("quebec_resident_since", "2020-01-01", "2020-13-01"),
        ("legal_status", "CITIZEN", "MARTIAN"),
        ("province", "QC", "XX"),
        ("domicile_province", "OUTSIDE", "QUEBEC"),
        ("resident_for_health_insurance", True, 1),
        ("bar_school", False, None),
        ("attests_writing_es", False, "false"),
        ("other_languages", "Espagnol", ["Espagnol"]),
        ("language_fr_read", "FLUENT", "PERFECT"),
    ],
)
def test_an_answer_of_the_wrong_shape_counts_as_missing(key: str, sound: Any, spoilt: Any) -> None:
    assert clean_answers({key: sound, "city": "Québec"}) == {key: sound, "city": "Québec"}
    assert clean_answers({key: spoilt, "city": "Québec"}) == {"city": "Québec"}


# -- Replacement ------------------------------------------------------------------------------------------------------
def test_given_answers_replace_stored_ones_and_the_rest_stays() -> None:
    kept = {"first_name": "Anne", "city": "Lévis", "grid": {"1": "Un.", "2": "Deux.", "3": "Trois."}}
    assert replace_answers(kept, {"first_name": "Zoé"}) == kept | {"first_name": "Zoé"}
    assert replace_answers(kept, {"grid": {"1": "Neuf.", "2": None, "4": "Quatre.", "5": ""}}) == kept | {
        "grid": {"1": "Neuf.", "3": "Trois.", "4": "Quatre."}
    }
    assert replace_answers("texte", {"city": "Lévis"}) == {"city": "Lévis"}
    assert replace_answers({"grid": "texte"}, {"grid": {"1": "Un."}}) == {"grid": {"1": "Un."}}
    assert kept["grid"] == {"1": "Un.", "2": "Deux.", "3": "Trois."}, (
        "what was kept is not changed in its place"
    )


def test_an_unnamed_programme_takes_the_name_of_a_stored_one_of_its_level() -> None:
    done = STUDY | {"state": "COMPLETED", "institution": "McGill", "field_of_study": "Arts"}
    other = STUDY | {"level": "OTHER", "institution": "TÉLUQ", "field_of_study": "Gestion"}
    nameless = {"field_of_study": "", "institution": ""}
    brought = [
        STUDY | nameless | {"state": "COMPLETED"},
        STUDY | nameless,
        STUDY | nameless,
        STUDY | {"level": "DOCTORATE"} | nameless,
        other | nameless | {"institution": "UQAR"},
    ]
    given = merge_answers({"studies": [STUDY, done, other], "city": "Lévis"}, {"studies": brought})
    assert [(study["institution"], study["field_of_study"]) for study in given["studies"]] == [
        ("McGill", "Arts"),
        ("UQAM", "Droit"),
        ("", ""),
        ("", ""),
        ("UQAR", "Gestion"),
    ]
    assert given["city"] == "Lévis"
    assert merge_answers({"studies": [STUDY]}, {"city": "Lévis"}) == {"studies": [STUDY], "city": "Lévis"}
    assert merge_answers({}, {"studies": [STUDY | nameless]}) == {"studies": [STUDY | nameless]}
    assert merge_answers({"studies": [STUDY | {"institution": ""}]}, {"studies": [STUDY | nameless]}) == {
        "studies": [STUDY | {"institution": ""}]
    }


@pytest.mark.parametrize(
    "kept, brought, changed",
    [
        ({"city": "Lévis"}, {"province": "QC", "city": "Québec"}, ["province", "city"]),
        ({}, {"city": "", "studies": [], "bar_school": None}, []),
        ({}, {"bar_school": False}, ["bar_school"]),
        ({"bar_school": True}, {"bar_school": None}, ["bar_school"]),
        ({"studies": [STUDY]}, {"studies": [STUDY | {"institution": "", "field_of_study": "Arts"}]}, []),
        ({"studies": [STUDY]}, {"studies": [STUDY | {"expected_on": "2028-05-01"}]}, ["studies"]),
        ({"studies": [STUDY]}, {"studies": [STUDY | {"state": "COMPLETED"}]}, ["studies"]),
        (
            {"studies": [STUDY, STUDY | {"level": "OTHER"}]},
            {"studies": [STUDY | {"level": "OTHER"}, STUDY]},
            [],
        ),
        ({"studies": [STUDY, STUDY]}, {"studies": [STUDY]}, ["studies"]),
        ({"birth_date": "hier"}, {"birth_date": "1998-05-04"}, ["birth_date"]),
    ],
)
def test_differing_answers_are_those_with_another_meaning(
    kept: object, brought: dict[str, Any], changed: list[str]
) -> None:
    assert differing_keys(kept, brought) == changed


# -- From the check to the draft --------------------------------------------------------------------------------------
def test_signed_answers_are_valid_for_their_offer_and_two_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"birth_date": "1998-05-04", "bar_school": False}
    clock = [1_800_000_000.0]
    monkeypatch.setattr(signing, "time", SimpleNamespace(time=lambda: clock[0]))
    packed = sign_answers(answers, number="OE-1")
    assert read_signed_answers(packed, number="OE-1") == answers
    with pytest.raises(InvalidSignedAnswers) as elsewhere:
        read_signed_answers(packed, number="OE-2")
    assert (elsewhere.value.answers, elsewhere.value.came_too_late) == ({}, False)
    clock[0] += 2 * 3600
    assert read_signed_answers(packed, number="OE-1") == answers
    clock[0] += 1
    with pytest.raises(InvalidSignedAnswers) as late:
        read_signed_answers(packed, number="OE-1")
    assert (late.value.answers, late.value.came_too_late) == (answers, True)
    with pytest.raises(InvalidSignedAnswers) as both:
        read_signed_answers(packed, number="OE-2")
    assert both.value.answers == {}


def test_answers_signed_by_an_older_version_of_the_forms_are_refused() -> None:
    with pytest.raises(InvalidSignedAnswers) as refused:
        read_signed_answers(sign_answers({"birth_date": "hier"}, number="OE-1"), number="OE-1")
    assert not refused.value.came_too_late


SHOWN_STUDY = {
    "level": "MASTER",
    "field_of_study": "Droit",
    "institution": "Université d’essai",
    "state": "IN_PROGRESS",
    "completed_on": None,
    "expected_on": "2028-04-30",
}
DOCTORATE = SHOWN_STUDY | {"level": "DOCTORATE", "expected_on": None}
ANSWERS: dict[str, Any] = {
    "first_name": "Noor",
    "last_name": "Ó Briain",
    "birth_date": "1998-05-01",
    "phone": "+14185550142",
    "address_line": "1, rue d’Essai",
    "city": "Québec",
    "province": "QC",
    "postal_code": "G1A 1A4",
    "legal_status": "CITIZEN",
    "domicile_province": "QC",
    "quebec_resident_since": "1998-05-01",
    "resident_for_health_insurance": True,
    "resident_for_tax": False,
    "studies": [SHOWN_STUDY, DOCTORATE],
    "bar_school": False,
    "professional_order_stage": True,
    "grid": {"7": "Deux ans."},
    "language_fr_read": "FLUENT",
    "other_languages": "Espagnol\navancé",
    "attests_writing_fr": True,
    "attests_skills": False,
    "past_participant": False,
}


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def _displayed(answers: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    lines = (GridQuestion(7, "sait rédiger", required=True), GridQuestion(8, "connaître R", required=False))
    sections = [section.about(lines) for section in SECTIONS]
    return {
        section.key: [(answer.key, _plain(answer.value)) for answer in section.answers]
        for section in answered_sections(sections, answers)
    }


def test_each_answer_is_displayed_in_readable_form() -> None:
    given = {key: [row for row in rows if row[1]] for key, rows in _displayed(ANSWERS).items()}
    assert given == {
        "identite": [("first_name", "Noor"), ("last_name", "Ó Briain"), ("birth_date", "1er mai 1998")],
        "coordonnees": [
            ("phone", "418 555-0142"),
            ("address_line", "1, rue d’Essai"),
            ("city", "Québec"),
            ("province", "Québec"),
            ("postal_code", "G1A 1A4"),
        ],
        "statut": [("legal_status", "Citoyenneté canadienne")],
        "residence": [
            ("domicile_province", "Québec"),
            ("quebec_resident_since", "Depuis toujours (1er mai 1998)"),
            ("resident_for_health_insurance", "Oui"),
            ("resident_for_tax", "Non"),
        ],
        "etudes": [
            (
                "studies.1",
                "Maîtrise (2e cycle), Droit, Université d’essai — en cours, prévu le 30 avril 2028",
            ),
            ("studies.2", "Doctorat (3e cycle), Droit, Université d’essai — En cours"),
            ("bar_school", "Non"),
            ("professional_order_stage", "Oui"),
        ],
        "competences": [("grid.7", "Deux ans.")],
        "langues": [
            ("language_fr_read", "Courant, ou langue maternelle"),
            ("other_languages", "Espagnol\navancé"),
        ],
        "attestations": [
            ("attests_writing_fr", "Oui"),
            ("attests_skills", "Non"),
            ("past_participant", "Non"),
        ],
    }


def test_a_residence_is_since_always_only_beside_the_birth_date() -> None:
    """The seal of an offer that does not ask for the birth date says no more than the review page."""
    residence = [section for section in SECTIONS if section.key == "residence"]
    (shown,) = answered_sections(residence, ANSWERS)
    assert "1er\u00a0mai\u00a01998" in [answer.value for answer in shown.answers]
    later = _displayed(ANSWERS | {"quebec_resident_since": "2001-01-01"})
    assert ("quebec_resident_since", "1er janvier 2001") in later["residence"]


def test_an_empty_draft_has_every_question_and_no_answer() -> None:
    said = _displayed({})
    assert {value for rows in said.values() for _key, value in rows} == {""}
    assert [key for key, _value in said["etudes"]] == ["bar_school", "professional_order_stage"]


# -- Observed and accepted values of a criterion --------------------------------------------------------------------
def _finding(kind: str, observed: dict[str, Any], would_pass: dict[str, Any]) -> Finding:
    return Finding(
        kind=CriterionKind(kind),
        outcome=Outcome.NOT_MET,
        effect=Effect.BLOCK,
        observed=observed,
        reason_fr="",
        reason_en="",
        would_pass=would_pass,
        clause=Clause("1", ""),
    )


RESIDENCE = {
    "quebec_resident_since": "2027-05-01",
    "resident_for_health_insurance": True,
    "resident_for_tax": False,
}
OBSERVED: list[tuple[str, dict[str, Any], str]] = [
    ("STUDIES", {"studies": [], "bar_school": False, "professional_order_stage": False}, ""),
    (
        "STUDIES",
        {
            "studies": [{"level": "OTHER"}, {"level": "MASTER", "state": "COMPLETED"}],
            "bar_school": True,
            "professional_order_stage": True,
        },
        (
            "Autre programme ; Maîtrise (2e cycle) — Terminé ; École du Barreau du Québec ; "
            "stage exigé par un ordre professionnel"
        ),
    ),
    ("DOMICILE", {"domicile_province": "ON"}, "Ontario"),
    ("RESIDENCE", RESIDENCE, "depuis le 1er mai 2027 ; assurance maladie : oui ; impôt : non"),
    (
        "RESIDENCE",
        {"quebec_resident_since": None, "resident_for_health_insurance": False, "resident_for_tax": None},
        "assurance maladie : non",
    ),
    ("RESIDENCE", dict.fromkeys(RESIDENCE), ""),
    (
        "WRITING",
        {"attests_writing": {"fr": True, "en": False, "es": None}},
        "en français : oui ; en anglais : non",
    ),
    ("ONCE_ONLY", {"in_register": True}, ""),
    ("AGE", {}, ""),
]
PASSING: list[tuple[str, dict[str, Any], str]] = [
    ("STUDIES", {"bar_school": False}, "un doctorat en cours"),
    (
        "STUDIES",
        {
            "expected_from": "2027-01-01",
            "expected_to": "2027-12-31",
            "completed_from": "2024-05-02",
            "completed_to": "2026-05-01",
            "bar_school": True,
            "professional_order_stage": True,
        },
        (
            "un doctorat en cours ; un 2e cycle en cours qui finit du 1er janvier 2027 au 31 décembre 2027 ; "
            "une maîtrise ou un doctorat obtenu du 2 mai 2024 au 1er mai 2026 ; l’École du Barreau du Québec ; "
            "un stage exigé par un ordre professionnel"
        ),
    ),
    (
        "AGE",
        {"birth_date_from": "1991-01-02", "birth_date_to": "2009-01-01"},
        "une naissance du 2 janvier 1991 au 1er janvier 2009",
    ),
    ("DOMICILE", {"provinces": ["QC", "ON", "XX"]}, "Québec ou Ontario ou XX"),
    (
        "RESIDENCE",
        {"quebec_resident_since_to": "2026-10-01"},
        "une résidence depuis le 1er octobre 2026 ou avant, au sens de l’assurance maladie et de l’impôt",
    ),
    ("WRITING", {"attests_writing": ["fr", "en"]}, "en français et en anglais"),
]


def test_each_criterion_has_a_text_of_its_answer_beside_the_accepted_ones() -> None:
    observed = [_plain(observed_text(_finding(kind, data, {}))) for kind, data, _words in OBSERVED]
    passing = [_plain(passing_text(_finding(kind, {}, data))) for kind, data, _words in PASSING]
    assert observed == [words for _kind, _data, words in OBSERVED]
    assert passing == [words for _kind, _data, words in PASSING]


def test_a_language_is_named_in_the_language_of_the_page() -> None:
    with translation.override("en"):
        assert observed_text(_finding("WRITING", {"attests_writing": {"fr": True}}, {})).startswith(
            "in French"
        )
        assert "French" in str(AttestationsForm().fields["attests_writing_fr"].label)
