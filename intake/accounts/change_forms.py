"""Forms of account changes in the administration: what is asked, and why. Operations check the rules."""

from typing import Any, ClassVar, Final, override

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.accounts.changes import current_value, roles_value
from intake.accounts.errors import NameNeededError
from intake.accounts.models import NO, REASON_LENGTH, YES, AccountChange, User, fold_email
from intake.accounts.roles import Role

Kind = AccountChange.Kind


class ReasonForm(forms.Form):
    """A change without a choice, and its reason. `person`: the account."""

    needs_second_person: ClassVar[bool] = True

    reason = forms.CharField(
        label=_("Motif"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Les autres personnes à l’administration le liront. Il reste avec le compte."),
        error_messages={"required": _("Expliquez pourquoi en quelques mots.")},
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.person = person
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def value(self) -> str:
        """Return what the valid form asks, as `AccountChange.value` stores it."""
        return ""


class ClosingForm(ReasonForm):
    """Closing an account: at once, by one person."""

    needs_second_person = False


class AddressForm(ReasonForm):
    """Another address."""

    email = forms.EmailField(
        label=_("Nouvelle adresse courriel"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": _("Inscrivez la nouvelle adresse."),
            "invalid": _("Cette adresse est incomplète. Elle s’écrit comme prenom.nom@exemple.ca."),
        },
    )

    @override
    def value(self) -> str:
        return fold_email(self.cleaned_data["email"])


class RolesForm(ReasonForm):
    """Exactly the chosen roles."""

    roles = forms.MultipleChoiceField(
        label=_("Rôles"),
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Sans rôle, la personne n’a plus accès à l’administration."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["roles"] = current_value(user=self.person, kind=Kind.ROLES).split()

    @override
    def value(self) -> str:
        return roles_value({Role(code) for code in self.cleaned_data["roles"]})


class AdministrationForm(ReasonForm):
    """The administration given, or taken if the account has it."""

    @override
    def value(self) -> str:
        return NO if self.person.is_superuser else YES


FORMS: Final[dict[AccountChange.Kind, type[ReasonForm]]] = {
    Kind.ADDRESS: AddressForm,
    Kind.ROLES: RolesForm,
    Kind.ADMINISTRATION: AdministrationForm,
    Kind.CLOSING: ClosingForm,
    Kind.REOPENING: ReasonForm,
    Kind.SECOND_FACTOR: ReasonForm,
}
"""The form of each kind of change."""


class AccountForm(forms.ModelForm[User]):
    """The displayed name of an account. A form that came without it, as an empty request does, removes no name."""

    class Meta:
        model = User
        fields = ("display_name",)

    def clean_display_name(self) -> str:
        """Return the name, which an account that has one keeps."""
        name: str = self.cleaned_data["display_name"]
        if self.initial.get("display_name") and not name:
            raise forms.ValidationError(str(NameNeededError()), code=NameNeededError.code)
        return name


class StaffAccountForm(forms.ModelForm[User]):
    """A new account for a colleague, and the roles that are asked for it."""

    roles = forms.MultipleChoiceField(
        label=_("Rôles demandés"),
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Une autre personne à l’administration doit les approuver."),
    )
    reason = forms.CharField(
        label=_("Motif"),
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Nécessaire si vous demandez un rôle."),
    )

    class Meta:
        model = User
        fields = ("email", "display_name")

    @override
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("roles") and not cleaned.get("reason"):
            self.add_error("reason", _("Expliquez pourquoi en quelques mots."))
        return cleaned
