"""Answers of a draft as text, for the review page and the seal."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from intake.dossiers.payload import Answer, AnsweredSection
from intake.profiles.fields import format_phone
from intake.profiles.forms import AnswersForm
from intake.web import formats

from .answer_cleaning import clean_answers
from .grid_form import GridForm
from .offer_questions import GRID
from .sections import SECTIONS, Section
from .study_forms import LEVELS, STATES, StudiesForm


def answered_sections(sections: Iterable[Section], answers: object) -> tuple[AnsweredSection, ...]:
    """Return each of `sections` with its questions and answers in the active language.

    A question without an answer has an empty value. A grid line has the offer's own text.
    """
    sound = clean_answers(answers)  # once for all sections
    return tuple(
        AnsweredSection(
            key=section.key,
            title=str(section.title),
            answers=tuple(_answers(section, section.form.own_answers(sound))),
        )
        for section in sections
    )


def _answers(section: Section, answers: Mapping[str, Any]) -> list[Answer]:
    if issubclass(section.form, GridForm):
        return _lines(section.form, answers)
    form = _unbound(section.form)
    worded = [
        Answer(key=key, label=str(field.label), value=_value(form, key, answers.get(key)))
        for key, field in form.fields.items()
    ]
    if issubclass(section.form, StudiesForm):
        return _programmes(answers.get(StudiesForm.ENTRIES) or ()) + worded
    return worded


@lru_cache(maxsize=256)
def _unbound(form: type[AnswersForm]) -> AnswersForm:
    """Return an unbound form of this class, to read its fields. Cached: an instance copies all its fields."""
    return form()


def _lines(form: type[GridForm], answers: Mapping[str, Any]) -> list[Answer]:
    said = answers.get(GRID, {})
    return [
        Answer(key=f"{GRID}.{line.number}", label=line.text, value=said.get(str(line.number), ""))
        for line in form.LINES
    ]


def _value(form: AnswersForm, key: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Oui") if value else _("Non")
    field = form.fields[key]
    if isinstance(field, forms.ChoiceField):
        return _choice(field.choices, value)
    if key == "phone":
        return format_phone(value)
    if key in {"birth_date", "quebec_resident_since"}:
        return formats.day(date.fromisoformat(value))
    return str(value)


def _choice(choices: Any, value: Any) -> str:
    return next((str(label) for code, label in choices if code == value), str(value))


def _programmes(studies: Any) -> list[Answer]:
    return [
        Answer(
            key=f"studies.{index}",
            label=_("Programme %(number)d") % {"number": index},
            value=format_programme(study),
        )
        for index, study in enumerate(studies, start=1)
    ]


def format_programme(study: Mapping[str, Any]) -> str:
    """Return the answered parts of one programme of study as one line."""
    parts = (_choice(LEVELS, study.get("level") or ""), study.get("field_of_study"), study.get("institution"))
    name = ", ".join(part for part in parts if part)
    day = study.get("completed_on") or study.get("expected_on")
    if day is None:
        return " — ".join(part for part in (name, _choice(STATES, study.get("state") or "")) if part)
    if not study.get("state"):
        wording = _("%(name)s — le %(day)s")
    elif study.get("completed_on"):
        wording = _("%(name)s — terminé le %(day)s")
    else:
        wording = _("%(name)s — en cours, prévu le %(day)s")
    return wording % {"name": name, "day": formats.day(date.fromisoformat(day))}


def display_answers(answers: Mapping[str, Any]) -> list[Answer]:
    """Return `answers`, a subset of a draft's, each with its question. All programmes are one answer."""
    rows = []
    for section in SECTIONS:
        asked = section.restrict_to(frozenset(answers))
        if asked is None:
            continue
        form = _unbound(asked.form)
        if StudiesForm.ENTRIES in answers and issubclass(asked.form, StudiesForm):
            said = "\u00a0; ".join(format_programme(study) for study in answers[StudiesForm.ENTRIES] or ())
            rows.append(Answer(key=StudiesForm.ENTRIES, label=str(section.title), value=said))
        rows += [
            Answer(key=key, label=str(field.label), value=_value(form, key, answers.get(key)))
            for key, field in form.fields.items()
            if key in answers
        ]
    return rows
