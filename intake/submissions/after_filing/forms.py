"""Withdrawal form: a reason from a list, and free text."""

from functools import cached_property
from typing import Any, Final

from django import forms
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyParagraphsField
from intake.web.crispy import fields_only

OTHER: Final = "OTHER"
REASONS: Final = (
    ("ELSEWHERE", _("J’ai accepté un emploi, un autre stage ou une autre offre")),
    ("STUDIES", _("Mes études ou mon calendrier ne me le permettent plus")),
    ("CONDITIONS", _("Les conditions du stage ne me conviennent pas (lieu, dates, allocation)")),
    ("PERSONAL", _("Des raisons personnelles")),
    ("UNSAID", _("Je préfère ne pas le dire")),
    (OTHER, _("Autre")),
)
MESSAGE_MAX: Final = 1000
"""Characters."""


class WithdrawalForm(forms.Form):
    """Reason for a withdrawal. With *Autre*, `message` is required."""

    reason = forms.ChoiceField(
        label=_("Pourquoi vous désistez-vous ?"),
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez une réponse ; vous pouvez préférer ne pas le dire."),
            "invalid_choice": _("Choisissez une réponse ; vous pouvez préférer ne pas le dire."),
        },
    )
    message = TidyParagraphsField(
        label=_("Précisions"),
        required=False,
        max_length=MESSAGE_MAX,
        help_text=_(
            "Nécessaires si vous avez choisi « Autre ». Les personnes qui suivent votre dossier les liront. "
            "1 000 caractères au plus."
        ),
    )
    helper = cached_property(fields_only)

    def clean(self) -> dict[str, Any]:
        """Add an error to `message` if the reason is *Autre* and the message is empty."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reason") == OTHER and not cleaned.get("message") and "message" not in self.errors:
            self.add_error("message", _("Dites en quelques mots pourquoi, ou choisissez une autre réponse."))
        return cleaned

    def stored_reason(self) -> str:
        """Return the reason as it is stored: the label of the choice in French, then the candidate's text."""
        message: str = self.cleaned_data["message"]
        choice: str = self.cleaned_data["reason"]
        if choice == OTHER:
            return message
        with translation.override("fr"):
            label = str(dict(REASONS)[choice])
        return f"{label}\n{message}" if message else label
