"""Form of an anchor file."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AnchorForm(forms.Form):
    """The receipt number of a file."""

    number = forms.CharField(
        label=_("Numéro de l’accusé de réception"),
        max_length=40,
        error_messages={"required": _("Inscrivez le numéro.")},
    )
