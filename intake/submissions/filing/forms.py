"""The forms of the filing: declarations, and the request for a review by a person."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyParagraphsField
from intake.web.crispy import fields_only

from .declarations import DECLARATIONS


class DeclarationsForm(forms.Form):
    """What is accepted when filing: one box for each declaration, with its own words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for declaration in DECLARATIONS:
            self.fields[declaration.key] = forms.BooleanField(
                label=str(declaration.text),
                error_messages={"required": _("Cochez cette case pour pouvoir déposer.")},
            )
        self.helper = fields_only(self)


REVIEW_MESSAGE_MAX = 2000
"""Characters of a request for review."""


class HumanReviewForm(DeclarationsForm):
    """The same, and why a person should judge what the rules refuse."""

    review_message = TidyParagraphsField(
        label=_("Pourquoi une personne devrait-elle revoir ce résultat ?"),
        max_length=REVIEW_MESSAGE_MAX,
        help_text=_(
            "Dites ce que le calcul ne voit pas : une erreur, un document, une situation particulière. "
            "2 000 caractères au plus."
        ),
        error_messages={
            "required": _("Écrivez en quelques mots pourquoi une personne devrait revoir ce résultat.")
        },
    )
