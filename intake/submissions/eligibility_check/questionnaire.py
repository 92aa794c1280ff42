"""The check that anybody may make without an account: an offer's questions, its rules, and nothing kept.

The questions are those of the application, by the same forms, and only those that the offer's criteria judge.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from eligibility import Rulebook, Verdict, evaluate
from eligibility.criteria import Criterion, OnceOnly
from intake.profiles.forms import AnswersForm
from intake.submissions.questions.facts import facts_of
from intake.submissions.questions.offer_questions import questions_of
from intake.submissions.questions.sections import SECTIONS, Section
from intake.submissions.questions.study_forms import CheckStudiesForm, StudiesForm
from intake.web.templatetags.portal import error_anchor
from offers.criterion_labels import criterion_name

if TYPE_CHECKING:
    from django.forms import BoundField

_SECTIONS = tuple(
    replace(section, form=CheckStudiesForm) if section.form is StudiesForm else section
    for section in SECTIONS
)
_FROM_THE_REGISTER = frozenset({"birth_date"})
"""What ONCE_ONLY needs to look somebody up in the register of past participants, which a check never does."""


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """The questions of one criterion. `anchor` is the id of its title; `studies` is there for STUDIES alone."""

    anchor: str
    title: str
    fields: tuple["BoundField", ...]
    studies: CheckStudiesForm | None


@dataclass(frozen=True, slots=True)
class FieldError:
    """Something to correct, and the id of the control where it is."""

    text: str
    anchor: str


class Questionnaire:
    """The questions of `rulebook`, bound to what was posted (`data`) or showing `answers` already given.

    `on` is the day it is for the person. Nothing is required: an answer that is missing is a finding, not a mistake.
    With `more`, what was posted is only shown again, with one empty programme more.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        *,
        on: date,
        data: Mapping[str, Any] | None = None,
        answers: Mapping[str, Any] | None = None,
        more: bool = False,
    ) -> None:
        self.rulebook = rulebook
        wanted = frozenset[str]().union(*(_asked_questions(criterion) for criterion in rulebook.criteria))
        asked = [narrowed for section in _SECTIONS if (narrowed := section.restrict_to(wanted)) is not None]
        self.forms: dict[str, AnswersForm] = {}
        beside: dict[str, Any] = {}
        for section in asked:
            form = (
                _rebound_form(section, data or {}, on) if more else _form(section, data, answers, beside, on)
            )
            self.forms[section.key] = form
            if form.is_bound:
                form.is_valid()
                beside |= form.answers()

    @property
    def groups(self) -> list[QuestionGroup]:
        """The questions, criterion by criterion, in the offer's order; each is asked once."""
        groups = []
        shown: set[str] = set()
        for criterion in self.rulebook.criteria:
            questions = _asked_questions(criterion) - shown
            shown |= questions
            fields = tuple(
                form[key] for form in self.forms.values() for key in form.fields if key in questions
            )
            studies = next((form for form in self.forms.values() if isinstance(form, CheckStudiesForm)), None)
            asks_studies = StudiesForm.ENTRIES in questions
            if fields or asks_studies:
                kind = criterion.kind.value
                groups.append(
                    QuestionGroup(
                        anchor=anchor_of(kind),
                        title=criterion_name(kind),
                        fields=fields,
                        studies=studies if asks_studies else None,
                    )
                )
        return groups

    @property
    def is_valid(self) -> bool:
        """Whether everything that was typed could be read."""
        return all(form.is_valid() for form in self.forms.values())

    @property
    def mistakes(self) -> list[FieldError]:
        """What could not be read, in the order of the page."""
        return [mistake for group in self.groups for mistake in _errors_of(group)]

    def answers(self) -> dict[str, Any]:
        """Return what was answered, as a draft keeps it; what was not is left out."""
        given: dict[str, Any] = {}
        for form in self.forms.values():
            given |= {key: value for key, value in form.answers().items() if value is not None}
        if not given.get(StudiesForm.ENTRIES) and not (
            given.get("bar_school") or given.get("professional_order_stage")
        ):
            given.pop(StudiesForm.ENTRIES, None)  # no programme typed is a question not answered
        return given

    def verdict(self) -> Verdict:
        """Return what the rules say of the answers."""
        return evaluate(self.rulebook, facts_of(self.answers()))


def anchor_of(kind: str) -> str:
    """Return the id of the title over the questions of a kind of criterion."""
    return f"critere-{kind.lower().replace('_', '-')}"


def _asked_questions(criterion: Criterion) -> frozenset[str]:
    questions = questions_of(criterion)
    return questions - _FROM_THE_REGISTER if isinstance(criterion, OnceOnly) else questions


def _form(
    section: Section,
    data: Mapping[str, Any] | None,
    answers: Mapping[str, Any] | None,
    beside: Mapping[str, Any],
    on: date,
) -> AnswersForm:
    initial = section.form.initial_from(answers) if answers else None
    return section.form(data, initial=initial, on=on, partial=True, beside=beside)


def _rebound_form(section: Section, posted: Mapping[str, Any], on: date) -> AnswersForm:
    if issubclass(section.form, StudiesForm):
        return section.form.rebound(posted, on=on, partial=True)
    typed = {key: posted.get(key) for key in section.form.base_fields}
    return section.form(initial=typed, on=on, partial=True)


def _errors_of(group: QuestionGroup) -> Iterator[FieldError]:
    if group.studies is not None and group.studies.is_bound:
        for error in group.studies.entries.non_form_errors():
            yield FieldError(f"{group.title} — {error}", group.anchor)
        for entry in group.studies.entries.forms:
            for field in entry:
                yield from (
                    FieldError(f"{field.label} — {error}", error_anchor(field)) for error in field.errors
                )
    for field in group.fields:
        yield from (FieldError(f"{field.label} — {error}", error_anchor(field)) for error in field.errors)
