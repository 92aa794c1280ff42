"""Questionnaire of the check without an account: questions and verdict of an offer. Nothing is stored.

It uses the forms of a draft, restricted to the questions that the offer's criteria evaluate.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from eligibility import Rulebook, Verdict, evaluate
from intake.profiles.forms import AnswersForm
from intake.submissions.questions.answers import facts_of
from intake.submissions.questions.grid_form import FieldError
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


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions of one criterion. `anchor`: id of its title. `studies`: form, only for STUDIES."""

    anchor: str
    title: str
    fields: tuple["BoundField", ...]
    studies: CheckStudiesForm | None


class Questionnaire:
    """Questions of `rulebook`, bound to the posted `data`, or unbound with `answers` as initial values.

    `on`: present day in the offer's time zone. No answer is required: a missing answer gives a finding, not an error.
    With `more`, posted values are shown again unvalidated, with one more empty programme.
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
        wanted = frozenset[str]().union(*(questions_of(criterion) for criterion in rulebook.criteria))
        asked = [narrowed for section in _SECTIONS if (narrowed := section.restrict_to(wanted)) is not None]
        self.forms: dict[str, AnswersForm] = {}
        beside: dict[str, Any] = {}
        for section in asked:
            if more:
                form = _rebound_form(section, data or {}, on)
            else:
                initial = section.form.initial_from(answers) if answers else None
                form = section.form(data, initial=initial, on=on, partial=True, beside=beside)
            self.forms[section.key] = form
            if form.is_bound:
                form.is_valid()
                beside |= form.answers()

    @property
    def groups(self) -> list[QuestionGroup]:
        """Questions by criterion, in the offer's order. A question of several criteria is in the first."""
        groups = []
        shown: set[str] = set()
        studies = next((form for form in self.forms.values() if isinstance(form, CheckStudiesForm)), None)
        for criterion in self.rulebook.criteria:
            questions = questions_of(criterion) - shown
            shown |= questions
            fields = tuple(
                form[key] for form in self.forms.values() for key in form.fields if key in questions
            )
            asked = studies if StudiesForm.ENTRIES in questions else None
            if fields or asked is not None:
                kind = criterion.kind.value
                groups.append(QuestionGroup(anchor_of(kind), criterion_name(kind), fields, asked))
        return groups

    @property
    def is_valid(self) -> bool:
        """True if every posted answer is readable."""
        return all(form.is_valid() for form in self.forms.values())

    @property
    def mistakes(self) -> list[FieldError]:
        """Errors in the order of the page."""
        return [mistake for group in self.groups for mistake in _errors_of(group)]

    def answers(self) -> dict[str, Any]:
        """Return the answers in the shape of a draft's, without missing ones."""
        given: dict[str, Any] = {}
        for form in self.forms.values():
            given |= {key: value for key, value in form.answers().items() if value is not None}
        if not any(given.get(key) for key in StudiesForm.answer_keys()):
            given.pop(StudiesForm.ENTRIES, None)  # no programme: a missing answer, not an empty list
        return given

    def verdict(self) -> Verdict:
        """Return the verdict on the answers."""
        return evaluate(self.rulebook, facts_of(self.answers()))


def anchor_of(kind: str) -> str:
    """Return the element id of the title of a kind of criterion."""
    return f"critere-{kind.lower().replace('_', '-')}"


def _rebound_form(section: Section, posted: Mapping[str, Any], on: date) -> AnswersForm:
    if issubclass(section.form, StudiesForm):
        return section.form.rebound(posted, on=on, partial=True)
    typed = {key: posted.get(key) for key in section.form.base_fields}
    return section.form(initial=typed, on=on, partial=True)


def _errors_of(group: QuestionGroup) -> Iterator[FieldError]:
    fields = list(group.fields)
    if group.studies is not None and group.studies.is_bound:
        for error in group.studies.entries.non_form_errors():
            yield FieldError(f"{group.title} — {error}", group.anchor)
        fields = [*(field for entry in group.studies.entries.forms for field in entry), *fields]
    for field in fields:
        yield from (FieldError(f"{field.label} — {error}", error_anchor(field)) for error in field.errors)
