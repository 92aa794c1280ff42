"""Labels and messages of decisions for staff: states, and why a decision cannot be announced."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from intake.review.access.errors import ReviewError
from intake.review.marks.errors import MarksNotSubmittedError
from intake.review.models import DecisionBatch, DecisionItem
from intake.review.pages.labels import CANCELLED, Label
from intake.submissions.complements.errors import (
    ComplementTooLateError,
    ComplementTooSoonError,
    EmptyComplementError,
)
from intake.submissions.lifecycle.errors import ComplementOpenError, OfferCancelledError, ReasonMissingError
from intake.web import formats

from .dry_run import HIDDEN_REASON
from .errors import (
    BatchClosedError,
    ComplementPendingError,
    DecisionAlreadyPendingError,
    InstantPassedError,
    LettersChangedError,
    MessageMissingError,
    NotDecidableError,
    NothingChosenError,
    NotThePreparerError,
    PreparerConflictError,
    RegisterMatchError,
    SecondPersonError,
    StaleBatchError,
    StaleChoiceError,
    StaleReserveListError,
    TooManyChosenError,
)

_BATCH_TONES: Final = {
    DecisionBatch.State.PREPARED: "warning",
    DecisionBatch.State.RELEASED: "info",
    DecisionBatch.State.SENT: "success",
    DecisionBatch.State.REVOKED: "none",
}
_NOTHING_LEFT: Final = Label(_("Rien d’annoncé"), "error")
_PARTLY_LEFT: Final = Label(_("Annoncé en partie"), "warning")
_ITEM_TONES: Final = {
    DecisionItem.State.OPEN: "info",
    DecisionItem.State.DONE: "success",
    DecisionItem.State.REFUSED: "error",
    DecisionItem.State.REVOKED: "none",
}
REFUSALS: Final[Mapping[str, Promise]] = {
    "MOVE_NOT_ALLOWED": _("La candidature n’est plus dans un état d’où cette décision peut être prise."),
    "STALE_SUBMISSION": _(
        "La candidature a changé depuis que cette décision a été préparée, qui ne porte pas sur ce qu’elle est devenue."
    ),
    OfferCancelledError.code: CANCELLED,
    ComplementOpenError.code: _(
        "Un complément est demandé, et la personne a encore le temps de l’envoyer : rien n’est décidé d’ici là."
    ),
    ComplementTooSoonError.code: _(
        "Le dernier jour ne laisse plus 48 heures pour répondre, ou laisse moins de temps que ce qui a été annoncé : "
        "donnez un jour plus éloigné."
    ),
    ComplementTooLateError.code: _("Le stage aurait commencé : donnez un dernier jour qui le précède."),
    EmptyComplementError.code: _(
        "La demande ne nomme ni document ni section : la personne ne pourrait rien changer."
    ),
    ReasonMissingError.code: _("Il manque le motif."),
    "UNDER_RESERVE": _("La candidature est sous réserve : elle attend le jugement d’une personne."),
    "ALREADY_SELECTED": _("La personne est déjà retenue, ou en stage, pour une autre offre."),
    "FINDING_UNCONFIRMED": _(
        "Un constat qui décide de l’admissibilité n’est pas confirmé d’après les pièces, ou est contredit."
    ),
    LettersChangedError.code: _(
        "Le message n’est plus celui qui a été approuvé : l’offre, ou à qui écrire, a été corrigée pendant l’envoi."
    ),
    RegisterMatchError.code: _(
        "Le registre des participations contient depuis peu une inscription au même nom et à la même date de "
        "naissance : une personne doit confirmer de nouveau, sur la page de la candidature, que ce n’est pas elle."
    ),
    "MESSAGE_MISSING": _("Le message ne dit pas où et quand se tient l’entrevue, ou pour quel motif."),
    "FILED_ERASED": _("Ce qui a été déposé est effacé : il n’y a plus personne à qui écrire."),
    "IN_CONFLICT": _("La personne qui a approuvé le lot ne peut plus lire cette candidature."),
    HIDDEN_REASON: _(
        "Cette décision ne peut pas être annoncée. Une autre personne qui décide peut vous dire ce qu’il faut faire."
    ),
    "OWN_SUBMISSION": _("C’est la candidature de la personne qui a approuvé le lot."),
}
"""Message of each code of `DecisionItem.refusal`, and of the code that replaces a hidden reason."""
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
_OF_SOME: Final[Mapping[str, Promise]] = {
    MessageMissingError.code: _(
        "Une convocation dit où et quand se tient l’entrevue ; une non-admissibilité, ou le retrait d’une sélection, "
        "dit son motif : écrivez-le dans le mot pour toutes, ou dans celui de chaque personne. Il manque pour "
        "%(numbers)s."
    ),
    NotDecidableError.code: _("Cette décision ne peut pas être prise, dans leur état, de %(numbers)s."),
    ComplementPendingError.code: _(
        "Un complément est demandé, et la personne a encore le temps de l’envoyer : %(numbers)s. Décochez, et "
        "attendez la fin de son délai."
    ),
    StaleChoiceError.code: _(
        "Une candidature a été déposée de nouveau, jugée ou déplacée depuis que vous avez lu cette page. Elle n’est "
        "plus cochée ; relisez-la, puis cochez-la de nouveau. Ce que vous avez écrit est gardé. Il s’agit de "
        "%(numbers)s."
    ),
    DecisionAlreadyPendingError.code: _("Un autre lot de décisions attend déjà pour %(numbers)s."),
}
RESERVE_UNREAD: Final = _(
    "L’ordre de cette liste vient des moyennes du comité, et des appréciations vous y restent à remettre : elle vous "
    "est montrée par numéro de dépôt, sans les rangs. Remettez-les d’abord, ou laissez une personne qui ne siège pas "
    "changer l’ordre et appeler."
)
"""Why a user reads a reserve list without its order."""
_PLAIN: Final[Mapping[str, Promise]] = {
    NothingChosenError.code: _("Cochez au moins une candidature. Pour n’en garder aucune, annulez le lot."),
    StaleBatchError.code: _(
        "Le lot a été modifié pendant que vous lisiez. Le voici tel qu’il est : relisez-le avant d’approuver."
    ),
    LettersChangedError.code: _(
        "Ce que disent les messages a changé pendant que vous lisiez : l’offre, ou à qui écrire, a été corrigée. Les "
        "voici tels qu’ils sont : relisez-les avant d’approuver."
    ),
    NotThePreparerError.code: _(
        "Seule la personne qui a préparé ce lot peut le modifier. Rien n’a été changé."
    ),
    SecondPersonError.code: _("Vous avez préparé ce lot : une autre personne doit approuver."),
    PreparerConflictError.code: _(
        "La personne qui a préparé ce lot a maintenant un lien avec une candidature à cette offre : annulez-le, et "
        "qu’une autre personne le prépare."
    ),
    InstantPassedError.code: _("Choisissez un moment à venir, d’ici un an."),
    StaleReserveListError.code: _("La liste a changé pendant que vous lisiez. La voici telle qu’elle est."),
    MarksNotSubmittedError.code: RESERVE_UNREAD,
}
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
_ANOTHER: Final = _("Une autre personne doit décider de ces candidatures. Rien n’a été changé.")


def batch_label(code: str, *, count: int = 0, refused: int = 0) -> Label:
    """Return the label and tone of a batch's state; `refused` of its `count` decisions could not be announced."""
    state = DecisionBatch.State(code)
    if state == DecisionBatch.State.SENT and refused:
        return _NOTHING_LEFT if refused >= count else _PARTLY_LEFT
    return Label(state.label, _BATCH_TONES[state])


