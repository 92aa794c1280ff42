"""The forms of a candidate's studies, a form per programme."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyTextField, TypedDateField
from intake.profiles.forms import AnswersForm, treat_invalid_choice_as_missing, yes_no_field
from intake.profiles.models import EARLIEST_BIRTH
from intake.web.crispy import fields_only

from .forms import _day

MAX_STUDIES = 6


LATEST_DEGREE = date(2099, 12, 31)
"""Later than that is a slip of the keyboard."""


LEVELS = [
    ("BACHELOR", _("Baccalauréat (1er cycle)")),
    ("GRADUATE_DIPLOMA", _("Diplôme d’études supérieures spécialisées (2e cycle)")),
    ("MASTER", _("Maîtrise (2e cycle)")),
    ("DOCTORATE", _("Doctorat (3e cycle)")),
    ("OTHER", _("Autre programme")),
]


STATES = [("IN_PROGRESS", _("En cours")), ("COMPLETED", _("Terminé"))]


class StudyForm(forms.Form):
    """One programme of study."""

    level = forms.ChoiceField(
        label=_("Niveau"),
        choices=[("", _("Choisissez")), *LEVELS],
        error_messages={"required": _("Choisissez le niveau du programme.")},
    )
    field_of_study = TidyTextField(
        label=_("Domaine d’études"),
        max_length=200,
        help_text=_("Par exemple : droit, science politique, informatique."),
        error_messages={"required": _("Inscrivez le domaine d’études.")},
    )
    institution = TidyTextField(
        label=_("Établissement"),
        max_length=200,
        error_messages={"required": _("Inscrivez l’établissement.")},
    )
    state = forms.ChoiceField(
        label=_("Où en êtes-vous ?"),
        choices=STATES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Dites si le programme est en cours ou terminé.")},
    )
    day = TypedDateField(
        label=_("Date du diplôme, obtenue ou prévue"),
        required=False,
        earliest=EARLIEST_BIRTH,
        latest=LATEST_DEGREE,
        help_text=_("Si le programme est en cours, la date prévue. Par exemple : 30 avril 2027."),
    )

    def __init__(self, *args: Any, partial: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.nothing_required = partial  # as `AnswersForm` has it
        for field in self.fields.values():
            if partial:
                field.required = False
            treat_invalid_choice_as_missing(field)
        self.helper = fields_only(self)

    def clean(self) -> dict[str, Any]:
        """Ask for the day wherever the rules need it: everywhere but for a doctorate in progress."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.nothing_required:
            return cleaned
        in_doctorate = cleaned.get("level") == "DOCTORATE" and cleaned.get("state") == "IN_PROGRESS"
        if not in_doctorate and not cleaned.get("day") and "day" not in self.errors:
            self.add_error(
                "day", forms.ValidationError(_("Inscrivez la date du diplôme, obtenue ou prévue."))
            )
        return cleaned

    def as_study(self) -> dict[str, Any]:
        """Return the entry as a draft keeps it: the day goes to `completed_on` or to `expected_on`.

        What is not asked, or not answered, is an empty text.
        """
        cleaned = self.cleaned_data
        day = cleaned["day"].isoformat() if cleaned.get("day") else None
        completed = cleaned["state"] == "COMPLETED"
        return {
            "level": cleaned["level"],
            "field_of_study": cleaned.get("field_of_study", ""),
            "institution": cleaned.get("institution", ""),
            "state": cleaned["state"],
            "completed_on": day if completed else None,
            "expected_on": None if completed else day,
        }


@lru_cache(maxsize=8)
def _repeatable(entry: type[StudyForm]) -> type[forms.BaseFormSet[StudyForm]]:
    return forms.formset_factory(
        entry, extra=0, max_num=MAX_STUDIES, absolute_max=MAX_STUDIES, validate_max=True, can_delete=True
    )


_NO_STUDY_MESSAGE = (
    _("Ajoutez au moins un programme."),
    _("Ajoutez au moins un programme, ou répondez oui à la dernière question."),
    _("Ajoutez au moins un programme, ou répondez oui à l’une des deux dernières questions."),
)
"""By how many other ways the form asks about."""


_TRUNCATED_MESSAGE = _(
    "Le formulaire est arrivé incomplet. Vérifiez vos réponses, puis enregistrez de nouveau."
)


