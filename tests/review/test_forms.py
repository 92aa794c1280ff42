"""Forms of `review`: errors with code and bound, and the data of a valid form."""

import datetime as dt
from typing import Any

import pytest

from intake.review.complements.forms import ComplementForm
from intake.review.decisions.forms import BatchForm, ReleaseForm
from intake.submissions.complements.operations import ComplementDays
from intake.submissions.models import Submission
from intake.submissions.questions.sections import SECTIONS
from intake.submissions.states import Action
from intake.web.formats import QUEBEC
from offers.models import DocumentRequest
from tests.review.form_errors import error_codes, post

CV, TRANSCRIPT = DocumentRequest(pk=5, label="Curriculum vitæ"), DocumentRequest(pk=8, label="Relevé")


# -- A batch of decisions ------------------------------------------------------------------------------------
ROWS = [Submission(pk=3, version=2), Submission(pk=1, version=5), Submission(pk=2, version=0)]
BATCH = {
    "title": " Entrevues  de mai ",
    "word": "À bientôt.\r\n",
    "version": "4",
    "choix-3": "on",
    "mot-3": " À 10 h. ",
    "vu-3": "2",
    "mot-1": "Pas retenu.",
    "vu-1": "5",
    "choix-2": "on",
}


def batch(action: Action = Action.DECLINE, **changes: Any) -> BatchForm:
    sent = {name: value for name, value in (BATCH | changes).items() if value is not None}
    return BatchForm(post(**sent), action=action, rows=iter(ROWS))


def test_a_batch_form_returns_ticked_files_with_texts_and_versions() -> None:
    form = batch()
    assert error_codes(form) == {}
    assert {name: form.cleaned_data[name] for name in ("title", "word", "version")} == {
        "title": "Entrevues de mai",
        "word": "À bientôt.",
        "version": 4,
    }
    assert form.chosen() == {3: "À 10 h.", 2: ""}
    assert form.versions() == {3: 2, 2: -1}
    assert [(row.pk, box.name, word.name, seen.name) for row, box, word, seen in form.lines()] == [
        (3, "choix-3", "mot-3", "vu-3"),
        (1, "choix-1", "mot-1", "vu-1"),
        (2, "choix-2", "mot-2", "vu-2"),
    ]


@pytest.mark.parametrize(
    "changes, found",
    [
        ({"title": " "}, {"title": ["required"]}),
        ({"title": "x" * 120}, {}),
        ({"title": "x" * 121}, {"title": ["max_length"]}),
        ({"word": "x" * 2000}, {}),
        ({"word": "x" * 2001}, {"word": ["max_length"]}),
        ({"mot-3": "x" * 2001}, {"mot-3": ["max_length"]}),
        ({"version": "0", "vu-3": "0"}, {}),
        ({"version": None}, {"version": ["required"], "__all__": ["incomplete"]}),
        ({"vu-3": "-1"}, {"vu-3": ["min_value"], "__all__": ["incomplete"]}),
        ({"choix-12": "on"}, {"__all__": ["gone"]}),
        ({"mot-12": "Trop tard.", "vu-12": "3"}, {}),
    ],
)
def test_each_error_of_a_batch_form_has_its_code(
    changes: dict[str, Any], found: dict[str, list[str]]
) -> None:
    assert error_codes(batch(**changes)) == found


def test_a_checkbox_accepts_only_keys_that_fit_the_database() -> None:
    sent = {f"choix-{number}": "on" for number in ("3", "0012", "9" * 18, "9" * 19, "x", "-4", "")}
    assert BatchForm.ticked(sent | {"mot-5": "Bonjour", "xchoix-6": "on"}) == [3, 12, int("9" * 18)]


# -- The approval of a batch -----------------------------------------------------------------------------------
LATER = {"moment": "plus-tard", "day": "2027-05-31", "hour": "09:00", "version": "0", "letters": "x" * 64}
NO_SUCH_HOUR = "Cette heure n’existe pas ce jour-là : l’heure avance au printemps."


