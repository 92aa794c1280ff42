"""The form that sends one document."""

from functools import cached_property

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.web.crispy import fields_only


class UploadForm(forms.Form):
    """One file for one document request."""

    file = forms.FileField(
        label=_("Fichier"),
        allow_empty_file=True,  # inspection refuses it with a message in the same style
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"}),
        error_messages={
            "required": _("Choisissez un fichier."),
            "invalid": _("Choisissez un fichier."),
        },
    )
    helper = cached_property(fields_only)
