"""What is filled in around the queue: the confirmation of an action on many, and the name of a view."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyTextField
from intake.review.models import VIEW_NAME_MAX
from intake.review.pages.forms import REASON_MAX, ShownForm


class BulkForm(ShownForm):
    """The confirmation of an action on many candidatures: the plan that was read and, where required, the reason."""

    plan = forms.CharField(widget=forms.HiddenInput)
    """Signed: see `views.bulk`."""
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


class SavedViewForm(forms.Form):
    """The name of a view of the queue and, for those who may, whether everybody sees it."""

    name = TidyTextField(
        label=_("Nom de la vue"),
        help_text=_("Par exemple : « À examiner, UNESCO »."),
        max_length=VIEW_NAME_MAX,
        error_messages={
            "required": _("Donnez un nom à la vue."),
            "max_length": _("Le nom dépasse 60 caractères."),
        },
    )
    shared = forms.BooleanField(
        label=_("La partager avec toutes les personnes qui lisent la file"), required=False
    )

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["shared"]
