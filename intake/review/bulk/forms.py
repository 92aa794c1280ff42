"""Form that confirms a bulk run."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.review.pages.forms import REASON_MAX, VersionedForm


class BulkForm(VersionedForm):
    """Confirmation of an action on many submissions: the plan that was read and, if required, the reason."""

    plan = forms.CharField(widget=forms.HiddenInput)
    """Signed: see `_sign_plan` in `bulk.views`."""
    reason = forms.CharField(
        label=_("Motif"),
        help_text=_(
            "Le même pour toutes, en une ou deux phrases ; il reste dans l’historique de chaque candidature."
        ),
        max_length=REASON_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("Inscrivez le motif : cette décision en demande un."),
            "max_length": _("Le motif dépasse 2 000 caractères."),
        },
    )

    def __init__(self, *args: Any, reason_required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reason_required:
            self.fields["reason"].required = True
        else:
            del self.fields["reason"]
