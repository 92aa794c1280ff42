"""Study programmes of a draft: any number, none of them empty."""

import re
from datetime import date
from typing import Any

import pytest
from django.utils import translation

from intake.submissions.questions.forms import restrict_form
from intake.submissions.questions.study_forms import MAX_STUDIES, StudiesForm, StudyForm

PROGRAMME = {
    "level": "MASTER",
    "field_of_study": "Droit",
    "institution": "Université d’essai",
    "state": "IN_PROGRESS",
    "day": "30 avril 2028",
}
BLANK = dict.fromkeys(PROGRAMME, "")


def _form(*programmes: dict[str, str], bar_school: str = "false", **changes: str) -> StudiesForm:
    posted = {
        "studies-TOTAL_FORMS": str(len(programmes)),
        "studies-INITIAL_FORMS": "1",
        "bar_school": bar_school,
        "professional_order_stage": "false",
    }
    for index, programme in enumerate(programmes):
        posted |= {f"studies-{index}-{key}": value for key, value in programme.items()}
    return StudiesForm(posted | changes)


def _fields(form: StudiesForm) -> list[Any]:
    return [study["field_of_study"] for study in form.answers()["studies"]]


def test_a_blank_programme_is_dropped() -> None:
    form = _form(BLANK, PROGRAMME, BLANK)
    assert form.is_valid(), form.entries.errors
    assert _fields(form) == ["Droit"]


def test_a_candidate_with_an_alternative_may_leave_programmes_blank() -> None:
    form = _form(BLANK, bar_school="true")
    assert form.is_valid(), form.entries.errors
    assert form.answers()["studies"] == []


def test_a_partly_filled_programme_requires_its_other_fields() -> None:
    form = _form(BLANK | {"field_of_study": "Droit"})
    assert not form.is_valid()
    assert set(form.entries.errors[0]) == {"level", "institution", "state", "day"}


@pytest.mark.parametrize("typed", ["juin 2028", "June 2028", "06/2028", "2028-06", "30 juin 2028"])
def test_a_month_is_enough_for_a_degree_that_is_expected(typed: str) -> None:
    form = _form(PROGRAMME | {"day": typed})
    assert form.is_valid(), form.entries.errors
    assert form.answers()["studies"][0]["expected_on"] == "2028-06-30"


def test_a_degree_that_was_obtained_has_its_day() -> None:
    """With the last day of its month, the rules could count it as more recent than it is."""
    form = _form(PROGRAMME | {"state": "COMPLETED", "day": "juin 2025"})
    assert not form.is_valid()
    assert form.entries.forms[0].has_error("day", "NO_DAY")
    form = _form(PROGRAMME | {"state": "COMPLETED", "day": "2025-06-05"})
    assert form.is_valid()
    (study,) = form.answers()["studies"]
    assert (study["completed_on"], study["expected_on"]) == ("2025-06-05", None)


@pytest.mark.parametrize("on", [date(2026, 12, 2), date(2031, 1, 1)])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_example_of_an_expected_degree_passes(on: date, language: str) -> None:
    with translation.override(language):
        day = StudiesForm(on=on).entries.forms[0]["day"]
        example = re.search(r"(?:juin|June)\s\d{4}", str(day.help_text))
        assert example, day.help_text
        form = _form(PROGRAMME | {"day": example[0]})
        wrong = StudyForm({**PROGRAMME, "day": "bientôt"}, on=on)
        assert example[0] in wrong.errors["day"][0]
    assert form.is_valid(), form.entries.errors
    assert date.fromisoformat(form.answers()["studies"][0]["expected_on"]) > on


# -- One programme ----------------------------------------------------------------------------------------------------
DAY = date(2028, 4, 30)


def _study(**changes: str) -> StudyForm:
    return StudyForm(PROGRAMME | changes)


