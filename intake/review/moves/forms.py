"""Forms that confirm a move, of one file or of many."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from intake.review.pages.forms import REASON_MAX, VersionedForm


class ReasonForm(VersionedForm):
    """Confirmation of a move. It has the field `reason` only if the move requires one."""

    reason = forms.CharField(
        label=_("Motif"),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Inscrivez le motif : il est obligatoire pour cette décision.")},
    )
    reason_help: StrOrPromise
    reason_too_long: StrOrPromise

    def __init__(self, *args: Any, reason_required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = self.reason_help
        self.fields["reason"].error_messages["max_length"] = self.reason_too_long
        if not reason_required:
            del self.fields["reason"]


class MoveForm(ReasonForm):
    """Confirmation of a move: the version that was read and, if required, the reason.

    `despite` is the pending decision that, as the page stated, will not be announced; empty without one.
    """

    reason_help = _("En une ou deux phrases ; il reste dans l’historique de la candidature.")
    reason_too_long = _("Le motif dépasse 2 000 caractères.")
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    despite = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)


class BulkForm(ReasonForm):
    """Confirmation of an action on many submissions: the plan that was read and, if required, the reason."""

    reason_help = _(
        "Le même pour toutes les candidatures, en une ou deux phrases ; il reste dans "
        "l’historique de chacune."
    )
    reason_too_long = _("Le motif dépasse 2 000 caractères.")
    plan = forms.CharField(widget=forms.HiddenInput)
    """Signed: see `_sign_plan` in `bulk.views`."""
    field_order = ("plan", "reason")
