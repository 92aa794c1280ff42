"""Fields of each form of `review`: type, bounds, messages and initial value."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django import forms

from intake.documents.models import Upload
from intake.review.assignment.forms import (
    ConfirmDivisionForm,
    CsvAssignmentForm,
    DueChangeForm,
    DueForm,
    EvenDivisionForm,
    ManualAssignmentForm,
)
from intake.review.committees.forms import ConflictForm
from intake.review.complements.forms import ComplementForm
from intake.review.decisions.forms import BatchForm, ReleaseForm, ReserveMoveForm
from intake.review.evidence.forms import EvidenceForm
from intake.review.exports.forms import ExportForm
from intake.review.marks.forms import AssessmentForm, WeightsChangeForm, WeightsForm
from intake.review.moves.forms import BulkForm, MoveForm
from intake.review.queue.saved_views import SavedViewForm
from intake.review.ranking.forms import MeetingNoteForm
from intake.review.rulings.panel import RulingForm
from intake.review.shortlists.forms import FreezeForm
from intake.submissions.complements.operations import ComplementDays
from intake.submissions.models import FiledDocument, Submission
from intake.submissions.questions.sections import SECTIONS
from intake.submissions.states import Action
from offers.models import DocumentRequest, GridLine

ON = dt.date(2027, 3, 10)
LINES = (
    GridLine(pk=7, text="a mené un projet", requirement="REQUIRED"),
    GridLine(pk=9, text="parle arabe", requirement="ASSET"),
)
CV = DocumentRequest(pk=5, label="Curriculum vitæ")
FILED = FiledDocument(pk=4, upload=Upload(pages=1), request=CV)
LONGER = FiledDocument(pk=6, upload=Upload(pages=3), request=DocumentRequest(pk=8, label="Relevé"))
DAYS = ComplementDays(first=dt.date(2027, 3, 12), last=dt.date(2027, 5, 30), usual=dt.date(2027, 3, 20))


def _own_words(field: forms.Field) -> list[str]:
    """Return the codes of the errors for which the field has its own message."""
    usual: dict[str, Any] = {}
    for kind in reversed(type(field).__mro__):
        usual |= getattr(kind, "default_error_messages", {})
    return sorted(code for code, words in field.error_messages.items() if str(usual.get(code)) != str(words))


def _described(name: str, field: forms.Field) -> str:
    """Describe a field in one line: `?` if it is optional, `says` before its own error messages."""
    bounds = {"min_value": "from", "max_value": "to", "max_length": "most", "strip": "strip"}
    attributes = [
        f"{key}={value}" for key, value in field.widget.attrs.items() if key not in {"max", "maxlength"}
    ]
    if isinstance(field.widget, (forms.DateInput, forms.TimeInput)):
        attributes.append(f"type={field.widget.input_type}")
    formats = [str(each) for each in getattr(field, "input_formats", None) or ()]
    choices = [str(code) or "-" for code, _label in getattr(field.widget, "choices", ())]
    parts = [
        type(field).__name__.removesuffix("Field") + ("" if field.required else "?"),
        " ".join([type(field.widget).__name__, *attributes]),
        *(
            f"{word} {value}"
            for bound, word in bounds.items()
            if (value := getattr(field, bound, None)) is not None and value is not True
        ),
        " ".join(formats) if len(formats) < 4 else "",
        "of " + " ".join(choices) if choices else "",
        "" if field.initial is None else f"first {field.initial}",
        " ".join(["label"] * bool(field.label) + ["help"] * bool(field.help_text)),
        " ".join(["says", *_own_words(field)]) if _own_words(field) else "",
    ]
    return f"{name}: " + "; ".join(part for part in parts if part)


FORMS: dict[str, Callable[[], forms.BaseForm]] = {
    "assessment": lambda: AssessmentForm(lines=LINES),
    "assessment, no grid": lambda: AssessmentForm(lines=()),
    "batch": lambda: BatchForm(action=Action.DECLINE, rows=[Submission(pk=3, version=2)]),
    "bulk": lambda: BulkForm(reason_required=True),
    "bulk, no reason": lambda: BulkForm(reason_required=False),
    "complement": lambda: ComplementForm(documents=[CV], sections=SECTIONS[:2], days=DAYS),
    "conflict": lambda: ConflictForm(people=[(1, "Moi"), (2, "Elle")]),
    "conflict, one's own": lambda: ConflictForm(people=[]),
    "due": lambda: DueForm(on=ON),
    "due, changed": lambda: DueChangeForm(on=ON, members=[(1, "Elle")]),
    "even": lambda: EvenDivisionForm(on=ON),
    "even, made": lambda: ConfirmDivisionForm(on=ON),
    "evidence": lambda: EvidenceForm(documents=[FILED, LONGER]),
    "export": ExportForm,
    "freeze": FreezeForm,
    "hand": lambda: ManualAssignmentForm(on=ON),
    "list": lambda: CsvAssignmentForm(on=ON),
    "meeting note": MeetingNoteForm,
    "move": lambda: MoveForm(reason_required=True),
    "move, no reason": lambda: MoveForm(reason_required=False),
    "place": ReserveMoveForm,
    "release": ReleaseForm,
    "ruling": RulingForm,
    "saved view": lambda: SavedViewForm(may_share=True),
    "saved view, not shared": lambda: SavedViewForm(may_share=False),
    "weighing": lambda: WeightsChangeForm(lines=LINES),
    "weights": lambda: WeightsForm(lines=LINES),
}


HELD = """\
== assessment
note: Char?; Textarea cols=40 rows=5; most 5000; label help; says max_length
version: Integer; HiddenInput; from 0
filing: Integer; HiddenInput; from 1
line_7: Mark?; RadioSelect; of - 0 1 2 3 4 5; label; says invalid_choice
remark_7: Char?; TextInput; most 500; label; says max_length
line_9: Mark?; RadioSelect; of - 0 1 2 3 4 5; label; says invalid_choice
remark_9: Char?; TextInput; most 500; label; says max_length
== assessment, no grid
mark: Mark?; RadioSelect; of - 0 1 2 3 4 5; label; says invalid_choice
note: Char?; Textarea cols=40 rows=5; most 5000; label help; says max_length
version: Integer; HiddenInput; from 0
filing: Integer; HiddenInput; from 1
== batch
title: TidyText; TextInput; most 120; label help; says required
word: TidyParagraphs?; Textarea cols=40 rows=5 data-limit=2000; most 2000; label help
reason: TidyText?; TextInput; most 500; label help
version: Integer; HiddenInput; from 0
choix-3: Boolean?; CheckboxInput
mot-3: TidyParagraphs?; Textarea cols=40 rows=3 data-limit=2000; most 2000; label
vu-3: Integer?; HiddenInput; from 0; first 2
== bulk
plan: Char; HiddenInput
reason: Char; Textarea cols=40 rows=4; most 2000; label help; says max_length required
== bulk, no reason
plan: Char; HiddenInput
== complement
words: TidyParagraphs; Textarea cols=40 rows=5 data-limit=2000; most 2000; label help; says required
documents: TypedMultipleChoice?; CheckboxSelectMultiple; of 5; label; says invalid_choice
sections: MultipleChoice?; CheckboxSelectMultiple; of identite coordonnees; label; says invalid_choice
due_on: Date; DayInput type=date; %d/%m/%Y %d/%m/%y %Y-%m-%d; label help; says invalid required
version: Integer; HiddenInput; from 0
despite: Integer?; HiddenInput; from 1
letter: Char?; HiddenInput; most 64
== conflict
seen: Integer; HiddenInput; from 0
reason: Char?; TextInput; most 250; label help; says max_length
reviewer: TypedChoice; RadioSelect; of 1 2; label; says invalid_choice required
== conflict, one's own
seen: Integer; HiddenInput; from 0
reason: Char?; TextInput; most 250; label help; says max_length
== due
due_on: Date?; DayInput min=2027-03-10 type=date; %d/%m/%Y %d/%m/%y %Y-%m-%d; label help; says invalid
== due, changed
member: TypedChoice?; Select; of - 1; label; says invalid_choice
due_on: Date; DayInput min=2027-03-10 type=date; %d/%m/%Y %d/%m/%y %Y-%m-%d; label help; says invalid required
== even
readers: Integer; NumberInput min=1; from 1; to 9; label help; says invalid max_value min_value required
common: Integer?; NumberInput min=0; from 0; to 100; label help; says invalid max_value min_value
due_on: Date?; DayInput min=2027-03-10 type=date; %d/%m/%Y %d/%m/%y %Y-%m-%d; label help; says invalid
== even, made
readers: Integer; NumberInput min=1; from 1; to 9; label help; says invalid max_value min_value required
common: Integer?; NumberInput min=0; from 0; to 100; label help; says invalid max_value min_value
due_on: Date?; DayInput min=2027-03-10 type=date; %d/%m/%Y %d/%m/%y %Y-%m-%d; label help; says invalid
seen: Char; HiddenInput; most 64
== evidence
outcome: Choice; RadioSelect; of CONFIRMED CONTRADICTED; label; says required
document: Integer?; Select; of - 4 6; label
page: Integer?; NumberInput inputmode=numeric min=1; from 1; label; says invalid min_value
note: TidyText?; TextInput; most 500; label help
filing: Integer; HiddenInput; from 1
seen: Integer; HiddenInput; from 0
== export
reason: TidyText; TextInput; most 250; label help; says required
language: Choice; RadioSelect; of fr en; first fr; label; says required
key: UUID?; HiddenInput
file_format: Choice; Select; of xlsx pdf csv zip; says required
== freeze
reason: TidyText; TextInput; most 250; label help; says required
seen: Char; HiddenInput; most 71
== hand
due_on: Date?; DayInput min=2027-03-10 type=date; %d/%m/%Y %d/%m/%y %Y-%m-%d; label help; says invalid
shown: Boolean; HiddenInput
== list
file: File?; FileInput accept=.csv,text/csv; label help; says empty
due_on: Date?; DayInput min=2027-03-10 type=date; %d/%m/%Y %d/%m/%y %Y-%m-%d; label help; says invalid
text: Char?; HiddenInput; most 1048576; strip False
== meeting note
text: TidyParagraphs; Textarea cols=40 rows=5 data-limit=4000; most 4000; label help; says required
== move
reason: Char; Textarea cols=40 rows=4; most 2000; label help; says max_length required
version: Integer; HiddenInput; from 0
despite: Integer?; HiddenInput; from 1
== move, no reason
version: Integer; HiddenInput; from 0
despite: Integer?; HiddenInput; from 1
== place
line: Integer; NumberInput min=1; from 1
seen: Integer; NumberInput min=1; from 1
way: Choice; Select; of up down
== release
moment: Choice; RadioSelect; of plus-tard maintenant; first plus-tard; label; says required
day: Date?; DateInput type=date; %Y-%m-%d; label; says invalid
hour: Time?; TimeInput type=time; %H:%M %H h %M %H h; label; says invalid
version: Integer; HiddenInput; from 0
letters: Char; HiddenInput; most 64
== ruling
decision: Choice; RadioSelect; of CONFIRMED OVERTURNED; label; says required
reason: TidyParagraphs; Textarea cols=40 rows=5 data-limit=2000; most 2000; label help; says required
filing: Integer; HiddenInput; from 1
seen: Integer; HiddenInput; from 0
== saved view
name: TidyText; TextInput; most 60; label help; says max_length required
shared: Boolean?; CheckboxInput; label
== saved view, not shared
name: TidyText; TextInput; most 60; label help; says max_length required
== weighing
seen: Char; HiddenInput
weight_7: Integer; NumberInput min=0; from 0; to 10; label help; says invalid max_value min_value required
weight_9: Integer; NumberInput min=0; from 0; to 10; label help; says invalid max_value min_value required
== weights
weight_7: Integer; NumberInput min=0; from 0; to 10; label help; says invalid max_value min_value required
weight_9: Integer; NumberInput min=0; from 0; to 10; label help; says invalid max_value min_value required
"""


def _held() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for block in HELD.split("== ")[1:]:
        name, *fields = block.splitlines()
        found[name] = fields
    return found


@pytest.mark.parametrize("name", FORMS)
def test_each_form_has_its_stored_fields_and_limits(name: str) -> None:
    form = FORMS[name]()
    assert [_described(each, field) for each, field in form.fields.items()] == _held()[name]


def test_each_form_has_a_stored_description() -> None:
    assert list(_held()) == list(FORMS)
