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
        "Relisez ces candidatures, puis modifiez le lot, ou préparez-en un autre pour elles."
    ),
    DecisionBatch.State.RELEASED: _(
        "Un lot approuvé ne se modifie plus : annulez-le pour tout reprendre, ou laissez partir les autres, puis "
        "relisez ces candidatures et préparez-en un autre pour elles."
    ),
}
_NOTHING_MORE: Final = _(
    "Ce lot ne se modifie plus. Relisez ces candidatures et, s’il y a encore à en décider, préparez un autre lot."
)
"""What staff may do about decisions that cannot be announced, in every state that `_WHAT_THEN` does not list."""
RESERVE_UNREAD: Final = _(
    "L’ordre de cette liste vient des moyennes du comité, et des appréciations vous y restent à remettre : elle vous "
    "est montrée par numéro de dépôt, sans les rangs. Remettez-les d’abord, ou laissez une personne qui ne siège pas "
    "changer l’ordre et appeler."
)
"""Why a user reads a reserve list without its order."""
_RETURNED: Final[Mapping[str, Promise]] = {
    LettersChangedError.code: _(
        "Ce que disent les messages a changé depuis l’approbation : l’offre, ou à qui écrire, a été corrigée. Relisez "
        "chaque message tel qu’il est maintenant, puis approuvez de nouveau."
    ),
    OfferCancelledError.code: _(
        "L’offre est annulée : le stage n’aura pas lieu. Annulez ce lot ; à qui attend encore une réponse, annoncez-la "
        "par un lot « Ne pas retenir »."
    ),
}
_RETURNED_BY_PEOPLE: Final = _(
    "La personne qui l’avait approuvé ne peut plus le faire, ou elle, ou celle qui l’a préparé, a maintenant un lien "
    "avec une candidature à cette offre. Qu’une personne sans lien le relise et l’approuve, ou annulez-le et "
    "préparez-en un autre."
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
        return gettext("Une autre personne doit décider de ces candidatures. Rien n’a été changé.")
    return str(refusal)
