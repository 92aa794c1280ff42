"""Labels and messages of decisions for staff: states, and why a decision cannot be announced."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake.review.access.errors import InConflictError, NotOnCommitteeError, OwnSubmissionError, ReviewError
from intake.review.models import DecisionBatch, DecisionItem
from intake.review.pages.labels import Label, stored_message
from intake.submissions.lifecycle.errors import OfferCancelledError

from .errors import LettersChangedError

_TONES: Final[Mapping[str, str]] = {
    DecisionBatch.State.PREPARED: "warning",
    DecisionBatch.State.RELEASED: "info",
    DecisionBatch.State.SENT: "success",
    DecisionBatch.State.REVOKED: "none",
    DecisionItem.State.OPEN: "info",
    DecisionItem.State.DONE: "success",
    DecisionItem.State.REFUSED: "error",
}
"""Tone of each state of a batch or of a decision; both may be REVOKED."""
_WHAT_THEN: Final = {
    DecisionBatch.State.PREPARED: _(
        "Relisez ces candidatures, puis modifiez le lot, ou préparez un autre lot."
    ),
    DecisionBatch.State.RELEASED: _(
        "Vous ne pouvez plus modifier un lot approuvé. Annulez-le pour tout reprendre, ou "
        "laissez envoyer les autres décisions. Relisez ensuite ces candidatures et "
        "préparez un autre lot."
    ),
}
_NOTHING_MORE: Final = _(
    "Vous ne pouvez plus modifier ce lot. Relisez ces candidatures et préparez au besoin un autre lot."
)
"""What staff may do about decisions that cannot be announced, in every state that `_WHAT_THEN` does not list."""
RESERVE_UNREAD: Final = _(
    "Remettez d’abord vos évaluations. D’ici là, la liste ne montre pas les rangs. Un "
    "autre membre du personnel, hors du comité, peut aussi changer l’ordre et appeler."
)
"""Why a user reads a reserve list without its order."""
_RETURNED: Final[Mapping[str, Promise]] = {
    LettersChangedError.code: _(
        "Les messages ont changé depuis l’approbation : l’offre ou son contact a changé. "
        "Relisez chaque message, puis approuvez de nouveau."
    ),
    OfferCancelledError.code: _(
        "L’offre est annulée. Annulez ce lot, puis annoncez « Ne pas retenir » aux "
        "personnes qui attendent une réponse."
    ),
}
_RETURNED_BY_PEOPLE: Final = _(
    "L’approbation n’est plus valide : une des deux personnes a un lien avec une "
    "candidature, ou n’a plus ce droit. Faites approuver le lot par une personne sans "
    "lien avec l’offre, ou annulez-le."
)


def batch_label(code: str, *, count: int = 0, refused: int = 0) -> Label:
    """Return the label and tone of a batch's state; `refused` of its `count` decisions could not be announced."""
    state = DecisionBatch.State(code)
    if state == DecisionBatch.State.SENT and refused:
        none_left = refused >= count
        return Label(_("Rien d’annoncé"), "error") if none_left else Label(_("Annoncé en partie"), "warning")
    return Label(state.label, _TONES[state])


def returned_message(code: str) -> str:
    """Return why a batch returned to PREPARED, and what to do. `code` is `DecisionBatch.returned_for`."""
    return str(_RETURNED.get(code, _RETURNED_BY_PEOPLE))


def item_label(code: str) -> Label:
    """Return the label and tone of the state of one decision."""
    state = DecisionItem.State(code)
    return Label(state.label, _TONES[state])


def refusal_message(code: str) -> str:
    """Return why one decision cannot be announced; an unknown code is returned unchanged."""
    return stored_message(code, "decision_message") or code


def next_step_message(code: str) -> str:
    """Return what to do about the decisions that a batch in state `code` cannot announce."""
    return str(_WHAT_THEN.get(DecisionBatch.State(code), _NOTHING_MORE))


def batch_refusal_message(refusal: ReviewError | OfferCancelledError) -> str:
    """Return why an operation on a batch or on a reserve list was refused."""
    if isinstance(refusal, OwnSubmissionError | InConflictError | NotOnCommitteeError):
        return gettext("Une autre personne doit décider de ces candidatures. Rien n’a changé.")
    return str(refusal)
