"""Forms of `review`: errors with code and bound, and the data of a valid form."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from intake.documents.models import Upload
from intake.review.committees.forms import ConflictForm
from intake.review.complements.forms import ComplementForm
from intake.review.decisions.forms import BatchForm, ReleaseForm, ReserveMoveForm
from intake.review.evidence.forms import EvidenceForm, prefix_of
from intake.review.evidence.operations import Basis
from intake.review.marks.forms import AssessmentForm, WeightsChangeForm
from intake.review.marks.operations import AssessmentData, LineMarkData
from intake.review.marks.scores import weights_digest
from intake.review.moves.forms import MoveForm
from intake.review.ranking.forms import TrialWeightsForm
from intake.submissions.complements.operations import ComplementContent, ComplementDays
from intake.submissions.models import FiledDocument, Submission
from intake.submissions.questions.sections import SECTIONS
from intake.submissions.states import Action
from intake.web.formats import QUEBEC
from offers.models import DocumentRequest, GridLine
from tests.review.form_errors import error_codes, post

LINES = (
    GridLine(pk=7, text="a mené un projet", requirement="REQUIRED"),
    GridLine(pk=9, text="parle arabe", requirement="ASSET"),
)
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


def test_the_message_field_of_a_batch_has_a_hint_per_action() -> None:
    said = {action: str(batch(action).fields["word"].help_text).split()[0] for action in Action}
    special = {Action.INVITE: "Lieu,", Action.FIND_INADMISSIBLE: "Le", Action.TAKE_BACK: "Le"}
    assert said == dict.fromkeys(Action, "Facultatif.") | special


def test_a_refused_batch_form_has_new_versions_except_for_ticked_files() -> None:
    shown: dict[str, Any] = {"vu-3": "1", "vu-1": "1", "vu-2": "7"}
    form = batch(**shown)
    form.show_versions()
    assert {name: form.data[name] for name in ("vu-1", "vu-2", "vu-3")} == {
        "vu-1": 5,
        "vu-2": "7",
        "vu-3": "1",
    }
    form.untick([3, 1])
    assert "choix-3" not in form.data
    assert {name: form.data[name] for name in ("choix-2", "mot-3", "title")} == {
        "choix-2": "on",
        "mot-3": " À 10 h. ",
        "title": " Entrevues  de mai ",
    }


def test_a_checkbox_accepts_only_keys_that_fit_the_database() -> None:
    sent = {f"choix-{number}": "on" for number in ("3", "0012", "9" * 18, "9" * 19, "x", "-4", "")}
    assert BatchForm.ticked(sent | {"mot-5": "Bonjour", "xchoix-6": "on"}) == [3, 12, int("9" * 18)]


def test_initially_chosen_files_are_ticked_except_changed_ones() -> None:
    assert BatchForm.initially({3: "À 10 h.", 1: "", 2: "Bis."}, but={1}) == {
        "choix-3": True,
        "choix-2": True,
        "mot-3": "À 10 h.",
        "mot-1": "",
        "mot-2": "Bis.",
    }


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


@pytest.mark.parametrize(
    "sent, found",
    [
        ({"line": "1", "seen": "1", "way": "up"}, {}),
        ({"line": "1", "seen": "1", "way": "down"}, {}),
        (
            {"line": "0", "seen": "0", "way": "left"},
            {"line": ["min_value"], "seen": ["min_value"], "way": ["invalid_choice"]},
        ),
        ({}, {"line": ["required"], "seen": ["required"], "way": ["required"]}),
    ],
)
def test_a_line_of_the_reserve_list_moves_up_or_down(
    sent: dict[str, str], found: dict[str, list[str]]
) -> None:
    assert error_codes(ReserveMoveForm(sent)) == found


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


def test_a_complement_form_returns_ticked_parts_and_due_day() -> None:
    form = complement()
    assert error_codes(form) == {}
    assert form.asked() == ComplementContent(
        words="Le relevé manque.",
        documents=[TRANSCRIPT, CV],
        sections=["etudes"],
        due_on=dt.date(2027, 3, 12),
    )
    assert [field.name for field in form.choices_shown] == ["documents", "sections"]
    assert list(form["documents"].field.choices) == [(5, "Curriculum vitæ"), (8, "Relevé")]  # type: ignore[attr-defined]  # -- a field with choices
    assert list(form["sections"].field.choices) == [(each.key, each.title) for each in SECTIONS]  # type: ignore[attr-defined]  # -- a field with choices
    assert str(form["due_on"].help_text).replace("\u00a0", " ") == (
        "Du 12 mars 2027 au 30 mai 2027, le jour entier, jusqu’à l’heure de fermeture de l’offre."
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


# -- A verification ------------------------------------------------------------------------------------------------
FILED = [
    FiledDocument(pk=4, upload=Upload(pages=1), request=CV),
    FiledDocument(pk=6, upload=Upload(pages=3), request=TRANSCRIPT),
]
VERIFIED = {"outcome": "CONFIRMED", "document": "4", "page": "1", "note": "Vu.", "filing": "2", "seen": "0"}


def test_a_verification_form_returns_page_or_note() -> None:
    form = EvidenceForm(VERIFIED, documents=FILED)
    assert error_codes(form) == {}
    assert form.basis() == Basis(document_id=4, page=1, note="Vu.")
    choices = form["document"].field.widget.choices
    assert [(code, str(label)) for code, label in choices] == [
        ("", "Aucun document"),
        (4, "Curriculum vitæ (1\u00a0page)"),
        (6, "Relevé (3\u00a0pages)"),
    ]
    assert prefix_of(3) == "verification-3"


NO_PAGE = "Inscrivez la page du document."
NO_DOCUMENT = "Choisissez le document de cette page."
NOTHING = "Choisissez un document et sa page, ou inscrivez ici ce qui établit le constat."


@pytest.mark.parametrize(
    "changes, found",
    [
        ({"document": "", "page": ""}, {}),
        ({"note": ""}, {}),
        ({"page": ""}, {"page": [NO_PAGE]}),
        ({"document": ""}, {"document": [NO_DOCUMENT]}),
        ({"document": "", "page": "", "note": " "}, {"note": [NOTHING]}),
        ({"page": "0"}, {"page": ["min_value"]}),
        ({"page": "un"}, {"page": ["invalid"]}),
        ({"document": "x"}, {"document": ["invalid"]}),
        ({"document": "", "page": "0", "note": ""}, {"page": ["min_value"]}),
        ({"document": "x", "page": "", "note": ""}, {"document": ["invalid"]}),
        ({"document": "", "page": "", "note": "x" * 500}, {}),
        ({"document": "", "page": "", "note": "x" * 501}, {"note": ["max_length"]}),
        ({"outcome": ""}, {"outcome": ["required"]}),
        ({"filing": "0"}, {"filing": ["min_value"], "__all__": ["incomplete"]}),
    ],
)
def test_each_error_of_a_verification_form_has_its_code(
    changes: dict[str, str], found: dict[str, list[str]]
) -> None:
    assert error_codes(EvidenceForm(VERIFIED | changes, documents=FILED)) == found


# -- An assessment, weights, a conflict, a move -----------------------------------------------------------------------
MARKED = {
    "line_7": "5",
    "remark_7": "Net.",
    "line_9": "",
    "remark_9": "",
    "note": "Bien.",
    "version": "0",
    "filing": "1",
}


def test_an_assessment_has_a_mark_for_each_line_or_one_without_a_grid() -> None:
    form = AssessmentForm(MARKED, lines=LINES)
    assert error_codes(form) == {}
    assert form.given() == AssessmentData(
        mark=None, lines={7: LineMarkData(5, "Net."), 9: LineMarkData(None, "")}, note="Bien."
    )
    plain = AssessmentForm({"mark": "0", "note": "", "version": "3", "filing": "1"}, lines=())
    assert error_codes(plain) == {}
    assert plain.given() == AssessmentData(mark=0, lines={}, note="")


@pytest.mark.parametrize(
    "changes, found",
    [
        ({"line_7": "6"}, {"line_7": ["invalid_choice"]}),
        ({"remark_7": "x" * 501}, {"remark_7": ["max_length"]}),
        ({"note": "x" * 5001}, {"note": ["max_length"]}),
        ({"filing": ""}, {"filing": ["required"], "__all__": ["incomplete"]}),
    ],
)
def test_each_error_of_an_assessment_form_has_its_code(
    changes: dict[str, str], found: dict[str, list[str]]
) -> None:
    assert error_codes(AssessmentForm(MARKED | changes, lines=LINES)) == found


@pytest.mark.parametrize("lines, named", [([9], ["line_9"]), ([7, 9], ["line_7", "line_9"])])
def test_each_missing_mark_is_reported_at_its_line(lines: list[int], named: list[str]) -> None:
    form = AssessmentForm(MARKED, lines=LINES)
    form.add_missing_errors(lines)
    words = "Choisissez une note : elle est obligatoire pour remettre votre évaluation."
    assert error_codes(form) == {name: [words] for name in named}
    plain = AssessmentForm({"version": "3", "filing": "1"}, lines=())
    plain.add_missing_errors([])
    assert list(error_codes(plain)) == ["mark"]


@pytest.mark.parametrize(
    "weights, found",
    [
        ({"weight_7": "0", "weight_9": "10"}, {7: 0, 9: 10}),
        ({"weight_7": "0", "weight_9": "0"}, {"__all__": ["nothing"]}),
        ({"weight_7": "0", "weight_9": "11"}, {"weight_9": ["max_value"]}),
        ({"weight_7": "-1", "weight_9": "1"}, {"weight_7": ["min_value"]}),
    ],
)
def test_trial_weights_require_one_above_zero(weights: dict[str, str], found: object) -> None:
    form = TrialWeightsForm(weights, lines=LINES)
    assert (form.weights() if form.is_valid() else error_codes(form)) == found
    assert [str(field.label) for field in form.fields.values()] == ["A mené un projet", "Parle arabe"]


def test_weights_changed_since_are_reported_line_by_line() -> None:
    before = {7: 1, 9: 1}
    assert WeightsChangeForm.shown(before) == {
        "weight_7": 1,
        "weight_9": 1,
        "seen": weights_digest(before),
    }
    form = WeightsChangeForm({"weight_7": "3", "weight_9": "1", "seen": weights_digest(before)}, lines=LINES)
    assert form.is_valid()
    form.add_changed_error({7: 2, 9: 1, 12: 4})
    said = error_codes(form)
    assert said.pop("__all__")[0].startswith(
        "Les pondérations ont changé dans une autre fenêtre ou par une autre personne"
    )
    assert said == {"weight_7": ["Le poids de cette ligne est maintenant 2."]}
    assert form.data == {
        "weight_7": "3",
        "weight_9": "1",
        "seen": weights_digest({7: 2, 9: 1, 12: 4}),
    }


@pytest.mark.parametrize(
    "sent, people, found",
    [
        ({"seen": "0"}, [], {}),
        ({"seen": "0", "reason": "x" * 251}, [], {"reason": ["max_length"]}),
        ({}, [], {"seen": ["required"], "__all__": ["incomplete"]}),
        ({"seen": "0"}, [(1, "Moi")], {"reviewer": ["required"]}),
        ({"seen": "0", "reviewer": "2"}, [(1, "Moi")], {"reviewer": ["invalid_choice"]}),
        ({"seen": "0", "reviewer": "1"}, [(1, "Moi")], {}),
    ],
)
def test_a_conflict_form_accepts_only_possible_members(
    sent: dict[str, str], people: list[tuple[int, str]], found: dict[str, list[str]]
) -> None:
    form = ConflictForm(sent, people=people)
    assert error_codes(form) == found
    if people and not found:
        assert form.cleaned_data["reviewer"] == 1


@pytest.mark.parametrize(
    "sent, required, found",
    [
        ({"version": "0"}, False, {}),
        ({"version": "0"}, True, {"reason": ["required"]}),
        ({"version": "0", "reason": "x" * 2000, "despite": "1"}, True, {}),
        ({"version": "0", "reason": "x" * 2001}, True, {"reason": ["max_length"]}),
        ({"version": "0", "despite": "0"}, False, {"despite": ["min_value"], "__all__": ["incomplete"]}),
    ],
)
def test_a_move_form_requires_a_reason_where_needed(
    sent: Mapping[str, str], required: object, found: dict[str, list[str]]
) -> None:
    assert error_codes(MoveForm(sent, reason_required=bool(required))) == found


def test_a_refused_move_form_has_the_new_version_and_typed_text() -> None:
    form = MoveForm(post(reason=["Avant.", "Après."], version="1"), reason_required=True, prefix="avis")
    form.update_version(version=4, despite=None)
    assert form.data == {"reason": "Après.", "version": "1", "avis-version": 4, "avis-despite": None}
    assert MoveForm(reason_required=True).held is None
