"""Form that freezes a shortlist."""

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyTextField
from intake.review.models import LIST_REASON_MAX
from intake.review.pages.forms import VersionedForm


class FreezeForm(VersionedForm):
    """The reason for freezing, and the fingerprint of the list that was read."""

    reason = TidyTextField(
        label=_("Motif"),
        help_text=_(
            "Raison de figer la liste maintenant ; ce motif reste avec elle. 250 caractères au plus."
        ),
        max_length=LIST_REASON_MAX,
        error_messages={"required": _("Inscrivez le motif : il est obligatoire pour figer une liste.")},
    )
    seen = forms.CharField(max_length=71, widget=forms.HiddenInput)
    """The fingerprint of the list that the page displayed."""