def returned_message(code: str) -> str:
    """Return why a batch returned to PREPARED, and what to do. `code` is `DecisionBatch.returned_for`."""
    return str(_RETURNED.get(code, _RETURNED_BY_PEOPLE))


def item_label(code: str) -> Label:
    """Return the label and tone of the state of one decision."""
    state = DecisionItem.State(code)
    return Label(state.label, _ITEM_TONES[state])


def refusal_message(code: str) -> str:
    """Return why one decision cannot be announced; an unknown code is returned unchanged."""
    return str(REFUSALS.get(code, code))


def next_step_message(code: str) -> str:
    """Return what to do about the decisions that a batch in state `code` cannot announce."""
    return str(_WHAT_THEN.get(DecisionBatch.State(code), _NOTHING_MORE))


def batch_refusal_message(refusal: Exception) -> str:
    """Return why an operation on a batch or on a reserve list was refused."""
    match refusal:
        case (
            MessageMissingError()
            | NotDecidableError()
            | ComplementPendingError()
            | StaleChoiceError()
            | DecisionAlreadyPendingError()
        ):
            return str(_OF_SOME[refusal.code]) % {"numbers": formats.enumeration(refusal.numbers)}
        case TooManyChosenError():
            return _now("Un lot compte %(most)s candidatures au plus : préparez-en plusieurs.") % {
                "most": formats.number(refusal.most)
            }
        case BatchClosedError():
            return _now("Ce lot est maintenant dans l’état « %(state)s » : rien n’a été changé.") % {
                "state": refusal.state.label
            }
        case OfferCancelledError():
            return str(CANCELLED)
        case ReviewError():
            return str(_PLAIN.get(refusal.code, _ANOTHER))
        case _:
            return str(_ANOTHER)
