"""Form that confirms a bulk run."""

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.review.pages.forms import ReasonForm


class BulkForm(ReasonForm):
    """Confirmation of an action on many submissions: the plan that was read and, if required, the reason."""

    reason_help = _(
        "Le même pour toutes, en une ou deux phrases ; il reste dans l’historique de chaque candidature."
    )
    reason_too_long = _("Le motif dépasse 2 000 caractères.")
    plan = forms.CharField(widget=forms.HiddenInput)
    """Signed: see `_sign_plan` in `bulk.views`."""
    field_order = ("plan", "reason")
