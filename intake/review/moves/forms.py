"""Form that moves a file."""

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.review.pages.forms import ReasonForm


class MoveForm(ReasonForm):
    """Confirmation of a move: the version that was read and, if required, the reason.

    `despite` is the pending decision that, as the page stated, will not be announced; empty without one.
    """

    reason_help = _("En une ou deux phrases ; il reste dans l’historique de la candidature.")
    reason_too_long = _("Le motif dépasse 2 000 caractères.")
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    despite = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)
