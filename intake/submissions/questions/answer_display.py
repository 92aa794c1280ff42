"""Answers of a draft as text, for the review page and the seal."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from intake.dossiers.sealed_payload import Answer, AnsweredSection
from intake.profiles.forms import AnswersForm
from intake.profiles.question_kinds import Question, declared_questions
from intake.web import formats

from .answers import clean_answers
from .grid_form import GridForm
from .offer_questions import GRID
from .sections import SECTIONS, Section
from .study_forms import STUDY, StudiesForm


def answered_sections(sections: Iterable[Section], answers: object) -> tuple[AnsweredSection, ...]:
    """Return each of `sections` with its questions and answers in the active language.

    A question without an answer has an empty value. A grid line has the offer's own text.
    """
    sections = tuple(sections)
    clean = clean_answers(answers)  # once for all sections
    asks_birth = any("birth_date" in section.form.base_fields for section in sections)
    born = clean.get("birth_date") if asks_birth else None
    return tuple(
        AnsweredSection(
            key=section.key,
            title=str(section.title),
            answers=tuple(_answers(section, section.form.own_answers(clean), born)),
        )
        for section in sections
    )


def _answers(section: Section, answers: Mapping[str, Any], born: str | None) -> list[Answer]:
    if issubclass(section.form, GridForm):
        lines = answers.get(GRID, {})
        return [
            Answer(key=f"{GRID}.{line.number}", label=line.text, value=lines.get(str(line.number), ""))
            for line in section.form.LINES
        ]
    worded = [
        Answer(key=key, label=label, value=_text(key, question, answers.get(key), born))
        for key, label, question in _worded_questions(section.form, get_language())
    ]
    if not issubclass(section.form, StudiesForm):
        return worded
    programmes = [
        Answer(
            key=f"studies.{index}",
            label=_("Programme %(number)d") % {"number": index},
            value=format_programme(study),
        )
        for index, study in enumerate(answers.get(StudiesForm.ENTRIES) or (), start=1)
    ]
    return programmes + worded


def _text(key: str, question: Question, answer: Any, born: str | None) -> str:
    text = question.answer_text(answer)
    return since_birth(text) if key == "quebec_resident_since" and answer and answer == born else text


def since_birth(day: str) -> str:
    """Return the text of a residence that began on the `day` of birth. Earlier seals have the day alone."""
    return _("Depuis toujours (%(day)s)") % {"day": day}


@lru_cache(maxsize=256)
def _worded_questions(form: type[AnswersForm], _language: str | None) -> list[tuple[str, str, Question]]:
    """Return the key, label and question of each question of `form`: a filing has fifty labels."""
    return [(key, str(question.label), question) for key, question in declared_questions(form).items()]


def format_programme(study: Mapping[str, Any]) -> str:
    """Return the answered parts of one programme of study as one line."""
    texts = {key: question.answer_text(study.get(key)) for key, question in STUDY.items()}
    state = texts.pop("state")
    name = ", ".join(text for text in texts.values() if text)
    day = study.get("completed_on") or study.get("expected_on")
    if day is None:
        return " — ".join(part for part in (name, state) if part)
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
        if StudiesForm.ENTRIES in answers and issubclass(asked.form, StudiesForm):
            text = "\u00a0; ".join(format_programme(study) for study in answers[StudiesForm.ENTRIES] or ())
            rows.append(Answer(key=StudiesForm.ENTRIES, label=str(section.title), value=text))
        rows += [
            Answer(key=key, label=str(question.label), value=question.answer_text(answers[key]))
            for key, question in declared_questions(asked.form).items()
            if key in answers
        ]
    return rows
