"""Forms of a candidate's studies, with one entry per programme."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext_lazy as _

from eligibility.criteria.studies import Studies
from intake.base.numbers import posted_number
from intake.profiles import question_kinds
from intake.profiles.dates import DateProblem
from intake.profiles.fields import TypedDateField
from intake.profiles.forms import AnswersForm, give_focus, has_wrong_choice, unreadable_texts
from intake.profiles.models import EARLIEST_BIRTH
from intake.web import formats
from intake.web.crispy import fields_only

MAX_STUDIES = 6
LATEST_DEGREE = date(2099, 12, 31)
"""Latest accepted day of a degree: a later day is a typing error."""


class StudyForm(forms.Form):
    """One programme of study."""

    level = question_kinds.Code(
        label=_("Niveau"),
        choices=[
            ("", _("Choisissez")),
            ("BACHELOR", _("Baccalauréat (1er cycle)")),
            ("GRADUATE_DIPLOMA", _("Diplôme d’études supérieures spécialisées (2e cycle)")),
            ("MASTER", _("Maîtrise (2e cycle)")),
            ("DOCTORATE", _("Doctorat (3e cycle)")),
            ("OTHER", _("Autre programme")),
        ],
        error_messages={"required": _("Choisissez le niveau du programme.")},
    )
    field_of_study = question_kinds.Text(
        label=_("Domaine d’études"),
        max_length=200,
        help_text=_("Par exemple : droit, science politique, informatique."),
        error_messages={"required": _("Inscrivez le domaine d’études.")},
    )
    institution = question_kinds.Text(
        label=_("Établissement"),
        max_length=200,
        error_messages={"required": _("Inscrivez l’établissement.")},
    )
    state = question_kinds.Code(
        label=_("Où en êtes-vous ?"),
        choices=[("IN_PROGRESS", _("En cours")), ("COMPLETED", _("Terminé"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Indiquez si le programme est en cours ou terminé.")},
    )
    day = TypedDateField(
        label=_("Date du diplôme, obtenu ou prévu"),
        required=False,
        earliest=EARLIEST_BIRTH,
        latest=LATEST_DEGREE,
        takes_month=True,
    )

    def __init__(self, *args: Any, partial: bool = False, on: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if on is not None:
            self._give_example(formats.month(date(on.year + 1, 6, 1)))
        self.nothing_required = partial  # same attribute as in `AnswersForm`
        for field in self.fields.values():
            if partial:
                field.required = False
        self.helper = fields_only(self)

    def _give_example(self, month: str) -> None:
        """Give the field of the day a hint and messages with an example that it accepts."""
        day = self.fields["day"]
        day.help_text = _(
            "Si le programme est en cours, inscrivez le mois et l’année prévus, par exemple %(month)s. Nous retenons "
            "le dernier jour du mois."
        ) % {"month": month}
        day.error_messages |= {
            DateProblem.UNREADABLE: _(
                "Cette date est illisible. Inscrivez le mois en lettres et l’année, par exemple : %(month)s."
            )
            % {"month": month},
            DateProblem.SHORT_YEAR: _("Inscrivez l’année en quatre chiffres, par exemple : %(month)s.")
            % {"month": month},
        }

    def clean_day(self) -> date | None:
        """Return the day. Only a degree that is expected may have a month without a day."""
        if self.cleaned_data.get("state") == "COMPLETED":
            TypedDateField(required=False).clean(self["day"].data)
        day: date | None = self.cleaned_data["day"]
        return day

    def clean(self) -> dict[str, Any]:
        """Require the day, except for a doctorate in progress: the rules do not need it there."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.nothing_required:
            return cleaned
        in_doctorate = cleaned.get("level") == "DOCTORATE" and cleaned.get("state") == "IN_PROGRESS"
        if not in_doctorate and not cleaned.get("day") and "day" not in self.errors:
            self.add_error("day", forms.ValidationError(_("Inscrivez la date du diplôme, obtenu ou prévu.")))
        return cleaned

    def as_study(self) -> dict[str, Any]:
        """Return the entry as stored: its day as `completed_on` or `expected_on`, a missing text as empty."""
        cleaned = self.cleaned_data
        day = cleaned["day"].isoformat() if cleaned.get("day") else None
        completed = cleaned.get("state") == "COMPLETED"
        return {
            **{key: cleaned.get(key, "") for key in STUDY},
            "completed_on": day if completed else None,
            "expected_on": None if completed else day,
        }


