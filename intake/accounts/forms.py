"""Forms of the sign-in flow."""

import unicodedata
from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from intake.accounts.codes import CODE_LENGTH
from intake.accounts.models import fold_email
from intake.web.crispy import fields_only


class CodeInput(forms.TextInput):
    """A field for a code, which no page displays again: pages are kept, a code is not."""

    def __init__(self) -> None:
        super().__init__(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        )

    def format_value(self, value: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Return None: no value."""
        return


class EmailForm(forms.Form):
    """The user's email address."""

    email = forms.EmailField(
        label=_("Adresse courriel"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        help_text=_("Par exemple : prenom.nom@exemple.ca"),
        error_messages={
            "required": _("Inscrivez votre adresse courriel."),
            "invalid": _("Cette adresse est incomplète. Elle s’écrit comme prenom.nom@exemple.ca."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)

    def clean_email(self) -> str:
        """Return the address in the form that accounts store."""
        return fold_email(self.cleaned_data["email"])


class NewAddressForm(EmailForm):
    """Another address of the account, whose present one is `current`."""

    def __init__(self, *args: Any, current: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current = current
        self.fields["email"].label = _("Nouvelle adresse courriel")

    def clean_email(self) -> str:
        """Return the address, folded, unless the account has it."""
        email = super().clean_email()
        if email == self.current:
            raise forms.ValidationError(_("Votre compte a déjà cette adresse."), code="same")
        return email


class CodeForm(forms.Form):
    """The received code. Spaces, dashes and text around the six digits are ignored."""

    code = forms.CharField(
        label=_("Code à six chiffres"),
        max_length=200,
        widget=CodeInput,
        help_text=_("Vous pouvez le coller, avec ou sans espaces."),
        error_messages={"required": _("Inscrivez le code reçu par courriel.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)
        self.helper.layout = Layout(Field("code", wrapper_class="code-field"))

    def clean_code(self) -> str:
        """Return only the six digits, in ASCII. Another number of digits does not count as a guess."""
        typed = unicodedata.normalize("NFKC", self.cleaned_data["code"])
        figures = "".join(str(unicodedata.decimal(char, "")) for char in typed)
        if len(figures) != CODE_LENGTH:
            raise forms.ValidationError(
                _("Le code compte six chiffres. Vérifiez que vous les avez tous inscrits."), code="length"
            )
        return figures
