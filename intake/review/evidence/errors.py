"""Errors of verifying a finding."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from intake.review.access.errors import NotOnCommitteeError, ReviewError
from intake.review.models import Evidence
from intake.web import formats


class VerificationNotAllowedError(ReviewError):
    """The finding does not count in the verdict, or the submission is withdrawn, refused, completed or erased."""

    code = "NOT_TO_BE_VERIFIED"
    message = _(
        "Ce constat n’est plus à vérifier : la candidature a changé d’état pendant votre "
        "lecture. Votre vérification n’est pas enregistrée."
    )


class EmptyBasisError(ReviewError):
    """Evidence needs a page of a document, or a note."""

    code = "NOTHING_RESTED_ON"


class PageOutOfBoundsError(ReviewError):
    """The document does not have this page: its pages go from 1 to `pages`."""

    code = "PAGE_OUT_OF_BOUNDS"
    message = ngettext_lazy(
        "Ce document a %(pages)s page : inscrivez 1.",
        "Ce document a %(pages)s pages : inscrivez un nombre de 1 à %(pages)s.",
        "pages",
    )

    def __init__(self, *, pages: int) -> None:
        self.pages = pages


class UnknownDocumentError(ReviewError):
    """The document is not part of this filing."""

    code = "UNKNOWN_DOCUMENT"
    message = _(
        "La personne candidate a remplacé son dépôt pendant votre lecture. Le nouveau "
        "dépôt est affiché ; votre vérification de l’ancien n’est pas enregistrée."
    )


class StaleEvidenceError(ReviewError):
    """Another user verified the finding after the actor read it. `last` is the evidence that counts, or None."""

    code = "VERIFIED_MEANWHILE"
    message = _(
        "%(person)s a vérifié ce constat le %(day)s, %(hour)s, pendant votre lecture. "
        "Cette vérification est affichée ; la vôtre n’est pas enregistrée. Relisez, puis "
        "enregistrez de nouveau."
    )

    def __init__(self, *, last: Evidence | None) -> None:
        self.last = last

    def __str__(self) -> str:
        """Return another message if there is no evidence: the page did not display what it sent."""
        return super().__str__() if self.last else str(NotOnCommitteeError())

    def values(self) -> dict[str, Any]:
        """Return the author, the day and the hour."""
        last = self.last
        return (
            {"person": last.author, "day": formats.day(last.at), "hour": formats.hour(last.at)}
            if last
            else {}
        )