class CheckStudyForm(StudyForm):
    """One programme of study, with only the fields that the rules evaluate."""

    field_of_study = None  # type: ignore[assignment]  # -- in Django, None removes a field of the parent
    institution = None  # type: ignore[assignment]  # -- in Django, None removes a field of the parent


STUDY: Final = question_kinds.declared_questions(StudyForm)
"""The questions about one programme, without its day."""
STUDY_DAYS: Final = ("completed_on", "expected_on")
"""Keys of the day of a stored programme; at most one has a value."""
EVALUATED_STUDY_KEYS: Final = (*question_kinds.declared_questions(CheckStudyForm), *STUDY_DAYS)
"""Keys of a stored programme that are facts."""


@lru_cache(maxsize=64)
def _repeatable(entry: type[StudyForm]) -> type[forms.BaseFormSet[StudyForm]]:
    return forms.formset_factory(
        entry, extra=0, max_num=MAX_STUDIES, absolute_max=MAX_STUDIES, can_delete=True
    )


_NO_STUDY_MESSAGE = (
    _("Ajoutez au moins un programme."),
    _("Ajoutez au moins un programme, ou répondez oui à la dernière question."),
    _("Ajoutez au moins un programme, ou répondez oui à l’une des deux dernières questions."),
)
"""Index: number of alternatives to a programme that the form asks about, from 0 to 2."""


_TRUNCATED_MESSAGE = _(
    "Le formulaire reçu est incomplet. Vérifiez vos réponses, puis enregistrez de nouveau."
)


