"""Errors of the operations: code, data and message of each.

`bulk_message`, `decision_message` and `export_message` are the sentences of a line of a bulk run, of a line of a
decision batch and of a list that is not exported, where they differ from `message`.
"""

from django.utils.translation import gettext_lazy as _

from intake.base.portal_error import PortalError

_NOT_IMPARTIAL = _(
    "Vous avez un lien avec une candidature à cette offre : une autre personne doit prendre ces décisions."
)


class ReviewError(PortalError):
    """Base class."""

    code = "REFUSED"


class NotOnCommitteeError(ReviewError):
    """The user is not on the committee of the submission's offer, lost the permission, or has a conflict."""

    code = "NOT_ON_COMMITTEE"
    message = _("Vous n’avez pas accès à cette candidature. Rien n’a changé.")
    bulk_message = _("Vous n’avez plus accès à cette candidature.")


class OwnSubmissionError(ReviewError):
    """The submission is the actor's own: a user may not assess, decide on or export it."""

    code = "OWN_SUBMISSION"
    message = _NOT_IMPARTIAL
    decision_message = _("C’est la candidature de la personne qui a approuvé le lot.")
    export_message = _("Vous avez postulé à cette offre : une autre personne doit s’occuper de la liste.")


class InConflictError(ReviewError):
    """The actor has a conflict of interest on a submission to the offer. Another user must act."""

    code = "IN_CONFLICT"
    message = _NOT_IMPARTIAL
    decision_message = _("La personne qui a approuvé le lot n’a plus accès à cette candidature.")
    export_message = _(
        "Vous avez un conflit d’intérêts sur une candidature à cette offre : une autre personne doit s’occuper de la "
        "liste."
    )


class NotFiledError(ReviewError):
    """The submission is a draft: there is no filing to assess."""

    code = "NOT_FILED"


class HumanReviewPendingError(ReviewError):
    """The human review of the filing is pending: a person must rule on the refused findings before any mark."""

    code = "RESERVE_PENDING"
    message = _(
        "Cette candidature est en révision : révisez d’abord chaque critère en cause. Rien "
        "n’est encore enregistré ; sans note, vous pouvez enregistrer votre commentaire."
    )


class StaleFilingError(ReviewError):
    """The candidate replaced the filing after the page was displayed: the mark would be about another filing."""

    code = "STALE_FILING"
    message = _(
        "La personne candidate a remplacé son dépôt pendant votre lecture. Le nouveau "
        "dépôt est affiché ; votre évaluation n’est pas encore enregistrée."
    )


class ReasonMissingError(ReviewError):
    """The action needs a reason, and none was given."""

    code = "REASON_MISSING"
    message = _("Il manque le motif.")


class AnonymousReviewError(ReviewError):
    """The actor reviews the offer anonymously: only a reader of the documents rules on the completeness of a file."""

    code = "BLIND_READER"
    message = _(
        "L’évaluation de cette offre est anonyme : le personnel, qui lit les documents, "
        "demande les compléments."
    )


class AlreadyOnCommitteeError(ReviewError):
    """The user is already a member of this offer's committee."""

    code = "ALREADY_ON_COMMITTEE"


class ApplicantError(ReviewError):
    """The user has a submission to the offer, possibly a draft: they cannot be on its committee."""

    code = "APPLICANT"
    message = _("Cette personne a une candidature à cette offre : elle ne peut pas siéger au comité.")


class OwnMembershipError(ReviewError):
    """The membership is the actor's own: another user adds or removes it.

    Otherwise a member could leave, read the others' marks, and join again before giving their own mark.
    """

    code = "OWN_SEAT"
    message = _("Vous ne pouvez pas vous inscrire à un comité : une autre personne doit le faire.")


class NotAReviewerError(ReviewError):
    """The user may not enter the administration or may not assess: they cannot be a committee member."""

    code = "NOT_A_REVIEWER"
    message = _("Cette personne n’a pas le rôle nécessaire pour évaluer.")


class LiftReasonMissingError(ReviewError):
    """Lifting a conflict of interest needs a reason."""

    code = "LIFT_REASON_MISSING"


class OwnConflictError(ReviewError):
    """The conflict of interest is the actor's own: another user must lift it."""

    code = "OWN_CONFLICT"


class StaleConflictsError(ReviewError):
    """A conflict of interest on the file was declared or lifted after the page was displayed."""

    code = "STALE_CONFLICTS"
    message = _(
        "Un conflit d’intérêts a été déclaré ou levé pour cette candidature pendant votre "
        "lecture. Rien n’a changé : relisez, puis déclarez de nouveau au besoin."
    )


class EmptyRunError(ReviewError):
    """The run has no submission that the actor may read."""

    code = "EMPTY_RUN"
    message = _("Vous n’avez accès à aucune de ces candidatures : rien n’a changé.")


class RunTooLargeError(ReviewError):
    """The run has more than `BULK_MAX` submissions."""

    code = "RUN_TOO_LARGE"


class InAnotherRunError(ReviewError):
    """The submission is open in another run. Its code is stored in the item; it is never raised."""

    code = "IN_ANOTHER_RUN"
    message = _("Cette candidature est déjà dans une autre action en attente.")
