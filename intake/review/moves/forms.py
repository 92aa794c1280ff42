"""Form that moves a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.review.pages.forms import REASON_MAX, VersionedForm


class MoveForm(VersionedForm):
    """Confirmation of a move: the version that was read and, if required, the reason.

    `despite` is the pending decision that, as the page stated, will not be announced; empty without one.
    """

    reason = forms.CharField(
        label=_("Motif"),
        help_text=_("En une ou deux phrases ; il reste dans l’historique de la candidature."),
        max_length=REASON_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("Inscrivez le motif : cette décision en demande un."),
            "max_length": _("Le motif dépasse 2 000 caractères."),
        },
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    despite = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, reason_required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reason_required:
            self.fields["reason"].required = True
        else:
            del self.fields["reason"]
