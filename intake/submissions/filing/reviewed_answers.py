"""Answers of a draft for the review page: what would be filed, and the texts that no field could read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from intake.submissions.questions.answer_display import answered_sections
from intake.submissions.questions.sections import Section
from intake.submissions.questions.study_forms import StudiesForm


@dataclass(frozen=True, slots=True)
class KeptText:
    """A text that its field could not read: kept as typed on the draft, and never filed."""

    label: str
    """Label of its field, if it is a part of an answer; else empty."""
    text: str
    error: str
    anchor: str
    """Id of its control on the section's page."""


@dataclass(frozen=True, slots=True)
class ReviewedAnswer:
    """One question, its answer as text (empty: none), and the texts to correct."""

    label: str
    value: str
    kept: tuple[KeptText, ...]
    is_missing: bool
    """Without an answer that the offer requires."""


@dataclass(frozen=True, slots=True)
class ReviewedSection:
    """One section with its questions, in order."""

    key: str
    title: str
    answers: tuple[ReviewedAnswer, ...]

    @property
    def to_correct(self) -> int:
        """Number of texts to correct."""
        return sum(len(answer.kept) for answer in self.answers)

    @property
    def length(self) -> int:
        """Number of characters of the questions and answers."""
        return sum(len(answer.label) + len(answer.value) for answer in self.answers)


def review_sections(sections: Iterable[Section], answers: object, *, on: date) -> tuple[ReviewedSection, ...]:
    """Return `sections` with a draft's `answers`; a text that no field can read has its error on day `on`."""
    asked = tuple(sections)
    kept = {section.key: _kept_texts(section, answers, on) for section in asked}
    missing = {section.key: _missing_parts(section, answers, on) for section in asked}
    return tuple(
        ReviewedSection(
            key=row.key,
            title=row.title,
            answers=tuple(
                ReviewedAnswer(
                    answer.label,
                    answer.value,
                    tuple(kept[row.key].get(answer.key, ())),
                    is_missing=not answer.value and answer.key in missing[row.key],
                )
                for answer in row.answers
            ),
        )
        for row in answered_sections(asked, answers)
    )


def _missing_parts(section: Section, answers: object, on: date) -> set[str]:
    """Return the parts of `section` that have an error, such as a required answer that is missing."""
    form = section.judge(answers, on=on)
    form.is_valid()
    return {section.form.part_of(field.html_name) for field in form.fields_in_order() if field.errors}


def _kept_texts(section: Section, answers: object, on: date) -> dict[str, list[KeptText]]:
    """Return the unreadable texts of `section` by the key of their answer."""
    texts = section.unreadable(answers)
    found: dict[str, list[KeptText]] = {}
    if not texts:
        return found
    form = section.judge(answers, on=on, partial=True)
    form.is_valid()
    for field in form.fields_in_order():
        name = field.html_name
        if name in texts:
            key, label = section.form.part_of(name), ""
            if key == StudiesForm.ENTRIES:
                key, label = f"{key}.{int(name.split('-')[1]) + 1}", str(field.label)
            # A text may become readable, such as a day that was in the future: to save it again is enough.
            error = " ".join(map(str, field.errors)) or _("Enregistrez de nouveau cette réponse.")
            found.setdefault(key, []).append(KeptText(label, texts[name], error, field.id_for_label))
    return found
