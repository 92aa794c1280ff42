"""The form that lets the lines of an offer's grid weigh something else, over what was read and nothing newer."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from intake.review.pages.forms import ShownForm, WeightsForm

from .scores import edition_of_weights


class WeighingForm(ShownForm, WeightsForm):
    """What each line is to weigh, and what the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput)
    """The `scoring.edition_of_weights` of what the page showed."""

    @staticmethod
    def shown(weights: Mapping[int, int]) -> dict[str, Any]:
        """Return what the fields of a page that shows `weights`, by line, hold first."""
        fields = {f"weight_{line}": weight for line, weight in weights.items()}
        return fields | {"seen": edition_of_weights(weights)}

    def say_changed(self, weights: Mapping[int, int]) -> None:
        """Say that the lines weigh `weights` since the page was shown; sent again, the form replaces these."""
        typed = self.weights()
        self.add_error(
            None,
            _(
                "Les pondérations ont changé entre-temps, par une autre personne ou dans une autre fenêtre. Rien n’est "
                "enregistré ; ce que vous avez inscrit est resté : enregistrez de nouveau si c’est bien ce qu’il faut."
            ),
        )
        for line, weight in weights.items():
            if typed.get(line, weight) != weight:
                said = _("Cette ligne pèse maintenant %(weight)s.") % {"weight": weight}
                self.add_error(f"weight_{line}", said)
        self.show_again(seen=edition_of_weights(weights))