@pytest.mark.parametrize(
    "level, state, day, errors",
    [
        ("MASTER", "COMPLETED", "", ["day"]),
        ("DOCTORATE", "IN_PROGRESS", "", []),
        ("DOCTORATE", "COMPLETED", "", ["day"]),
        ("MASTER", "COMPLETED", "hier", ["day"]),
        ("MASTER", "COMPLETED", "1899-12-31", ["day"]),
        ("MASTER", "COMPLETED", "1900-01-01", []),
        ("MASTER", "COMPLETED", "2099-12-31", []),
        ("MASTER", "COMPLETED", "2100-01-01", ["day"]),
        ("", "COMPLETED", "2020-01-01", ["level"]),
        ("KINDERGARTEN", "COMPLETED", "2020-01-01", ["level"]),
    ],
)
def test_each_programme_has_a_day_but_for_a_doctorate_in_progress(
    level: str, state: str, day: str, errors: list[str]
) -> None:
    form = _study(level=level, state=state, day=day)
    assert [*form.errors] == errors
    assert all(len(said) == 1 for said in form.errors.values()), "one mistake is told once"


# -- All programmes ---------------------------------------------------------------------------------------------------
KEPT = {
    "level": "MASTER",
    "field_of_study": "Droit",
    "institution": "Université d’essai",
    "state": "IN_PROGRESS",
    "completed_on": None,
    "expected_on": "2028-04-30",
}
SHOWN = {key: KEPT[key] for key in ("level", "field_of_study", "institution", "state")} | {"day": DAY}


@pytest.mark.parametrize(
    "kept, entries, boxes", [(0, None, 1), (0, 3, 3), (2, None, 2), (2, 1, 2), (2, 4, 4), (6, None, 6)]
)
def test_a_page_displays_each_programme_and_the_requested_empty_ones(
    kept: int, entries: int | None, boxes: int
) -> None:
    form = StudiesForm(initial={"studies": [SHOWN] * kept}, entries=entries)
    assert [study.initial for study in form.entries.forms] == [SHOWN] * kept + [{}] * (boxes - kept)
    assert form.may_add == (boxes < MAX_STUDIES)


def test_no_form_accepts_more_than_six_programmes() -> None:
    assert MAX_STUDIES == 6
    whole, more = _form(*[PROGRAMME] * 6), _form(*[PROGRAMME] * 7)
    assert whole.is_valid()
    assert len(_fields(whole)) == 6
    assert not more.is_valid()
    assert [error.code for error in more.errors.as_data()["__all__"]] == ["missing_management_form"]
    assert len(more.entries.forms) == 6


def test_a_programme_marked_for_removal_is_dropped_unvalidated() -> None:
    form = _form(
        PROGRAMME, PROGRAMME | {"day": "hier", "DELETE": "on"}, PROGRAMME | {"field_of_study": "Arts"}
    )
    assert form.is_valid()
    assert _fields(form) == ["Droit", "Arts"]
    assert form.answers() == {
        "bar_school": False,
        "professional_order_stage": False,
        "studies": [KEPT, KEPT | {"field_of_study": "Arts"}],
    }
    assert [error.code for error in _form(PROGRAMME | {"DELETE": "on"}).errors.as_data()["__all__"]] == [
        "no_study"
    ]


@pytest.mark.parametrize(
    "asked, said",
    [
        (frozenset({"studies"}), "Ajoutez au moins un programme."),
        (
            frozenset({"studies", "bar_school"}),
            "Ajoutez au moins un programme, ou répondez oui à la dernière question.",
        ),
        (
            StudiesForm.answer_keys(),
            "Ajoutez au moins un programme, ou répondez oui à l’une des deux dernières questions.",
        ),
    ],
)
def test_the_error_without_programme_names_the_displayed_alternatives(
    asked: frozenset[str], said: str
) -> None:
    posted = {"studies-TOTAL_FORMS": "0", "studies-INITIAL_FORMS": "0"} | dict.fromkeys(asked, "false")
    form = restrict_form(StudiesForm, asked)(posted)
    assert form.non_field_errors() == [said]
