"""Life cycle of a submission: one table of moves, applied by `lifecycle.operations`: `docs/rules.md#states`.

Staff read the label of the state; the candidate's label hides a decision until it is released.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """State of a submission, with the label that staff read."""

    DRAFT = "DRAFT", _("Brouillon")
    SUBMITTED = "SUBMITTED", _("Reçue")
    UNDER_REVIEW = "UNDER_REVIEW", _("À l’étude")
    COMPLEMENT_REQUESTED = "COMPLEMENT_REQUESTED", _("Dossier incomplet")
    INADMISSIBLE = "INADMISSIBLE", _("Non admissible")
    SHORTLISTED = "SHORTLISTED", _("Présélectionnée")
    INTERVIEW = "INTERVIEW", _("Convoquée en entrevue")
    RECOMMENDED = "RECOMMENDED", _("Recommandée à l’organisation")
    SELECTED = "SELECTED", _("Retenue")
    RESERVE = "RESERVE", _("Liste de réserve")
    DECLINED = "DECLINED", _("Non retenue")
    WITHDRAWN = "WITHDRAWN", _("Désistement")
    PLACED = "PLACED", _("Stage en cours")
    COMPLETED = "COMPLETED", _("Stage terminé")


class HumanReview(TextChoices):
    """State of the human review of a filing that the rules refuse."""

    NONE = "NONE", _("Aucune révision")
    PENDING = "PENDING", _("Révision demandée")
    LIFTED = "LIFTED", _("Révision favorable")
    UPHELD = "UPHELD", _("Révision défavorable")


_CANDIDATE_DISPLAY: dict[State, tuple[Promise, str]] = {
    State.DRAFT: (_("Brouillon — non déposée"), "draft"),
    State.SUBMITTED: (_("Candidature déposée"), "success"),
    State.UNDER_REVIEW: (_("À l’étude"), "info"),
    State.COMPLEMENT_REQUESTED: (_("Complément demandé"), "warning"),
    State.INADMISSIBLE: (_("Non admissible"), "closed"),
    State.SHORTLISTED: (_("À l’étude"), "info"),
    State.INTERVIEW: (_("Convocation à l’entrevue"), "warning"),
    State.RECOMMENDED: (_("À l’étude"), "info"),
    State.SELECTED: (_("Candidature retenue"), "success"),
    State.RESERVE: (_("Liste de réserve"), "info"),
    State.DECLINED: (_("Candidature non retenue"), "closed"),
    State.WITHDRAWN: (_("Désistement"), "closed"),
    State.PLACED: (_("Stage en cours"), "success"),
    State.COMPLETED: (_("Stage terminé"), "success"),
}
CANDIDATE_LABELS = {state: label for state, (label, _tone) in _CANDIDATE_DISPLAY.items()}
"""Labels that the candidate reads. SHORTLISTED and RECOMMENDED are not released: both read as UNDER_REVIEW."""
CANDIDATE_TONES = {state: tone for state, (_label, tone) in _CANDIDATE_DISPLAY.items()}
"""Colour of each label (`components/state_badge.html`). Like the label, it must not reveal an unreleased decision."""

DECIDED = frozenset(
    {State.INADMISSIBLE, State.SELECTED, State.DECLINED, State.WITHDRAWN, State.PLACED, State.COMPLETED}
)
"""States in which the candidate no longer waits for anything."""

SELECTED_STATES = (State.SELECTED, State.PLACED)
"""At most one submission per candidate, over all offers, is in one of these (`a_person_is_selected_once`)."""


class Action(StrEnum):
    """Action that moves a submission from one state to another."""

    FILE = "FILE"
    AMEND = "AMEND"
    WITHDRAW = "WITHDRAW"
    START_REVIEW = "START_REVIEW"
    REQUEST_COMPLEMENT = "REQUEST_COMPLEMENT"
    RESUME = "RESUME"
    FIND_INADMISSIBLE = "FIND_INADMISSIBLE"
    REOPEN = "REOPEN"
    JUDGE_AGAIN = "JUDGE_AGAIN"
    SHORTLIST = "SHORTLIST"
    LEAVE_SHORTLIST = "LEAVE_SHORTLIST"
    INVITE = "INVITE"
    RECOMMEND = "RECOMMEND"
    SELECT = "SELECT"
    PUT_ON_RESERVE = "PUT_ON_RESERVE"
    DECLINE = "DECLINE"
    TAKE_BACK = "TAKE_BACK"
    PLACE = "PLACE"
    COMPLETE = "COMPLETE"


COMPLEMENT_ACTIONS = frozenset({Action.REQUEST_COMPLEMENT, Action.RESUME})
"""Actions on the completeness of a file. They decide nothing."""


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: source states and target state of an action, and the permission that it needs."""

    action: Action
    label: Promise
    sources: frozenset[State]
    target: State
    permission: str | None
    """Codename of a permission of `submissions`. None: only the candidate may do it."""
    reason_required: bool = False
    announced: bool = False
    """The candidate is notified: the move is prepared in a decision batch, which a second person releases."""
    of_upheld: bool = False
    """Allowed only if the human review is UPHELD. Every other move by staff is refused then."""
    while_pending: bool = False
    """Also allowed while the human review is PENDING. Every other move by staff is refused then."""
    has_own_form: bool = False
    """Needs more data than a reason: its own operation does it, and `move_submission` raises."""

    @property
    def chooses(self) -> bool:
        """True if it chooses between candidates: its actor must be impartial about every file of the offer."""
        return self.permission == "decide_submission"


def _move(
    permission: str | None, action: Action, label: Promise, sources: set[State], target: State, **flags: bool
) -> Move:
    return Move(action, label, frozenset(sources), target, permission, **flags)


