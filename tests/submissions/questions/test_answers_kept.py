"""Stored answers of a draft: parsing, replacement, comparison, and the facts for the rules."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core import signing

from intake.submissions.drafts.answer_merge import differing_keys, merge_answers, replace_answers
from intake.submissions.eligibility_check.signed_answers import (
    InvalidSignedAnswers,
    read_signed_answers,
    sign_answers,
)
from intake.submissions.questions.answers import clean_answers, facts_json
from intake.submissions.questions.study_forms import MAX_STUDIES

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


@pytest.mark.parametrize("answers", [None, [], "texte", 4])
def test_data_that_are_not_answers_give_no_answers(answers: object) -> None:
    assert clean_answers(answers) == {}


def test_a_damaged_programme_keeps_its_keys_and_readable_values() -> None:
    spoilt = {
        "level": "KINDERGARTEN",
        "state": "COMPLETED",
        "completed_on": "hier",
        "expected_on": "2028-04-30",
        "x": 1,
    }
    given = {"studies": [STUDY, "texte", spoilt, {"institution": 7}]}
    assert clean_answers(given) == {
        "studies": [
            STUDY,
            {
                "level": "",
                "field_of_study": "",
                "institution": "",
                "state": "COMPLETED",
                "completed_on": None,
                "expected_on": "2028-04-30",
            },
            dict.fromkeys(STUDY, "") | {"completed_on": None, "expected_on": None},
        ]
    }
    many = clean_answers({"studies": [STUDY | {"institution": str(rank)} for rank in range(MAX_STUDIES + 2)]})
    assert [study["institution"] for study in many["studies"]] == ["0", "1", "2", "3", "4", "5"]
    assert clean_answers({"studies": []}) == {"studies": []}
    assert clean_answers({"studies": {"0": STUDY}}) == {}


def test_only_texts_of_a_grid_are_kept() -> None:
    assert clean_answers({"grid": {"1": "Oui.", "2": 5, "3": None, "4": ""}}) == {
        "grid": {"1": "Oui.", "4": ""}
    }
    assert clean_answers({"grid": ["Oui."]}) == {"grid": {}}


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
        ({"city": "Lévis"}, {"city": "Lévis"}, []),
        ({"city": "Lévis"}, {"province": "QC", "city": "Québec"}, ["province", "city"]),
        ({}, {"city": "", "studies": [], "bar_school": None}, []),
        ({}, {"bar_school": False}, ["bar_school"]),
        ({"bar_school": True}, {"bar_school": None}, ["bar_school"]),
        ({"studies": [STUDY]}, {"studies": [STUDY | {"institution": "", "field_of_study": "Arts"}]}, []),
        ({"studies": [STUDY]}, {"studies": [STUDY | {"expected_on": "2028-05-01"}]}, ["studies"]),
        ({"studies": [STUDY]}, {"studies": [STUDY | {"level": "OTHER"}]}, ["studies"]),
        ({"studies": [STUDY]}, {"studies": [STUDY | {"state": "COMPLETED"}]}, ["studies"]),
        (
            {"studies": [STUDY | {"state": "COMPLETED", "completed_on": "2026-01-01"}]},
            {"studies": [STUDY | {"state": "COMPLETED", "completed_on": "2026-01-02"}]},
            ["studies"],
        ),
        (
            {"studies": [STUDY, STUDY | {"level": "OTHER"}]},
            {"studies": [STUDY | {"level": "OTHER"}, STUDY]},
            [],
        ),
        ({"studies": [STUDY, STUDY]}, {"studies": [STUDY]}, ["studies"]),
        ("texte", {"city": "Lévis"}, ["city"]),
        ({"birth_date": "hier"}, {"birth_date": "1998-05-04"}, ["birth_date"]),
    ],
)
def test_differing_answers_are_those_with_another_meaning(
    kept: object, brought: dict[str, Any], changed: list[str]
) -> None:
    assert differing_keys(kept, brought) == changed


# -- Facts for the rules ----------------------------------------------------------------------------------------------
def test_facts_contain_only_answers_that_criteria_read() -> None:
    judged = {
        "birth_date": "1998-05-04",
        "legal_status": "CITIZEN",
        "domicile_province": "QC",
        "quebec_resident_since": "2020-01-01",
        "resident_for_health_insurance": True,
        "resident_for_tax": False,
        "bar_school": False,
        "professional_order_stage": True,
        "attests_skills": False,
        "past_participant": False,
    }
    answers = {
        **judged,
        "first_name": "Noor",
        "studies": [STUDY, {"level": "OTHER", "state": "", "completed_on": "2020-01-01"}],
        "attests_writing_fr": True,
        "attests_writing_es": False,
        "attests_writing_en": None,
        "grid": {"1": "Oui."},
    }
    facts = judged | {
        "studies": [
            {"level": "MASTER", "state": "IN_PROGRESS", "expected_on": "2028-04-30"},
            {"level": "OTHER", "completed_on": "2020-01-01"},
        ],
        "attests_writing": {"fr": True, "es": False},
    }
    assert facts_json(answers) == facts
    assert facts_json(answers, register_match=False) == facts | {"register_match": False}
    assert facts_json(answers, register_match=True)["register_match"] is True
    assert facts_json(dict.fromkeys(judged) | {"attests_writing_fr": None}) == {}
    assert facts_json({"birth_date": "", "studies": []}) == {"studies": []}


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
