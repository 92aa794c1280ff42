"""Form of a saved view."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyTextField
from intake.review.models import VIEW_NAME_MAX


class SavedViewForm(forms.Form):
    """Name of a saved view and, for users who may share it, whether it is shared."""

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
