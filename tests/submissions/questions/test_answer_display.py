"""Display of a draft's answers and of a criterion's texts: each kind of answer, given and missing."""

from typing import Any

from django.utils import translation

from eligibility import Clause, CriterionKind, Effect, Finding, Outcome
from intake.submissions.gate.verdict_display import observed_text, passing_text
from intake.submissions.questions.answer_display import answered_sections, display_answers
from intake.submissions.questions.forms import AttestationsForm
from intake.submissions.questions.offer_questions import GridQuestion
from intake.submissions.questions.sections import SECTIONS

STUDY = {
    "level": "MASTER",
    "field_of_study": "Droit",
    "institution": "Université d’essai",
    "state": "IN_PROGRESS",
    "completed_on": None,
    "expected_on": "2028-04-30",
}
DOCTORATE = STUDY | {"level": "DOCTORATE", "expected_on": None}
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
    "studies": [STUDY, DOCTORATE],
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


def test_answers_of_any_section_are_displayed_with_programmes_joined() -> None:
    given = {
        "past_participant": True,
        "studies": [STUDY, {"level": "OTHER"}, {"institution": "UQAM", "state": "COMPLETED"}],
        "bar_school": None,
        "birth_date": "1998-05-01",
    }
    assert [(row.key, _plain(row.value)) for row in display_answers(given)] == [
        ("birth_date", "1er mai 1998"),
        (
            "studies",
            (
                "Maîtrise (2e cycle), Droit, Université d’essai — en cours, prévu le 30 avril 2028 ; "
                "Autre programme ; UQAM — Terminé"
            ),
        ),
        ("bar_school", ""),
        ("past_participant", "Oui"),
    ]
    assert display_answers({}) == []


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
    ("STUDIES", {"studies": [], "bar_school": True}, "École du Barreau du Québec"),
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
    ("AGE", {"birth_date": "1998-05-01"}, "1er mai 1998"),
    ("LEGAL_STATUS", {"legal_status": "CITIZEN"}, "Citoyenneté canadienne"),
    ("DOMICILE", {"domicile_province": "ON"}, "Ontario"),
    ("RESIDENCE", RESIDENCE, "depuis le 1er mai 2027 ; assurance maladie : oui ; impôt : non"),
    (
        "RESIDENCE",
        {"quebec_resident_since": None, "resident_for_health_insurance": False, "resident_for_tax": None},
        "assurance maladie : non",
    ),
    (
        "RESIDENCE",
        {"quebec_resident_since": None, "resident_for_health_insurance": None, "resident_for_tax": True},
        "impôt : oui",
    ),
    ("RESIDENCE", dict.fromkeys(RESIDENCE), ""),
    (
        "WRITING",
        {"attests_writing": {"fr": True, "en": False, "es": None}},
        "en français : oui ; en anglais : non",
    ),
    ("SKILLS", {"attests_skills": False}, "Non"),
    ("ONCE_ONLY", {"past_participant": True}, "Oui"),
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
    (
        "LEGAL_STATUS",
        {"accepted": ["CITIZEN", "PERMANENT_RESIDENT"]},
        "Citoyenneté canadienne ou Résidence permanente",
    ),
    ("DOMICILE", {"provinces": ["QC", "ON", "XX"]}, "Québec ou Ontario ou XX"),
    (
        "RESIDENCE",
        {"quebec_resident_since_to": "2026-10-01"},
        "une résidence depuis le 1er octobre 2026 ou avant, au sens de l’assurance maladie et de l’impôt",
    ),
    ("WRITING", {"attests_writing": ["fr", "en"]}, "en français et en anglais"),
]


def test_each_criterion_has_a_text_of_its_observed_answer() -> None:
    said = [_plain(observed_text(_finding(kind, data, {}))) for kind, data, _words in OBSERVED]
    assert said == [words for _kind, _data, words in OBSERVED]


def test_each_criterion_has_a_text_of_its_accepted_values() -> None:
    said = [_plain(passing_text(_finding(kind, {}, data))) for kind, data, _words in PASSING]
    assert said == [words for _kind, _data, words in PASSING]


def test_a_language_is_named_in_the_language_of_the_page() -> None:
    with translation.override("en"):
        assert observed_text(_finding("WRITING", {"attests_writing": {"fr": True}}, {})).startswith(
            "in French"
        )
        assert "French" in str(AttestationsForm().fields["attests_writing_fr"].label)
