"""Errors of adding or removing a committee member."""

from django.utils.translation import gettext_lazy as _

from intake.review.access.errors import ReviewError


class AlreadyOnCommitteeError(ReviewError):
    """The user is already a member of this offer's committee."""

    code = "ALREADY_ON_COMMITTEE"


class ApplicantError(ReviewError):
    """The user has a submission to the offer, possibly a draft: they cannot be on its committee."""

    code = "APPLICANT"
    message = _(
        "Cette personne a une candidature à cette offre : elle ne peut pas siéger au comité qui juge les autres."
    )


class OwnMembershipError(ReviewError):
    """The membership is the actor's own: another user adds or removes it.

    Otherwise a member could leave, read the others' marks, and join again before giving their own mark.
    """

    code = "OWN_SEAT"
    message = _("Vous ne pouvez pas vous inscrire vous-même à un comité : une autre personne le fait.")


class NotAReviewerError(ReviewError):
    """The user may not enter the administration or may not assess: they cannot be a committee member."""

    code = "NOT_A_REVIEWER"
    message = _("Cette personne n’a pas le rôle qu’il faut pour évaluer.")
