"""Errors of saving or submitting marks, and of changing weights."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from intake.review.access.errors import ReviewError
from intake.web import formats


class AlreadySubmittedError(ReviewError):
    """The assessment was submitted on this filing: it can be submitted again, but not saved as a draft."""

    code = "ALREADY_SUBMITTED"
    message = _(
        "Votre évaluation est déjà remise : ce n’est plus un brouillon. Pour la changer, "
        "remettez-la de nouveau."
    )


class MarkDuringComplementError(ReviewError):
    """The submission waits for its complement: a mark would be about a filing that will be replaced."""

    code = "COMPLEMENT_AWAITED"
    message = _(
        "Un complément est attendu pour cette candidature : attendez la réponse avant de "
        "remettre votre évaluation. Rien n’est encore enregistré ; vous pouvez enregistrer "
        "un brouillon."
    )


class NothingWeighsError(ReviewError):
    """All lines of the grid would have weight 0: there would be no score."""

    code = "NOTHING_WEIGHS"
    message = _("Toutes les lignes sont à zéro : il n’y aurait plus de note globale. Rien n’a changé.")


class StaleAssessmentError(ReviewError):
    """The same reviewer saved this assessment in another window after the page was displayed."""

    code = "STALE_ASSESSMENT"
    message = _(
        "Vous avez enregistré cette évaluation dans une autre fenêtre à %(hour)s. Votre "
        "nouveau texte est ci-dessous, pas encore enregistré. Relisez, puis enregistrez de "
        "nouveau."
    )

    def __init__(self, *, saved_at: datetime) -> None:
        self.saved_at = saved_at

    def values(self) -> dict[str, Any]:
        """Return the hour."""
        return {"hour": formats.hour(self.saved_at)}


class MarksNotSubmittedError(ReviewError):
    """The actor is a committee member with files of the list still to mark, and may not read their means."""

    code = "OWN_MARKS_FIRST"
    message = _(
        "Cette liste contient les moyennes du comité. Remettez d’abord vos évaluations, ou "
        "demandez le fichier à une personne hors du comité."
    )


class StaleWeightsError(ReviewError):
    """Another user changed the weights after the page was displayed: saving would replace them unread."""

    code = "STALE_WEIGHTS"
    message = _(
        "Les pondérations ont changé dans une autre fenêtre ou par une autre personne. "
        "Rien n’est enregistré ; vos valeurs sont encore sur cette page. Enregistrez de "
        "nouveau au besoin."
    )


class UnmarkedError(ReviewError):
    """The assessment cannot be submitted: marks are missing.

    `lines` are the numbers of the lines without a mark, in the offer's order. Empty if the grid has no line and the
    single mark is missing.
    """

    code = "UNMARKED"
    message = _(
        "Il manque des notes pour remettre votre évaluation. Rien n’est encore "
        "enregistré : complétez, ou enregistrez le brouillon."
    )

    def __init__(self, *, lines: tuple[int, ...]) -> None:
        self.lines = lines


class UnknownLineError(ReviewError):
    """The line is not, or no longer, in the offer's grid."""

    code = "UNKNOWN_LINE"


class WeightOutOfBoundsError(ReviewError):
    """A weight is not from 0 to `models.WEIGHT_MAX`."""

    code = "WEIGHT_OUT_OF_BOUNDS"
