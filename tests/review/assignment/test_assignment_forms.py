"""Forms that divide an offer's files: errors, their codes and bounds."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from intake.review.assignment.forms import (
    MAX_BYTES,
    CsvAssignmentForm,
    DueForm,
    EvenDivisionForm,
    ManualAssignmentForm,
)
from tests.review.form_errors import error_codes, post

ON = dt.date(2027, 3, 10)
OVER = "Ce jour est passé : choisissez aujourd’hui ou un jour à venir."


@pytest.mark.parametrize(
    "day, found",
    [
        ("2027-03-09", {"due_on": [OVER]}),
        ("2027-03-10", {}),
        ("2027-03-11", {}),
        ("", {}),
        ("bientôt", {"due_on": ["invalid"]}),
    ],
)
def test_an_assignment_is_due_today_at_the_earliest(day: str, found: dict[str, list[str]]) -> None:
    form = DueForm({"due_on": day}, on=ON)
    assert error_codes(form) == found
    assert form["due_on"].label_tag() == '<label for="id_due_on">Échéance (facultatif)</label>'


@pytest.mark.parametrize("sent, code", [("0", "min_value"), ("1", ""), ("9", ""), ("10", "max_value")])
def test_a_file_has_from_one_to_nine_reviewers(sent: str, code: str) -> None:
    form = EvenDivisionForm({"readers": sent}, on=ON)
    assert error_codes(form) == ({"readers": [code]} if code else {})
    assert list(form.fields) == ["readers", "common", "due_on"]


def test_the_pairs_of_a_page_are_those_ticked_and_those_displayed() -> None:
    sent = post(shown="on", lit=["3-1", "12-4"], etait=["3-1,3-2", "12-4"])
    form = ManualAssignmentForm(sent, on=ON)
    assert error_codes(form) == {}
    assert (form.pairs("lit"), form.pairs("etait")) == (
        [(3, 1), (12, 4)],
        [(3, 1), (3, 2), (12, 4)],
    )


@pytest.mark.parametrize(
    "changes, found",
    [
        ({"lit": [f"{'9' * 18}-{'9' * 18}"]}, {}),
        ({"lit": [f"{'9' * 19}-1"]}, {"__all__": ["incomplete"]}),
        ({"lit": [f"1-{'9' * 19}"]}, {"__all__": ["incomplete"]}),
        ({"etait": ["3-1,"]}, {"__all__": ["incomplete"]}),
        ({"lit": ["3-1", "3"]}, {"__all__": ["incomplete"]}),
        ({"etait": ["x3-1"]}, {"__all__": ["incomplete"]}),
        ({"shown": ""}, {"shown": ["required"], "__all__": ["incomplete"]}),
    ],
)
def test_a_page_with_invalid_pairs_is_refused(changes: dict[str, Any], found: dict[str, list[str]]) -> None:
    assert error_codes(ManualAssignmentForm(post(**({"shown": "on"} | changes)), on=ON)) == found


def test_a_list_has_a_mebibyte_at_most() -> None:
    assert MAX_BYTES == 1_048_576
    whole, longer = "x" * MAX_BYTES, "x" * (MAX_BYTES + 1)

    def read(text: str, file: str) -> Any:
        files = {"file": SimpleUploadedFile("liste.csv", file.encode())} if file else {}
        form = CsvAssignmentForm({"text": text}, files, on=ON)
        return form.cleaned_data["text"] if form.is_valid() else error_codes(form)

    assert read("", whole) == whole
    assert read("", longer) == {"file": ["Ce fichier dépasse 1 Mo : importez-le en plusieurs fois."]}
    assert read(whole, "") == whole
    assert read(longer, "")["text"] == ["max_length"]