class StudiesForm(AnswersForm):
    """The programmes, as repeatable entries, and the two other ways that the rules recognise."""

    ENTRIES = "studies"
    ENTRY: ClassVar[type[StudyForm]] = StudyForm

    bar_school = yes_no_field(
        _("Êtes-vous inscrit(e) à l’École du Barreau du Québec ?"),
    )
    professional_order_stage = yes_no_field(
        _("Êtes-vous inscrit(e) à un ordre professionnel qui exige un stage ?"),
        _("Seulement si ce stage est obligatoire pour obtenir le droit d’exercer la profession."),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *args: Any, entries: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, *args, **kwargs)
        initial = list((self.initial or {}).get(self.ENTRIES, ()))
        if data is None:
            wanted = max(entries or 1, len(initial), 1)
            initial += [{} for _missing in range(wanted - len(initial))]
        self.entries = _repeatable(self.ENTRY)(
            data=data,
            prefix=self.ENTRIES,
            initial=initial,
            # One left blank says nothing: it is let go, and nobody has to remove it.
            form_kwargs={
                "empty_permitted": True,
                "use_required_attribute": False,
                "partial": self.nothing_required,
            },
            error_messages={
                "missing_management_form": str(_TRUNCATED_MESSAGE),
            },
        )

    @classmethod
    def answer_keys(cls) -> frozenset[str]:
        """Return the two questions and the list of programmes."""
        return super().answer_keys() | {cls.ENTRIES}

    @classmethod
    def initial_from(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the initial values, each programme with its one day."""
        studies = [
            {
                **{key: study.get(key) for key in ("level", "field_of_study", "institution", "state")},
                "day": _day(study.get("completed_on") or study.get("expected_on")),
            }
            for study in answers.get(cls.ENTRIES) or ()
        ]
        return super().initial_from(answers) | {cls.ENTRIES: studies}

    @classmethod
    def as_post_data(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a browser would post, the entries with their management form; a page shows one at least."""
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
    def rebound(cls, posted: Mapping[str, Any], *, on: date, partial: bool = False) -> "StudiesForm":
        """Return an unbound form that shows what was typed, less what was ticked for removal, and one empty entry."""
        total = str(posted.get(f"{cls.ENTRIES}-TOTAL_FORMS", ""))
        count = min(int(total), MAX_STUDIES) if total.isdecimal() else 0
        typed = [
            {key: posted.get(f"{cls.ENTRIES}-{index}-{key}") for key in cls.ENTRY.base_fields}
            for index in range(count)
            if not posted.get(f"{cls.ENTRIES}-{index}-DELETE")
        ]
        initial = {key: posted.get(key) for key in cls.base_fields} | {cls.ENTRIES: typed}
        return cls(initial=initial, entries=min(len(typed) + 1, MAX_STUDIES), on=on, partial=partial)

    def is_valid(self) -> bool:
        """Say whether the questions and every programme that is kept are answered."""
        return bool(self.entries.is_valid()) & super().is_valid()

    def clean(self) -> dict[str, Any]:
        """Ask for a programme unless one of the two other ways is claimed."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self._is_complete_post():
            self.add_error(None, forms.ValidationError(_TRUNCATED_MESSAGE, code="missing_management_form"))
            return cleaned
        other_way = self.nothing_required or any(cleaned.get(key) for key in self.fields)
        if not self.filled_entries and not other_way:
            self.add_error(None, forms.ValidationError(_NO_STUDY_MESSAGE[len(self.fields)], code="no_study"))
        return cleaned

    def _is_complete_post(self) -> bool:
        """Whether each programme that the form says it sends is there: else those of the draft would be forgotten."""
        total = self.entries.management_form.cleaned_data["TOTAL_FORMS"] or 0
        sent = (f"{self.ENTRIES}-{index}-level" in self.data for index in range(max(total, 0)))
        return 0 <= total <= MAX_STUDIES and all(sent)

    @property
    def may_add(self) -> bool:
        """Whether there is room for one programme more."""
        return len(self.entries.forms) < MAX_STUDIES

    @property
    def has_errors(self) -> bool:
        """Whether what was posted is refused, in an entry or in a question; a form not posted has no errors."""
        return self.is_bound and (bool(self.errors) or self.entries.total_error_count() > 0)

    @property
    def filled_entries(self) -> list[StudyForm]:
        """The bound entries in which something was answered, less those that were ticked for removal."""
        removed = self.entries.deleted_forms
        return [form for form in self.entries.forms if form.has_changed() and form not in removed]

    def answers(self) -> dict[str, Any]:
        """Return the two answers and the programmes, in the order typed."""
        return super().answers() | {self.ENTRIES: [form.as_study() for form in self.filled_entries]}


class CheckStudyForm(StudyForm):
    """One programme of study, by what the rules judge of it alone."""

    field_of_study = None  # type: ignore[assignment]  # -- so does Django leave out a field of the parent
    institution = None  # type: ignore[assignment]  # -- same


class CheckStudiesForm(StudiesForm):
    """The programmes as the check asks about them."""

    ENTRY = CheckStudyForm