@pytest.mark.parametrize(
    "changes, found",
    [
        ({}, dt.datetime(2027, 5, 31, 9, tzinfo=QUEBEC)),
        ({"hour": "14 h 05"}, dt.datetime(2027, 5, 31, 14, 5, tzinfo=QUEBEC)),
        ({"hour": "7 h"}, dt.datetime(2027, 5, 31, 7, tzinfo=QUEBEC)),
        ({"moment": "maintenant"}, None),
        ({"moment": "maintenant", "day": "", "hour": ""}, None),
        ({"moment": "maintenant", "day": "2027-03-14", "hour": "02:30"}, None),
        ({"day": "2027-03-14", "hour": "01:59"}, dt.datetime(2027, 3, 14, 1, 59, tzinfo=QUEBEC)),
        ({"day": "2027-03-14", "hour": "02:00"}, {"hour": [NO_SUCH_HOUR]}),
        ({"day": "2027-03-14", "hour": "02:59"}, {"hour": [NO_SUCH_HOUR]}),
        ({"day": "2027-03-14", "hour": "03:00"}, dt.datetime(2027, 3, 14, 3, tzinfo=QUEBEC)),
        ({"day": "2027-11-07", "hour": "01:30"}, dt.datetime(2027, 11, 7, 1, 30, tzinfo=QUEBEC)),
        ({"day": ""}, {"day": ["Choisissez le jour."]}),
        ({"hour": ""}, {"hour": ["Choisissez l’heure."]}),
        ({"day": "", "hour": ""}, {"day": ["Choisissez le jour."], "hour": ["Choisissez l’heure."]}),
        ({"day": "31/05/2027"}, {"day": ["invalid"]}),
        ({"day": "demain", "hour": "midi"}, {"day": ["invalid"], "hour": ["invalid"]}),
        ({"moment": ""}, {"moment": ["required"]}),
        ({"moment": "hier"}, {"moment": ["invalid_choice"]}),
        ({"version": "-1"}, {"version": ["min_value"], "__all__": ["incomplete"]}),
        ({"letters": "x" * 65}, {"letters": ["max_length"], "__all__": ["incomplete"]}),
    ],
)
def test_an_approval_is_for_now_or_for_an_existing_hour_of_quebec(
    changes: dict[str, str], found: dt.datetime | dict[str, list[str]] | None
) -> None:
    form = ReleaseForm(LATER | changes)
    assert (form.release_at() if form.is_valid() else error_codes(form)) == found


# -- A complement ------------------------------------------------------------------------------------------------
DAYS = ComplementDays(first=dt.date(2027, 3, 12), last=dt.date(2027, 5, 30), usual=dt.date(2027, 3, 20))
COMPLEMENT: dict[str, Any] = {
    "words": "Le relevé manque.",
    "documents": ["8", "5"],
    "sections": ["etudes"],
    "due_on": "2027-03-12",
    "version": "0",
}


def complement(**changes: Any) -> ComplementForm:
    return ComplementForm(
        post(**(COMPLEMENT | changes)),
        documents=iter([CV, TRANSCRIPT]),
        sections=iter(SECTIONS),
        days=DAYS,
    )


EARLY = "Au moins 48 heures, et jamais moins que le délai annoncé : le 12 mars 2027 au plus tôt."
LATE = "Le stage commence le 31 mai 2027 : la date limite doit être avant ce jour."


@pytest.mark.parametrize(
    "changes, found",
    [
        ({"due_on": "2027-03-11"}, {"due_on": [EARLY]}),
        ({"due_on": "2027-05-30"}, {}),
        ({"due_on": "2027-05-31"}, {"due_on": [LATE]}),
        ({"due_on": ""}, {"due_on": ["required"]}),
        ({"documents": [], "sections": []}, {"__all__": ["nothing"]}),
        ({"documents": []}, {}),
        ({"sections": []}, {}),
        ({"documents": ["6"], "sections": []}, {"documents": ["invalid_choice"]}),
        ({"documents": [], "sections": ["rien"]}, {"sections": ["invalid_choice"]}),
        ({"words": "x" * 2000}, {}),
        ({"words": "x" * 2001}, {"words": ["max_length"]}),
        ({"version": ""}, {"version": ["required"], "__all__": ["incomplete"]}),
        ({"despite": "0"}, {"despite": ["min_value"], "__all__": ["incomplete"]}),
        ({"despite": "1", "letter": "x" * 64}, {}),
    ],
)
def test_each_error_of_a_complement_form_has_its_code(
    changes: dict[str, Any], found: dict[str, list[str]]
) -> None:
    assert error_codes(complement(**changes)) == found
