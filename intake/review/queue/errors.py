"""Errors of saved views."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from intake.review.access.errors import ReviewError
from intake.review.models import VIEWS_MAX


class EmptyViewError(ReviewError):
    """The query filters nothing: the view would be the queue itself."""

    code = "EMPTY_VIEW"
    message = _("Aucun filtre ni recherche à retenir : resserrez d’abord la file, puis enregistrez.")


class SharingNotAllowedError(ReviewError):
    """The user may not share views."""

    code = "NOT_YOURS_TO_SHARE"
    message = _("Vous ne pouvez pas partager de vue avec les autres.")


class TooManyViewsError(ReviewError):
    """The user already has `VIEWS_MAX` views."""

    code = "TOO_MANY_VIEWS"
    message = _("Vous gardez déjà %(most)s vues : supprimez-en une pour en ajouter une autre.")

    def values(self) -> dict[str, Any]:
        """Return the limit."""
        return {"most": VIEWS_MAX}


class ViewNameTakenError(ReviewError):
    """Another view of the same user has this name, without regard to case."""

    code = "VIEW_NAME_TAKEN"
    message = _("Une de vos vues porte déjà ce nom : choisissez-en un autre.")
