"""Errors of assigning files."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from intake.review.access.errors import ReviewError


class AssignmentNotAllowedError(ReviewError):
    """At least one file cannot be assigned to its member. Nothing is written. `refused` has the reason per pair."""

    code = "CANNOT_READ"
    message = _("Un dossier a changé entre-temps : rien n’est confié. Reprenez la liste.")

    def __init__(self, *, refused: Mapping[tuple[int, int], str]) -> None:
        self.refused = refused


class StaleDivisionError(ReviewError):
    """Files, members or conflicts changed after the page was displayed: the displayed division is out of date."""

    code = "STALE_DIVISION"
    message = _(
        "Les dossiers ou le comité ont changé pendant que vous lisiez. Voici la répartition telle qu’elle serait "
        "maintenant ; rien n’a été confié."
    )
