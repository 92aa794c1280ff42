"""Forms about the candidate, one per group of questions, used by the profile and by drafts.

Forms only parse: they save nothing. `answers()` returns what a draft or a profile stores; `initial_from()` converts it
back to initial values.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from localflavor.ca.forms import CAPostalCodeField

from intake.profiles.answers import decode_answers, encode_answers
from intake.profiles.fields import (
    ShortTextField,
    TidyTextField,
    TypedDateField,
    TypedPhoneField,
    format_typed_day,
)
from intake.profiles.models import EARLIEST_BIRTH, LegalStatus, Province

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_YES_NO = [("true", _("Oui")), ("false", _("Non"))]


def yes_no_field(label: Any, help_text: Any = "") -> forms.TypedChoiceField:
    """Return a required field with the choices *oui* and *non*, cleaned to a boolean."""
    return forms.TypedChoiceField(
        label=label,
        help_text=help_text,
        choices=_YES_NO,
        coerce={"true": True, "false": False}.__getitem__,
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Répondez par oui ou par non.")},
    )


def treat_invalid_choice_as_missing(field: forms.Field) -> None:
    """Give an invalid choice the error of a missing answer: only a broken page sends an invalid choice."""
    if isinstance(field, forms.ChoiceField):
        field.error_messages["invalid_choice"] = field.error_messages["required"]


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Questions under one title. `anchor` is the title's HTML id."""

    anchor: str
    title: "StrPromise"
    fields: list[forms.BoundField]


