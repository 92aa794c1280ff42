"""Forms about the candidate, one per group of questions, used by the profile and by drafts. They save nothing."""

import copy
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise
from localflavor.ca.forms import CAPostalCodeField

from eligibility.criteria.age import Age
from eligibility.criteria.attestations import OnceOnly
from eligibility.criteria.legal_status import Domicile, LegalStatusCriterion
from eligibility.criteria.residence import Residence
from intake.profiles.answers import decode_answers, encode_answers
from intake.profiles.fields import MOST_TYPED, TypedDateField, format_typed_day
from intake.profiles.models import EARLIEST_BIRTH, LegalStatus, Province
from intake.web.crispy import fields_only

from . import question_kinds


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Questions under one title. `anchor` is the title's HTML id."""

    anchor: str
    title: StrPromise
    fields: list[forms.BoundField]


def give_focus(field: forms.BoundField) -> None:
    """Give the focus to a field's control as its page opens, or to the group of its choices."""
    # The options of a group inherit its attributes, and at most one control of a page may have `autofocus`.
    given = {"data-group-focus": ""} if field.use_fieldset else {"autofocus": True, "data-focus": ""}
    field.field.widget.attrs |= given


class AnswersForm(forms.Form):
    """A group of questions whose answers are stored.

    `on` is the latest day that the form accepts; None: future days are accepted. With `partial`, no field is required:
    the gate lists missing answers later. `beside` has the stored answers of other groups, to detect contradictions.
    """

    focuses_error = False
    """True if the first wrong control gets the focus, instead of the error summary."""
    helper = cached_property(fields_only)

    def __init__(
        self,
        *args: Any,
        on: dt.date | None = None,
        partial: bool = False,
        beside: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._stored_beside = beside or {}
        self.nothing_required = partial  # the page states it once, instead of on every label
        for field in self.fields.values():
            if partial:
                field.required = False
            if isinstance(field, TypedDateField):
                field.latest = on

    @cached_property
    def beside(self) -> dict[str, Any]:
        """The answers of other groups, decoded. One form of seven reads them."""
        return decode_answers(self._stored_beside)

    @property
    def is_damaged(self) -> bool:
        """True if no page sends the bound form, with `partial`, as it is: none of it may be saved."""
        return has_wrong_choice(self)

    @classmethod
    def initial_from(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the form's initial values from stored answers; keys of other forms are ignored."""
        questions = question_kinds.declared_questions(cls)
        return {key: questions[key].answer_initial(answers[key]) for key in questions if key in answers}

    @classmethod
    def answer_keys(cls) -> frozenset[str]:
        """Return the keys of this form's answers."""
        return frozenset(cls.base_fields)

    @classmethod
    def parts(cls) -> frozenset[str]:
        """Return the names of what one save keeps or leaves as a whole: here, each answer."""
        return cls.answer_keys()

    @classmethod
    def part_of(cls, name: str) -> str:
        """Return the part to which the field `name` belongs."""
        return name

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

    def fields_in_order(self) -> list[forms.BoundField]:
        """Return the visible fields in reading order."""
        return self.visible_fields()

    def focus_first_error(self) -> None:
        """Give the focus to the first wrong control: on a narrow screen it may be far below the error summary."""
        wrong = next((field for field in self.fields_in_order() if self.is_bound and field.errors), None)
        if wrong is not None:
            give_focus(wrong)
            self.focuses_error = True

    def answers(self) -> dict[str, Any]:
        """Return the answers in their JSON form: days as ISO texts, numbers in E.164; None if missing or unreadable."""
        return encode_answers({key: self.cleaned_data.get(key) for key in self.fields})

    def fields_to_correct(self) -> list[forms.BoundField]:
        """Return the fields with an error, in order."""
        return [field for field in self if field.errors]

    def unreadable(self) -> dict[str, str]:
        """Return the posted texts that have an error, by field name, for a form with `partial`."""
        return unreadable_texts(self)


class _SharedFields(dict[str, forms.Field]):
    """Fields that every instance of a form uses, instead of copies: to validate an answer changes no field."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> dict[str, forms.Field]:
        return dict(self)  # a form may add fields of its own


def sharing_fields[Form: forms.Form](form: type[Form]) -> type[Form]:
    """Return `form` as a class whose instances share their fields: only to validate, all with the same options.

    Copying the fields of a form takes longer than validating them.
    """
    shared: type[Form] = type(form.__name__, (form,), {})
    shared.base_fields = _SharedFields(copy.deepcopy(form.base_fields))
    return shared


def has_wrong_choice(form: forms.BaseForm) -> bool:
    """True if an answer of the bound `form`, where none is required, is none of the choices."""
    return any(isinstance(form.fields.get(name), forms.ChoiceField) for name in form.errors)


def unreadable_texts(form: forms.BaseForm) -> dict[str, str]:
    """Return the posted texts with an error of the bound `form`, by HTML name; of what is no day, its beginning."""
    return {
        form.add_prefix(name): text[:MOST_TYPED] if isinstance(field, TypedDateField) else text
        for name, field in form.fields.items()
        if name in form.errors
        and (text := str(form[name].value() or "").replace("\x00", ""))  # PostgreSQL stores no null character
    }


class IdentityForm(AnswersForm):
    """Names and birth date."""

    first_name = question_kinds.Text(
        label=_("Prénom"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        help_text=_("Comme sur vos documents officiels. Si vous n’en avez pas, inscrivez un tiret."),
        error_messages={"required": _("Inscrivez votre prénom.")},
        is_given_name=True,
        column=question_kinds.ExportColumn(5, 18, _("Prénom déposé.")),
    )
    last_name = question_kinds.Text(
        label=_("Nom de famille"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Inscrivez votre nom de famille.")},
        column=question_kinds.ExportColumn(4, 22, _("Nom de famille déposé."), _("Nom")),
    )
    birth_date = question_kinds.Day(
        label=_("Date de naissance"),
        earliest=EARLIEST_BIRTH,
        widget=forms.TextInput(attrs={"autocomplete": "bday"}),
        help_text=_("Par exemple : 4 mai 1998, ou 1998-05-04."),
        error_messages={"required": _("Inscrivez votre date de naissance.")},
        evaluated_by=(Age,),
        asked_with=(OnceOnly,),  # the register distinguishes persons of the same name by birth date
        column=question_kinds.ExportColumn(6, 18, _("Date déposée ; vide si l’offre ne la demande pas.")),
    )


class ContactForm(AnswersForm):
    """Telephone and postal address."""

    phone = question_kinds.Phone(
        label=_("Téléphone"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=_("Par exemple : 418 555-0142. Hors du Canada, commencez par + et l’indicatif du pays."),
        error_messages={
            "required": _("Inscrivez un numéro de téléphone."),
            "invalid": _(
                "Ce numéro est incomplet ou n’existe pas. Hors du Canada, commencez par + et "
                "l’indicatif du pays."
            ),
        },
        column=question_kinds.ExportColumn(8, 18, _("Numéro de téléphone déposé.")),
    )
    address_line = question_kinds.Text(
        label=_("Adresse"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        help_text=_("Numéro, rue et appartement."),
        error_messages={"required": _("Inscrivez votre adresse.")},
    )
    city = question_kinds.Text(
        label=_("Ville"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
        help_text=_("Hors du Canada, inscrivez la ville et le pays."),
        error_messages={"required": _("Inscrivez votre ville.")},
        column=question_kinds.ExportColumn(9, 20, _("Ville de l’adresse déposée.")),
    )
    province = question_kinds.Code(
        label=_("Province ou territoire"),
        choices=[("", _("Choisissez")), *Province.choices],
        widget=forms.Select(attrs={"autocomplete": "address-level1"}),
        error_messages={"required": _("Choisissez la province ou le territoire de votre adresse.")},
        column=question_kinds.ExportColumn(
            10, 10, _("Code de la province ou du territoire de l’adresse."), _("Province")
        ),
    )
    postal_code = question_kinds.ShortText(
        label=_("Code postal"),
        max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
        help_text=_("Par exemple : G1R 4Y8."),
        error_messages={"required": _("Inscrivez votre code postal.")},
    )

    def clean(self) -> dict[str, Any]:
        """Check and normalise the postal code, unless the province is OUTSIDE: other countries have other forms."""
        super().clean()
        cleaned = self.cleaned_data
        code = cleaned.get("postal_code")
        if code and cleaned.get("province") != Province.OUTSIDE:
            try:
                cleaned["postal_code"] = CAPostalCodeField().clean(code.replace("-", " "))
            except ValidationError:
                message = _("Un code postal canadien alterne lettres et chiffres, comme G1R 4Y8.")
                self.add_error("postal_code", ValidationError(message, code="invalid"))
        return cleaned


class StatusForm(AnswersForm):
    """The person's status in Canada."""

    legal_status = question_kinds.Code(
        label=_("Quel est votre statut au Canada ?"),
        choices=LegalStatus.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez votre statut au Canada.")},
        evaluated_by=(LegalStatusCriterion,),
    )


class ResidenceForm(AnswersForm):
    """Domicile and residence: answers that criteria read."""

    domicile_province = question_kinds.Code(
        label=_("Dans quelle province ou quel territoire avez-vous votre domicile ?"),
        choices=[("", _("Choisissez")), *Province.choices],
        help_text=_(
            "Votre domicile est le lieu de votre principal établissement, même pendant un séjour ailleurs."
        ),
        error_messages={"required": _("Choisissez la province ou le territoire de votre domicile.")},
        evaluated_by=(Domicile,),
    )
    quebec_resident_since = question_kinds.ResidenceStart(
        label=_("Depuis quand résidez-vous au Québec ?"),
        earliest=EARLIEST_BIRTH,
        help_text=_(
            "Inscrivez le début de votre résidence actuelle, ou « depuis toujours » : nous retenons alors votre "
            "date de naissance. Si vous n’y résidez pas, laissez le champ vide."
        ),
        error_messages={"required": _("Inscrivez la date depuis laquelle vous résidez au Québec.")},
        evaluated_by=(Residence,),
    )
    resident_for_health_insurance = question_kinds.YesNo(
        _("Résidez-vous au Québec au sens de l’assurance maladie ?"),
        _("C’est le cas si vous êtes admissible à la carte de la Régie de l’assurance maladie du Québec."),
        evaluated_by=(Residence,),
    )
    resident_for_tax = question_kinds.YesNo(
        _("Résidez-vous au Québec au sens de l’impôt ?"),
        _("C’est le cas si vous produisez au Québec votre déclaration de revenus."),
        evaluated_by=(Residence,),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        since = self.fields.get("quebec_resident_since")
        if isinstance(since, question_kinds.ResidenceStart):
            since.born = self.initial.get("birth_date") or self.beside.get("birth_date")

    def clean(self) -> dict[str, Any]:
        """Require `quebec_resident_since` only from residents, and not before the birth, which is `SINCE_BIRTH`."""
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
        if since == question_kinds.SINCE_BIRTH:
            cleaned["quebec_resident_since"] = since = birth
            if birth is None:
                message = _(
                    "Inscrivez d’abord votre date de naissance, ou inscrivez ici le début de votre résidence."
                )
                self.add_error("quebec_resident_since", ValidationError(message, code="birth_unknown"))
        if birth and since and since < birth:
            message = _("Cette date précède votre date de naissance, le %(birth)s. Corrigez l’une des deux.")
            params = {"birth": format_typed_day(birth)}
            self.add_error(
                "quebec_resident_since", ValidationError(message, code="before_birth", params=params)
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
