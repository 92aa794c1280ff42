"""The form that accepts the collection notice."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.web.crispy import fields_only


class NoticeForm(forms.Form):
    """Checkbox under the collection notice."""

    accepts_notice = forms.BooleanField(
        label=_("J’ai lu cet avis et j’accepte que mes renseignements soient recueillis à ces fins."),
        error_messages={
            "required": _(
                "Cochez cette case pour continuer : sans ces renseignements, une candidature ne "
                "peut pas être étudiée."
            )
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = fields_only(self)
