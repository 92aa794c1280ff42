"""Form of a ruling on a finding."""

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.profiles.fields import TidyParagraphsField
from intake.review.pages.forms import REASON_MAX, VersionedForm
from intake.submissions.models import Ruling


class RulingForm(VersionedForm):
    """A ruling on one finding that the rules refuse, with the filing and the number of rulings that were displayed."""

    decision = forms.ChoiceField(
        label=_("Votre jugement"),
        choices=[
            (Ruling.Decision.CONFIRMED, _("Confirmer : la personne ne répond pas à ce critère")),
            (Ruling.Decision.OVERTURNED, _("Écarter : ce critère ne fait pas obstacle à la candidature")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez : confirmer ce refus, ou l’écarter.")},
    )
    reason = TidyParagraphsField(
        label=_("Motif"),
        help_text=_(
            "La personne candidate lira ce motif tel que vous l’écrivez, par courriel et sur la page de sa "
            "candidature. 2 000 caractères au plus."
        ),
        max_length=REASON_MAX,
        error_messages={"required": _("Inscrivez le motif : la personne candidate doit pouvoir le lire.")},
    )
    filing = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    """Number of rulings on the finding that the page displayed."""
