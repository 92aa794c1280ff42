"""Errors of moves."""

from django.utils.translation import gettext_lazy as _

from intake.review.access.errors import ReviewError


class AnonymousReviewError(ReviewError):
    """The actor reviews the offer anonymously: only a reader of the documents rules on the completeness of a file."""

    code = "BLIND_READER"
    message = _(
        "Cette offre se lit à l’aveugle : le personnel, qui lit les pièces, demande les compléments, ou en dispense."
    )