class StudiesForm(AnswersForm):
    """Programmes as repeatable entries, and the two alternatives that the STUDIES criterion recognises."""

    ENTRIES = "studies"
    ENTRY: ClassVar[type[StudyForm]] = StudyForm

    bar_school = question_kinds.YesNo(
        _("Étudiez-vous à l’École du Barreau du Québec ?"),
        evaluated_by=(Studies,),
    )
    professional_order_stage = question_kinds.YesNo(
        _("Avez-vous une inscription à un ordre professionnel qui exige un stage ?"),
        _("Répondez oui seulement si ce stage est obligatoire pour exercer la profession."),
        evaluated_by=(Studies,),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *args: Any,
        entries: int | None = None,
        on: date | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, *args, on=on, **kwargs)
        initial = list((self.initial or {}).get(self.ENTRIES, ()))
        if data is None:
            wanted = max(entries or 1, len(initial), 1)
            initial += [{} for _missing in range(wanted - len(initial))]
        self.entries = _repeatable(self.ENTRY)(
            data=data,
            prefix=self.ENTRIES,
            initial=initial,
            # An empty entry is ignored: the candidate need not remove it.
            form_kwargs={
                "empty_permitted": True,
                "use_required_attribute": False,
                "partial": self.nothing_required,
                "on": on,
            },
            error_messages={
                "missing_management_form": str(_TRUNCATED_MESSAGE),
            },
        )

    @classmethod
    def answer_keys(cls) -> frozenset[str]:
        """Return the keys of the two questions and of the list of programmes."""
        return super().answer_keys() | {cls.ENTRIES}

    @classmethod
    def part_of(cls, name: str) -> str:
        """Return the part of the field `name`: all programmes are one."""
        return cls.ENTRIES if name.startswith(f"{cls.ENTRIES}-") else name

    @classmethod
    def initial_from(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the initial values; `day` of a programme is its completion or expected day."""
        studies = [
            {
                **{key: study.get(key) for key in STUDY},
                "day": question_kinds.Day().answer_initial(
                    study.get("completed_on") or study.get("expected_on")
                ),
            }
            for study in answers.get(cls.ENTRIES) or ()
        ]
        return super().initial_from(answers) | {cls.ENTRIES: studies}

    @classmethod
    def as_post_data(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data that a browser would post, with the management form and at least one entry."""
        posted = cls.initial_from(answers)
        studies = posted.pop(cls.ENTRIES) or [dict.fromkeys(cls.ENTRY.base_fields)]
        posted |= {
            f"{cls.ENTRIES}-TOTAL_FORMS": len(studies),
            f"{cls.ENTRIES}-INITIAL_FORMS": 0,
        }
        for index, study in enumerate(studies):
            posted |= {f"{cls.ENTRIES}-{index}-{key}": value for key, value in study.items()}
        return posted

    @classmethod
    def with_empty_entry(cls, posted: Mapping[str, Any]) -> dict[str, Any]:
        """Return `posted`, the result of `as_post_data`, with one more empty programme, unless it has the most."""
        total = int(posted[f"{cls.ENTRIES}-TOTAL_FORMS"])
        if total >= MAX_STUDIES:
            return dict(posted)
        empty = {f"{cls.ENTRIES}-{total}-{key}": "" for key in cls.ENTRY.base_fields}
        return {**posted, **empty, f"{cls.ENTRIES}-TOTAL_FORMS": total + 1}

    @classmethod
    def rebound(cls, posted: Mapping[str, Any], *, on: date, partial: bool = False) -> "StudiesForm":
        """Return an unbound form with the posted values, without the removed entries, plus one empty entry."""
        total = posted_number(str(posted.get(f"{cls.ENTRIES}-TOTAL_FORMS", "")))
        count = min(total or 0, MAX_STUDIES)
        typed = [
            {key: posted.get(f"{cls.ENTRIES}-{index}-{key}") for key in cls.ENTRY.base_fields}
            for index in range(count)
            if not posted.get(f"{cls.ENTRIES}-{index}-DELETE")
        ]
        initial = {key: posted.get(key) for key in cls.base_fields} | {cls.ENTRIES: typed}
        return cls(initial=initial, entries=min(len(typed) + 1, MAX_STUDIES), on=on, partial=partial)

    def is_valid(self) -> bool:
        """True if the questions and every programme that is kept are valid."""
        return bool(self.entries.is_valid()) & super().is_valid()

    def clean(self) -> dict[str, Any]:
        """Require a programme, unless one of the two alternatives is answered with yes."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self._is_complete_post():
            self.add_error(None, forms.ValidationError(_TRUNCATED_MESSAGE, code="missing_management_form"))
            return cleaned
        other_way = self.nothing_required or any(cleaned.get(key) for key in self.fields)
        if not self.filled_entries and not other_way:
            self.add_error(None, forms.ValidationError(_NO_STUDY_MESSAGE[len(self.fields)], code="no_study"))
        return cleaned

    @property
    def is_damaged(self) -> bool:
        """True if a programme or a choice did not arrive as a page sends it: none of the form may be saved."""
        missing = self.has_error(NON_FIELD_ERRORS, "missing_management_form")
        return (
            missing
            or bool(self.entries.non_form_errors())
            or super().is_damaged
            or any(map(has_wrong_choice, self.filled_entries))
        )

    def fields_in_order(self) -> list[forms.BoundField]:
        """Return the fields of each programme, then those of the two questions."""
        return [field for entry in self.entries.forms for field in entry] + super().fields_in_order()

    def focus_first_error(self) -> None:
        """Give the focus to the first wrong control; to the first programme if one is missing."""
        super().focus_first_error()
        if not self.focuses_error and self.has_errors and self.entries.forms:
            give_focus(self.entries.forms[0]["level"])
            self.focuses_error = True

    def _is_complete_post(self) -> bool:
        """True if the post contains every entry that its management form counts: else programmes would be lost."""
        total = self.entries.management_form.cleaned_data["TOTAL_FORMS"] or 0
        sent = (f"{self.ENTRIES}-{index}-level" in self.data for index in range(max(total, 0)))
        return 0 <= total <= MAX_STUDIES and all(sent)

    @property
    def may_add(self) -> bool:
        """True if another programme may be added."""
        return len(self.entries.forms) < MAX_STUDIES

    @property
    def has_errors(self) -> bool:
        """True if a posted entry or question has an error. False if the form is unbound."""
        return self.is_bound and (bool(self.errors) or self.entries.total_error_count() > 0)

    @property
    def filled_entries(self) -> list[StudyForm]:
        """Bound entries with an answer, without the removed ones."""
        self.entries.is_valid()  # validates each entry
        return [
            form
            for form in self.entries.forms
            if form.has_changed() and not form.cleaned_data.get(DELETION_FIELD_NAME)
        ]

    def answers(self) -> dict[str, Any]:
        """Return the two answers and the programmes, in the posted order."""
        return super().answers() | {self.ENTRIES: [form.as_study() for form in self.filled_entries]}

    def fields_to_correct(self) -> list[forms.BoundField]:
        """Return the fields with an error: those of the programmes, then the questions."""
        return [
            field for form in self.filled_entries for field in form if field.errors
        ] + super().fields_to_correct()

    def unreadable(self) -> dict[str, str]:
        """Return the posted texts with an error; those of a programme by the name that it has once it is saved."""
        texts = super().unreadable()
        for index, form in enumerate(self.filled_entries):
            for name, text in unreadable_texts(form).items():
                texts[f"{self.ENTRIES}-{index}-{name.rsplit('-', 1)[1]}"] = text
        return texts


class CheckStudiesForm(StudiesForm):
    """Studies as the check without an account asks about them."""

    ENTRY = CheckStudyForm
