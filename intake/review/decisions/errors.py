"""Errors of the decision operations: code, data and message of each."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from intake.review.access.errors import ReviewError
from intake.review.models import DecisionBatch, DecisionItem
from intake.web import formats


class _OfSubmissions:
    """Data of an error about some of the chosen submissions: `numbers`, of their receipts."""

    def __init__(self, *, numbers: tuple[str, ...]) -> None:
        self.numbers = numbers

    def values(self) -> dict[str, Any]:
        """Return the numbers as an enumeration."""
        return {"numbers": formats.enumeration(self.numbers)}


class BatchClosedError(ReviewError):
    """The state of the batch does not allow the operation: it was released, sent or revoked. `state` is its state."""

    code = "BATCH_CLOSED"
    message = _("Ce lot est maintenant dans l’état « %(state)s » : rien n’a changé.")

    def __init__(self, *, state: DecisionBatch.State) -> None:
        self.state = state


class StaleBatchError(ReviewError):
    """The batch was changed since the actor read it: unread content would be approved or overwritten."""

    code = "STALE_BATCH"
    message = _("Le lot a changé pendant votre lecture. Relisez sa version actuelle avant d’approuver.")


class NotThePreparerError(ReviewError):
    """The actor did not prepare the batch. Only its preparer changes it; a second person only approves it."""

    code = "NOT_THE_PREPARER"
    message = _("Seule la personne qui a préparé ce lot peut le modifier. Rien n’a changé.")


class SecondPersonError(ReviewError):
    """The actor prepared the batch: another person must approve it."""

    code = "SECOND_PERSON"
    message = _("Vous avez préparé ce lot : une autre personne doit approuver.")


class PreparerConflictError(ReviewError):
    """The preparer is not impartial about the offer now: another person must prepare the batch."""

    code = "BOUND_PREPARER"
    message = _(
        "La personne qui a préparé ce lot a maintenant un lien avec une candidature à "
        "cette offre. Annulez-le ; une autre personne en préparera un nouveau."
    )


class NothingChosenError(ReviewError):
    """No submission was chosen: a batch decides on at least one."""

    code = "NOTHING_CHOSEN"
    message = _("Cochez au moins une candidature, ou annulez le lot.")


class TooManyChosenError(ReviewError):
    """More than `most` submissions were chosen: the approver must be able to read every message."""

    code = "TOO_MANY_CHOSEN"
    message = _("Un lot compte %(most)s candidatures au plus : préparez-en plusieurs.")

    def __init__(self, *, most: int) -> None:
        self.most = most

    def values(self) -> dict[str, Any]:
        """Return the number as a text."""
        return {"most": formats.number(self.most)}


class NotDecidableError(_OfSubmissions, ReviewError):
    """The state or the human review of some submissions does not allow the decision."""

    code = "NOT_DECIDABLE"
    message = _("L’état de ces candidatures ne permet pas cette décision : %(numbers)s.")


class ComplementPendingError(_OfSubmissions, ReviewError):
    """The candidates of some submissions may still send a complement."""

    code = "BEING_COMPLETED"
    message = _(
        "Un complément est demandé, et la personne candidate a encore le temps de "
        "répondre : %(numbers)s. Décochez, et attendez la fin du délai."
    )


class StaleChoiceError(_OfSubmissions, ReviewError):
    """Some submissions, with the primary keys `rows`, were moved, filed again or ruled on since they were read."""

    code = "STALE_CHOSEN"
    message = _(
        "Une candidature a changé depuis votre lecture : %(numbers)s. Relisez-la, puis "
        "cochez-la de nouveau. Votre texte est conservé."
    )

    def __init__(self, *, rows: tuple[int, ...], numbers: tuple[str, ...]) -> None:
        super().__init__(numbers=numbers)
        self.rows = rows


class DecisionAlreadyPendingError(_OfSubmissions, ReviewError):
    """Some submissions have a pending decision in another batch."""

    code = "ALREADY_AWAITED"
    message = _("Un autre lot de décisions attend déjà pour %(numbers)s.")


class DecisionPendingError(ReviewError):
    """The submission has a pending decision, `item`, which could not be announced after this move."""

    code = "DECISION_AWAITED"
    message = _("Une autre personne vient de préparer une décision pour cette candidature. Relisez la page.")
    bulk_message = _("Annoncez d’abord la décision préparée, ou retirez-la du lot.")

    def __init__(self, *, item: DecisionItem) -> None:
        self.item = item


class MessageMissingError(_OfSubmissions, ReviewError):
    """A message lacks a required text: time and place of an interview, or the reason of a refusal or retraction."""

    code = "MESSAGE_MISSING"
    message = _(
        "Une convocation donne le lieu, la date et l’heure de l’entrevue ; une "
        "non-admissibilité ou une sélection retirée donne son motif. Inscrivez ce texte "
        "dans le message commun, ou pour chaque personne. Il manque pour %(numbers)s."
    )
    decision_message = _("Il manque dans le message le lieu, la date et l’heure de l’entrevue, ou le motif.")


class DeclineReasonMissingError(ReviewError):
    """A decline of people without a mark, or while the offer is open, needs a reason for the team."""

    code = "DECLINE_REASON_MISSING"
    message = _(
        "Inscrivez le motif, pour l’équipe : l’offre est encore ouverte, ou une de ces personnes n’a aucune note."
    )


class LettersChangedError(ReviewError):
    """The messages differ from those that were read: the offer or its contact was corrected since."""

    code = "LETTERS_CHANGED"
    message = _(
        "Les messages ont changé pendant votre lecture : l’offre ou son contact a changé. "
        "Relisez-les avant d’approuver."
    )
    decision_message = _("Le message approuvé n’est plus à jour : l’offre ou son contact a changé.")


class RegisterMatchError(ReviewError):
    """A register row that is newer than the evidence on the once-only finding may be the candidate's."""

    code = "REGISTER_MATCH"
    message = _(
        "Le registre des participations contient une nouvelle inscription au même nom et à "
        "la même date de naissance. Confirmez de nouveau, sur la page de la candidature, "
        "que c’est une autre personne."
    )


class InstantPassedError(ReviewError):
    """The release instant is before `at`, the current instant, or more than a year after it."""

    code = "INSTANT_PASSED"
    message = _("Choisissez une date et une heure à venir, d’ici un an.")

    def __init__(self, *, at: datetime) -> None:
        self.at = at


class FiledErasedError(ReviewError):
    """The filed content is erased: the decision has no recipient."""

    code = "FILED_ERASED"
    message = _("Les renseignements déposés sont effacés : il n’y a plus d’adresse pour écrire.")


class StaleReserveListError(ReviewError):
    """The reserve list changed since it was read."""

    code = "STALE_RESERVE_LIST"
    message = _("La liste a changé pendant votre lecture. Voici sa version actuelle.")


class HiddenReasonError(ReviewError):
    """Stands for the error that refuses a decision, if the reader may not know it. Never raised."""

    code = "UNTOLD"
    message = _(
        "Cette décision ne peut pas être annoncée. Demandez à une autre personne responsable des décisions."
    )
