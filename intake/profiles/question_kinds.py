"""Questions of an application: form fields that also know the shape of their stored answers and where these go."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from eligibility.criteria.base import Criterion
from intake.profiles import fields
from intake.web import formats


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """Column of an answer in exported shortlists. `place`, from 1, never changes; `width` is in characters."""

    place: int
    width: int
    meaning: Promise
    header: Promise | None = None
    """None: the label of the question."""


class Question(forms.Field):
    """A question. Its answer is stored under its key in the draft, sealed, and shown with its section.

    `evaluated_by`: criteria that read the answer, as the fact of that name; their offers ask the question.
    `asked_with`: other criteria whose offers ask it. Without any criterion, every offer asks it.
    `column`: the answer is exported there. `is_given_name`: an anonymous review masks it in the candidate's texts.
    """

    def __init__(
        self,
        *args: Any,
        evaluated_by: tuple[type[Criterion], ...] = (),
        asked_with: tuple[type[Criterion], ...] = (),
        column: ExportColumn | None = None,
        is_given_name: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.evaluated_by = evaluated_by
        self.asked_with = asked_with
        self.column = column
        self.is_given_name = is_given_name
        if "invalid_choice" in self.error_messages:
            # An invalid choice counts as a missing answer: only a broken page sends one.
            self.error_messages["invalid_choice"] = self.error_messages["required"]

    def clean_answer(self, answer: Any) -> Any:
        """Return a stored answer, or None if it is not in the shape that the form stores."""
        return answer if isinstance(answer, str) else None

    def answer_initial(self, answer: Any) -> Any:
        """Return a stored answer as initial value of the field."""
        return answer

    def answer_text(self, answer: Any) -> str:
        """Return a stored answer in the active language; empty if there is none."""
        return "" if answer is None else str(answer)


class Text(Question, fields.TidyTextField):
    """A question answered on one line."""


class ShortText(Text):
    """A question answered on one short line."""

    bound_field_class = fields.ShortBoundField


class Paragraphs(Question, fields.TidyParagraphsField):
    """A question answered on several lines."""


class Phone(Question, PhoneNumberField):  # type: ignore[misc]  # -- django-phonenumber-field ships no types
    """A question about a telephone number, stored as `fields.stored_phone` says.

    A Canadian number may be typed without the country code, and an extension after `poste`, `ext.`, `x` or `#`.
    """

    widget = forms.TextInput
    bound_field_class = fields.ShortBoundField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(region="CA", **kwargs)

    def to_python(self, value: Any) -> Any:
        """Return the number, or an empty text. Like libphonenumber, but with `poste` before an extension."""
        typed = value or ""
        if len(typed) > fields.MOST_TYPED:  # the time of the pattern grows with the square of the length
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        number = super().to_python(fields.EXTENSION_WORD.sub(" ext. ", typed))
        if number and len(number.extension or "") > fields.MAX_EXTENSION_DIGITS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number

    def prepare_value(self, value: Any) -> Any:
        """Return a stored number as it would be typed; return typed text unchanged."""
        return fields.format_phone(value) if isinstance(value, str) else super().prepare_value(value)

    def answer_text(self, answer: Any) -> str:
        """Return the number as it would be typed."""
        return fields.format_phone(super().answer_text(answer))


class Code(Question, forms.ChoiceField):
    """A question answered by one of its choices, stored as a code."""

    @property
    def labels(self) -> dict[str, Any]:
        """The labels of the codes. The empty choice is not one."""
        choices: Any = self.choices
        return {code: label for code, label in choices if code}

    def clean_answer(self, answer: Any) -> Any:
        """Return a code of the choices, or None."""
        return answer if isinstance(answer, str) and answer in self.labels else None

    def answer_text(self, answer: Any) -> str:
        """Return the label of a code; an unknown code is returned unchanged."""
        return str(self.labels.get(answer, super().answer_text(answer)))


class YesNo(Question, forms.TypedChoiceField):
    """A required question answered by *oui* or *non*, stored as a boolean."""

    def __init__(self, label: Any, help_text: Any = "", **options: Any) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            choices=[("true", _("Oui")), ("false", _("Non"))],
            coerce={"true": True, "false": False}.__getitem__,
            empty_value=None,
            widget=forms.RadioSelect,
            error_messages={"required": _("Répondez par oui ou par non.")},
            **options,
        )

    def clean_answer(self, answer: Any) -> Any:
        """Return a boolean, or None."""
        return answer if isinstance(answer, bool) else None

    def answer_initial(self, answer: Any) -> Any:
        """Return the value of the radio button."""
        return str(answer).lower() if isinstance(answer, bool) else answer

    def answer_text(self, answer: Any) -> str:
        """Return *oui* or *non*."""
        if not isinstance(answer, bool):
            return ""
        return gettext("Oui") if answer else gettext("Non")


class Day(Question, fields.TypedDateField):
    """A question about a day, stored as an ISO text."""

    def clean_answer(self, answer: Any) -> Any:
        """Return the ISO text of a day, or None."""
        try:
            return answer if answer == dt.date.fromisoformat(answer).isoformat() else None
        except (TypeError, ValueError):
            return None  # also another ISO form, such as 19980504: digests depend on the text

    def answer_initial(self, answer: Any) -> Any:
        """Return the day."""
        return dt.date.fromisoformat(answer) if isinstance(answer, str) and answer else answer

    def answer_text(self, answer: Any) -> str:
        """Return the day in words."""
        return formats.day(dt.date.fromisoformat(answer)) if answer else ""


SINCE_BIRTH: Final = dt.date.min
"""Day of a residence that began with the person's life, until the form replaces it by the birth date."""
_SINCE_BIRTH_WORDS: Final = re.compile(
    r"(?:depuis )?(?:toujours|(?:ma|la) naissance)|(?:since )?(?:always|(?:my )?birth|i was born)",
    re.IGNORECASE,
)


class ResidenceStart(Day):
    """A question about the first day of a residence, which may be typed as `depuis toujours`."""

    born: dt.date | None = None
    """Birth date, if the form knows it."""

    def to_python(self, value: Any) -> dt.date | None:
        """Return the day, or `SINCE_BIRTH`."""
        words = " ".join(str(value or "").split()).strip(" .«»")
        return SINCE_BIRTH if _SINCE_BIRTH_WORDS.fullmatch(words) else super().to_python(value)

    def validate(self, value: dt.date | None) -> None:
        """Check the bounds of a day."""
        if value != SINCE_BIRTH:
            super().validate(value)

    def prepare_value(self, value: Any) -> Any:
        """Return the words if the day is that of birth."""
        if isinstance(value, dt.date) and value == self.born:
            return gettext("depuis toujours")
        return super().prepare_value(value)


def declared_questions(form: type[forms.Form]) -> dict[str, Question]:
    """Return the questions that a form declares, by key, in order."""
    return {key: field for key, field in form.base_fields.items() if isinstance(field, Question)}
