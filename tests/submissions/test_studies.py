"""The programmes of an application: as many as there are, and none that says nothing."""

from typing import Any

import pytest

from intake.submissions.forms import StudiesForm
from intake.submissions.sections import section_by_key
from tests.factories.submissions import make_draft

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


def test_a_programme_left_blank_is_let_go() -> None:
    form = _form(BLANK, PROGRAMME, BLANK)
    assert form.is_valid(), form.entries.errors
    assert _fields(form) == ["Droit"]


def test_who_has_another_way_needs_no_programme_and_removes_none() -> None:
    form = _form(BLANK, bar_school="true")
    assert form.is_valid(), form.entries.errors
    assert form.answers()["studies"] == []


def test_blank_programmes_alone_are_one_mistake_and_not_five() -> None:
    form = _form(BLANK, BLANK)
    assert not form.is_valid()
    assert [error.code for error in form.errors.as_data()["__all__"]] == ["no_study"]
    assert form.entries.total_error_count() == 0


def test_a_programme_half_filled_is_asked_for_the_rest() -> None:
    form = _form(BLANK | {"field_of_study": "Droit"})
    assert not form.is_valid()
    assert set(form.entries.errors[0]) == {"level", "institution", "state", "day"}


def test_a_form_that_arrives_in_pieces_is_refused_in_plain_words() -> None:
    form = _form(PROGRAMME, **{"studies-TOTAL_FORMS": "abc"})
    assert not form.is_valid()
    assert str(form.entries.non_form_errors()[0]).startswith("Le formulaire est arrivé incomplet.")


@pytest.mark.django_db
def test_a_residence_older_than_the_person_is_not_valid() -> None:
    draft = make_draft()
    residence = section_by_key("residence")
    assert residence is not None
    answers = draft.answers | {"birth_date": "1998-05-04", "quebec_resident_since": "1998-05-03"}
    assert not residence.judge(answers, on=draft.submission.offer.closes_on).is_valid()
    answers |= {"quebec_resident_since": "1998-05-04"}
    assert residence.judge(answers, on=draft.submission.offer.closes_on).is_valid()