_candidate = partial(_move, None)
_triage = partial(_move, "triage_submission")
_decide = partial(_move, "decide_submission")

_BEFORE_SELECTION = {State.SUBMITTED, State.UNDER_REVIEW, State.COMPLEMENT_REQUESTED}
_IN_SELECTION = {State.SHORTLISTED, State.INTERVIEW, State.RECOMMENDED}
_ROWS = (
    _candidate(Action.FILE, _("Déposer"), {State.DRAFT}, State.SUBMITTED),
    # A candidate who withdrew may file again while the offer is open. SHORTLISTED and RECOMMENDED are included:
    # refusing an amendment only there would reveal an unreleased decision.
    _candidate(
        Action.AMEND,
        _("Modifier avant la date limite"),
        _BEFORE_SELECTION | {State.SHORTLISTED, State.RECOMMENDED, State.WITHDRAWN},
        State.SUBMITTED,
    ),
    _candidate(
        Action.WITHDRAW,
        _("Se désister"),
        _BEFORE_SELECTION | _IN_SELECTION | {State.SELECTED, State.RESERVE},
        State.WITHDRAWN,
        reason_required=True,
    ),
    _triage(Action.START_REVIEW, _("Mettre à l’étude"), {State.SUBMITTED}, State.UNDER_REVIEW),
    # A second request replaces the open one, with the same due date or a later one.
    _triage(
        Action.REQUEST_COMPLEMENT,
        _("Demander un complément"),
        _BEFORE_SELECTION,
        State.COMPLEMENT_REQUESTED,
        reason_required=True,
        while_pending=True,
        has_own_form=True,
    ),
    _triage(
        Action.RESUME,
        _("Reprendre sans complément"),
        {State.COMPLEMENT_REQUESTED},
        State.SUBMITTED,
        reason_required=True,
        while_pending=True,
    ),
    # From COMPLEMENT_REQUESTED, only after the due date: until then the candidate may answer.
    _decide(
        Action.FIND_INADMISSIBLE,
        _("Déclarer non admissible"),
        _BEFORE_SELECTION,
        State.INADMISSIBLE,
        reason_required=True,
        announced=True,
    ),
    _decide(
        Action.REOPEN, _("Rouvrir l’étude"), {State.INADMISSIBLE}, State.UNDER_REVIEW, reason_required=True
    ),
    # Earlier rulings stay stored. Each refused finding waits for a new ruling, as after the filing.
    _decide(
        Action.JUDGE_AGAIN,
        _("Rouvrir la révision"),
        {State.INADMISSIBLE},
        State.SUBMITTED,
        reason_required=True,
        of_upheld=True,
    ),
    _decide(Action.SHORTLIST, _("Présélectionner"), {State.UNDER_REVIEW}, State.SHORTLISTED),
    _decide(
        Action.LEAVE_SHORTLIST,
        _("Retirer de la liste de présélection"),
        {State.SHORTLISTED},
        State.UNDER_REVIEW,
        reason_required=True,
    ),
    _decide(Action.INVITE, _("Convoquer en entrevue"), {State.SHORTLISTED}, State.INTERVIEW, announced=True),
    _decide(
        Action.RECOMMEND,
        _("Recommander à l’organisation"),
        {State.SHORTLISTED, State.INTERVIEW},
        State.RECOMMENDED,
    ),
    _decide(Action.SELECT, _("Retenir"), _IN_SELECTION | {State.RESERVE}, State.SELECTED, announced=True),
    _decide(
        Action.PUT_ON_RESERVE,
        _("Mettre sur la liste de réserve"),
        _IN_SELECTION,
        State.RESERVE,
        announced=True,
    ),
    _decide(
        Action.DECLINE,
        _("Ne pas retenir"),
        _IN_SELECTION | {State.UNDER_REVIEW, State.RESERVE},
        State.DECLINED,
        announced=True,
    ),
    # Not from PLACED: the stage has begun. Afterwards this candidate may be selected for another offer, and another
    # candidate for this one.
    _decide(Action.TAKE_BACK, _("Retirer la sélection"), {State.SELECTED}, State.DECLINED, announced=True),
    _decide(Action.PLACE, _("Commencer le stage"), {State.SELECTED}, State.PLACED),
    _decide(Action.COMPLETE, _("Terminer le stage"), {State.PLACED}, State.COMPLETED),
)
TABLE: dict[Action, Move] = {move.action: move for move in _ROWS}

SELECTION_ACTIONS = frozenset(
    move.action
    for move in _ROWS
    if move.target in _IN_SELECTION | {State.SELECTED, State.RESERVE, State.PLACED}
)
"""Actions that lead to a stage. Refused if the offer is cancelled: its stage does not take place."""


def moves_from(state: State, reserve: HumanReview = HumanReview.NONE) -> list[Move]:
    """Return the moves that `move_submission` can make from `state` for staff or reviewers, in table order.

    `reserve` PENDING: only moves with `while_pending`. UPHELD: only JUDGE_AGAIN. Announced moves are excluded, because
    a decision batch makes them, and so are moves with their own form.
    """
    return [
        move
        for move in TABLE.values()
        if state in move.sources
        and move.permission is not None
        and not move.announced
        and not move.has_own_form
        and (move.while_pending or reserve != HumanReview.PENDING)
        and move.of_upheld == (reserve == HumanReview.UPHELD)
    ]


def batch_moves_from(state: State) -> list[Move]:
    """Return the moves that a decision batch may contain for a submission in `state`, in table order."""
    return [move for move in TABLE.values() if state in move.sources and move.announced]