class AnswersForm(forms.Form):
    """A group of questions whose answers are stored.

    `on` is the current day, the latest day that the form accepts; None: future days are accepted. With `partial`, no
    field is required: the gate lists missing answers later. `beside` has the stored answers of other groups, to detect
    contradictions.
    """

    def __init__(
        self,
        *args: Any,
        on: dt.date | None = None,
        partial: bool = False,
        beside: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.beside = decode_answers(beside or {})
        self.nothing_required = partial  # the page states it once, instead of on every label
        for field in self.fields.values():
            if partial:
                field.required = False
            if isinstance(field, TypedDateField):
                field.latest = on
            treat_invalid_choice_as_missing(field)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    @classmethod
    def initial_from(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the form's initial values from stored answers; keys of other forms are ignored."""
        initial = decode_answers({key: answers[key] for key in cls.base_fields if key in answers})
        radios = {key for key, field in cls.base_fields.items() if isinstance(field, forms.TypedChoiceField)}
        return {
            key: str(value).lower() if key in radios and isinstance(value, bool) else value
            for key, value in initial.items()
        }

    @classmethod
    def answer_keys(cls) -> frozenset[str]:
        """Return the keys of this form's answers."""
        return frozenset(cls.base_fields)

    @classmethod
    def own_answers(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the stored `answers` that belong to this form."""
        return {key: answers[key] for key in sorted(cls.answer_keys()) if key in answers}

    @classmethod
    def comparable_answers(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the stored `answers` to compare when checking that two pages with this form display the same."""
        return cls.own_answers(answers)

    @classmethod
    def as_post_data(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the POST data that gives `answers`, to validate stored answers as a posted form."""
        return cls.initial_from(answers)

    def answers(self) -> dict[str, Any]:
        """Return the cleaned values in their JSON form: days as ISO texts, missing answers as None.

        :raises AttributeError: if the form was not validated.
        """
        return encode_answers({key: self.cleaned_data.get(key) for key in self.fields})


class IdentityForm(AnswersForm):
    """Names and birth date."""

    first_name = TidyTextField(
        label=_("Prénom"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        help_text=_("Comme sur vos documents officiels. Si vous n’en avez pas, inscrivez un tiret."),
        error_messages={"required": _("Inscrivez votre prénom.")},
    )
    last_name = TidyTextField(
        label=_("Nom de famille"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Inscrivez votre nom de famille.")},
    )
    birth_date = TypedDateField(
        label=_("Date de naissance"),
        earliest=EARLIEST_BIRTH,
        widget=forms.TextInput(attrs={"autocomplete": "bday"}),
        help_text=_("Par exemple : 4 mai 1998, ou 1998-05-04."),
        error_messages={"required": _("Inscrivez votre date de naissance.")},
    )


class ContactForm(AnswersForm):
    """Telephone and postal address."""

    phone = TypedPhoneField(
        label=_("Téléphone"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=_("Par exemple : 418 555-0142. Hors du Canada, commencez par + et l’indicatif du pays."),
        error_messages={
            "required": _("Inscrivez un numéro de téléphone."),
            "invalid": _(
                "Ce numéro n’est pas complet ou n’existe pas. "
                "Hors du Canada, commencez par + et l’indicatif du pays."
            ),
        },
    )
    address_line = TidyTextField(
        label=_("Adresse"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        help_text=_("Numéro, rue et appartement."),
        error_messages={"required": _("Inscrivez votre adresse.")},
    )
    city = TidyTextField(
        label=_("Ville"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
        help_text=_("Hors du Canada, inscrivez la ville et le pays."),
        error_messages={"required": _("Inscrivez votre ville.")},
    )
    province = forms.ChoiceField(
        label=_("Province ou territoire"),
        choices=[("", _("Choisissez")), *Province.choices],
        widget=forms.Select(attrs={"autocomplete": "address-level1"}),
        error_messages={"required": _("Choisissez la province ou le territoire de votre adresse.")},
    )
    postal_code = ShortTextField(
        label=_("Code postal"),
        max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
        help_text=_("Par exemple : G1R 4Y8."),
        error_messages={"required": _("Inscrivez votre code postal.")},
    )

    def clean_phone(self) -> str:
        """Return the number with its country code and no spaces, as `+14185550142`."""
        number = self.cleaned_data["phone"]
        return number.as_e164 if number else ""

    def clean(self) -> dict[str, Any]:
        """Check and normalise the postal code, unless the province is OUTSIDE: other countries have other forms."""
        super().clean()
        cleaned = self.cleaned_data
        code = cleaned.get("postal_code")
        if code and cleaned.get("province") != Province.OUTSIDE:
            try:
                cleaned["postal_code"] = CAPostalCodeField().clean(code.replace("-", " "))
            except ValidationError:
                self.add_error(
                    "postal_code",
                    ValidationError(
                        _("Un code postal canadien s’écrit comme G1R 4Y8 : lettre, chiffre, en alternance."),
                        code="invalid",
                    ),
                )
        return cleaned


class StatusForm(AnswersForm):
    """The person's status in Canada."""

    legal_status = forms.ChoiceField(
        label=_("Quel est votre statut au Canada ?"),
        choices=LegalStatus.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez votre statut au Canada.")},
    )


class ResidenceForm(AnswersForm):
    """Domicile and residence: answers that criteria read."""

    domicile_province = forms.ChoiceField(
        label=_("Dans quelle province ou quel territoire avez-vous votre domicile ?"),
        choices=[("", _("Choisissez")), *Province.choices],
        help_text=_(
            "Votre domicile est le lieu de votre principal établissement, même pendant un séjour ailleurs."
        ),
        error_messages={"required": _("Choisissez la province ou le territoire de votre domicile.")},
    )
    quebec_resident_since = TypedDateField(
        label=_("Depuis quand résidez-vous au Québec ?"),
        earliest=EARLIEST_BIRTH,
        help_text=_(
            "Le début de votre résidence actuelle. Si vous y vivez depuis toujours, "
            "inscrivez votre date de naissance. Si vous n’y résidez pas, laissez vide."
        ),
        error_messages={"required": _("Inscrivez depuis quand vous résidez au Québec.")},
    )
    resident_for_health_insurance = yes_no_field(
        _("Résidez-vous au Québec au sens de l’assurance maladie ?"),
        _("C’est le cas si vous êtes admissible à la carte de la Régie de l’assurance maladie du Québec."),
    )
    resident_for_tax = yes_no_field(
        _("Résidez-vous au Québec au sens de l’impôt ?"),
        _("C’est le cas si vous produisez au Québec votre déclaration de revenus."),
    )

    def clean(self) -> dict[str, Any]:
        """Require `quebec_resident_since` only from residents; add an error if it is before the birth date."""
        super().clean()
        cleaned = self.cleaned_data
        elsewhere = False in (
            cleaned.get("resident_for_health_insurance"),
            cleaned.get("resident_for_tax"),
        )
        if elsewhere and self.has_error("quebec_resident_since", "required"):
            del self.errors["quebec_resident_since"]
            cleaned["quebec_resident_since"] = None
        birth = cleaned.get("birth_date") or self.beside.get("birth_date")
        since = cleaned.get("quebec_resident_since")
        if birth and since and since < birth:
            self.add_error(
                "quebec_resident_since",
                ValidationError(
                    _("Cette date précède votre date de naissance, le %(birth)s. Corrigez l’une ou l’autre."),
                    code="before_birth",
                    params={"birth": format_typed_day(birth)},
                ),
            )
        return cleaned


class ProfileForm(ResidenceForm, StatusForm, ContactForm, IdentityForm):
    """All fields of a profile, on one page."""

    GROUPS: Final = (
        ("identite", _("Identité"), IdentityForm),
        ("coordonnees", _("Coordonnées"), ContactForm),
        ("statut", _("Statut au Canada"), StatusForm),
        ("residence", _("Domicile et résidence"), ResidenceForm),
    )

    def groups(self) -> list[FieldGroup]:
        """Return the questions by group, in display order."""
        return [
            FieldGroup(anchor=anchor, title=title, fields=[self[key] for key in form.base_fields])
            for anchor, title, form in self.GROUPS
        ]
