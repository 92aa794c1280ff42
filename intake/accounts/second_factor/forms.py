"""Forms of second factors."""

import json
import unicodedata
from typing import Any, Final

from crispy_forms.layout import Field, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from intake.accounts.forms import CodeInput
from intake.web.crispy import fields_only

LONGEST_NAME: Final = 60
"""Characters of the name that a person gives to a passkey."""
_LONGEST_ANSWER: Final = 20_000
"""Characters of a browser's answer; some attestations have several certificates."""


class FactorCodeForm(forms.Form):
    """The code of an application or a recovery code. Spaces and dashes are ignored."""

    code = forms.CharField(
        label=_("Code"),
        max_length=100,
        widget=CodeInput,
        error_messages={"required": _("Inscrivez le code.")},
    )

    def __init__(
        self, *args: Any, label: Any, help_text: Any, takes_recovery_code: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = label
        self.fields["code"].help_text = help_text
        self.helper = fields_only(self)
        wrapper = "code-field-long" if takes_recovery_code else "code-field"
        self.helper.layout = Layout(Field("code", wrapper_class=wrapper))

    def clean_code(self) -> str:
        """Return only the digits, in ASCII."""
        typed = unicodedata.normalize("NFKC", self.cleaned_data["code"])
        figures = "".join(str(unicodedata.decimal(char, "")) for char in typed)
        if not figures:
            raise forms.ValidationError(_("Le code ne contient que des chiffres."), code="figures")
        return figures


_NOTHING_SENT: Final = _("Votre navigateur n’a rien envoyé. Réessayez, ou choisissez un autre moyen.")


class PasskeyAnswerForm(forms.Form):
    """What the browser answers about a passkey, as JSON; filled by `passkey.js`."""

    credential = forms.CharField(
        max_length=_LONGEST_ANSWER,
        widget=forms.HiddenInput,
        error_messages={"required": _NOTHING_SENT, "max_length": _NOTHING_SENT},
    )

    def clean_credential(self) -> dict[str, Any]:
        """Return the answer, which is an object. Django's own field of JSON fails on deep nesting and huge numbers."""
        try:
            answer = json.loads(self.cleaned_data["credential"])
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise forms.ValidationError(_NOTHING_SENT, code="invalid")
        return answer


class PasskeyForm(PasskeyAnswerForm):
    """A new passkey, with the name by which its owner will know it."""

    name = forms.CharField(
        label=_("Nom de cette clé"),
        max_length=LONGEST_NAME,
        help_text=_("Pour la reconnaître plus tard. Par exemple : téléphone personnel."),
        error_messages={"required": _("Inscrivez un nom pour cette clé.")},
    )

    field_order = ("name", "credential")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)
