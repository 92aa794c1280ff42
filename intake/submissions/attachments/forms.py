"""The form that sends one document."""

from functools import cached_property
from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.web.crispy import fields_only

ACCEPT: Final = ".pdf,.jpg,.jpeg,.png,.heic,.heif,application/pdf,image/jpeg,image/png,image/heic,image/heif"
"""What browsers offer to choose. What a file is, its bytes say."""


class UploadForm(forms.Form):
    """One file for one document request."""

    file = forms.FileField(
        label=_("Fichier"),
        allow_empty_file=True,  # inspection refuses it with a message in the same style
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={
            "required": _("Choisissez un fichier."),
            "invalid": _("Choisissez un fichier."),
        },
    )
    helper = cached_property(fields_only)
