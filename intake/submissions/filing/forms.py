"""Forms of the filing page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyParagraphsField
from intake.web.crispy import fields_only

from .declarations import DECLARATIONS


class DeclarationsForm(forms.Form):
    """One required checkbox per declaration, with the declaration's text as label."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for declaration in DECLARATIONS:
            self.fields[declaration.key] = forms.BooleanField(
                label=str(declaration.text),
                error_messages={"required": str(declaration.missing)},
            )
        self.helper = fields_only(self)


REVIEW_MESSAGE_MAX = 2000
"""Characters."""


class HumanReviewForm(DeclarationsForm):
    """Declarations and the text of a review request."""

    review_message = TidyParagraphsField(
        label=_("Pourquoi une personne devrait-elle revoir ce résultat ?"),
        max_length=REVIEW_MESSAGE_MAX,
        help_text=_(
            "Expliquez ce que vos réponses ne montrent pas : erreur, document, situation particulière. "
            "2 000 caractères au plus."
        ),
        error_messages={
            "required": _("Écrivez en quelques mots pourquoi une personne devrait revoir ce résultat.")
        },
    )
