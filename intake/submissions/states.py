"""The life of a submission: one table of moves, walked by `services.move_submission` alone (HOUSE rule 5).

The words are DOMAIN.md's: what staff read is the label of the state; what the candidate reads hides a decision
until it is released.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """Where a submission stands, with the words staff read."""

    DRAFT = "DRAFT", _("Brouillon")
    SUBMITTED = "SUBMITTED", _("Reçue")
    UNDER_REVIEW = "UNDER_REVIEW", _("À l’étude")
    COMPLEMENT_REQUESTED = "COMPLEMENT_REQUESTED", _("Dossier incomplet")
    INADMISSIBLE = "INADMISSIBLE", _("Non admissible")
    SHORTLISTED = "SHORTLISTED", _("Présélectionnée")
    INTERVIEW = "INTERVIEW", _("Convoquée en entrevue")
    RECOMMENDED = "RECOMMENDED", _("Recommandée à l’organisation")
    SELECTED = "SELECTED", _("Retenue")
    RESERVE = "RESERVE", _("Substitut(e)")
    DECLINED = "DECLINED", _("Non retenue")
    WITHDRAWN = "WITHDRAWN", _("Désistement")
    PLACED = "PLACED", _("Stage en cours")
    COMPLETED = "COMPLETED", _("Stage terminé")


class HumanReview(TextChoices):
    """Whether a filing that the rules refuse waits for a person's judgement, and what that judgement was."""

    NONE = "NONE", _("Sans réserve")
    PENDING = "PENDING", _("Révision demandée")
    LIFTED = "LIFTED", _("Réserve levée")
    UPHELD = "UPHELD", _("Réserve maintenue")


CANDIDATE_LABELS: dict[State, Promise] = {
    State.DRAFT: _("Brouillon — non déposée"),
    State.SUBMITTED: _("Candidature déposée"),
    State.UNDER_REVIEW: _("À l’étude"),
    State.COMPLEMENT_REQUESTED: _("Complément demandé"),
    State.INADMISSIBLE: _("Non admissible"),
    State.SHORTLISTED: _("À l’étude"),
    State.INTERVIEW: _("Convocation à l’entrevue"),
    State.RECOMMENDED: _("À l’étude"),
    State.SELECTED: _("Candidature retenue"),
    State.RESERVE: _("Liste de réserve"),
    State.DECLINED: _("Candidature non retenue"),
    State.WITHDRAWN: _("Désistement"),
    State.PLACED: _("Stage en cours"),
    State.COMPLETED: _("Stage terminé"),
}
"""What the candidate reads. A shortlisting and a recommendation are not released to them: the file is being studied."""

CANDIDATE_TONES: dict[State, str] = {
    State.DRAFT: "draft",
    State.SUBMITTED: "success",
    State.UNDER_REVIEW: "info",
    State.COMPLEMENT_REQUESTED: "warning",
    State.INADMISSIBLE: "none",
    State.SHORTLISTED: "info",
    State.INTERVIEW: "warning",
    State.RECOMMENDED: "info",
    State.SELECTED: "success",
    State.RESERVE: "info",
    State.DECLINED: "none",
    State.WITHDRAWN: "none",
    State.PLACED: "success",
    State.COMPLETED: "success",
}
"""The colour of each label (`components/state_badge.html`): no more than the label may it tell what is not released."""

DECIDED = frozenset(
    {
        State.INADMISSIBLE,
        State.SELECTED,
        State.DECLINED,
        State.WITHDRAWN,
        State.PLACED,
        State.COMPLETED,
    }
)
"""The states after which the candidate waits for nothing more."""

SELECTED_STATES = (State.SELECTED, State.PLACED)
"""At most one submission of a person stands in one of these, over all offers (`a_person_is_selected_once`)."""


class Action(StrEnum):
    """What moves a submission from one state to another."""

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


SELECTION_ACTIONS = frozenset(
    {
        Action.SHORTLIST,
        Action.INVITE,
        Action.RECOMMEND,
        Action.SELECT,
        Action.PUT_ON_RESERVE,
        Action.PLACE,
    }
)
"""What brings somebody nearer a stage: none of it is done for a cancelled offer, whose stage will not take place."""


COMPLEMENT_ACTIONS = frozenset({Action.REQUEST_COMPLEMENT, Action.RESUME})
"""What says whether a file is complete: not for whoever has a stake in its offer, though it decides nothing."""


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: from which states an action leads where, and who may do it."""

    action: Action
    label: Promise
    sources: frozenset[State]
    target: State
    permission: str | None
    """A permission of `submissions`, without its prefix; `None`: the candidate alone does it."""
    reason_required: bool = False
    announced: bool = False
    """Its candidate is told of it: it is prepared in a batch and released by a second person, never made alone."""
    of_upheld: bool = False
    """Made of files whose reserve a person upheld, and of no other; any other move is made of none of those."""
    while_pending: bool = False
    """Made of files whose reserve still waits for a person's judgement too; any other move is made of none of those."""
    has_own_form: bool = False
    """More is said of it than a reason: a service of its own makes it, never `services.move_submission`."""


TABLE: dict[Action, Move] = {
    move.action: move
    for move in (
        Move(Action.FILE, _("Déposer"), frozenset({State.DRAFT}), State.SUBMITTED, None),
        Move(
            Action.AMEND,
            _("Modifier avant la date limite"),
            # Whoever withdrew and thinks better of it may file again while the offer is open. A shortlisting may not be
            # told from a review before it is released, not even by what is refused: what it rested on is filed anew.
            frozenset(
                {
                    State.SUBMITTED,
                    State.UNDER_REVIEW,
                    State.COMPLEMENT_REQUESTED,
                    State.SHORTLISTED,
                    State.RECOMMENDED,
                    State.WITHDRAWN,
                }
            ),
            State.SUBMITTED,
            None,
        ),
        Move(
            Action.WITHDRAW,
            _("Se désister"),
            frozenset(
                {
                    State.SUBMITTED,
                    State.UNDER_REVIEW,
                    State.COMPLEMENT_REQUESTED,
                    State.SHORTLISTED,
                    State.INTERVIEW,
                    State.RECOMMENDED,
                    State.SELECTED,
                    State.RESERVE,
                }
            ),
            State.WITHDRAWN,
            None,
            reason_required=True,
        ),
        Move(
            Action.START_REVIEW,
            _("Mettre à l’étude"),
            frozenset({State.SUBMITTED}),
            State.UNDER_REVIEW,
            "triage_submission",
        ),
        Move(
            # Asked again, it takes the place of the request before, with as much time or more.
            Action.REQUEST_COMPLEMENT,
            _("Demander un complément"),
            frozenset({State.SUBMITTED, State.UNDER_REVIEW, State.COMPLEMENT_REQUESTED}),
            State.COMPLEMENT_REQUESTED,
            "triage_submission",
            reason_required=True,
            while_pending=True,
            has_own_form=True,
        ),
        Move(
            Action.RESUME,
            _("Reprendre sans complément"),
            frozenset({State.COMPLEMENT_REQUESTED}),
            State.SUBMITTED,
            "triage_submission",
            reason_required=True,
            while_pending=True,
        ),
        Move(
            # Of an incomplete file, once its time is over: until then, its candidate was told that they may answer.
            Action.FIND_INADMISSIBLE,
            _("Déclarer non admissible"),
            frozenset({State.SUBMITTED, State.UNDER_REVIEW, State.COMPLEMENT_REQUESTED}),
            State.INADMISSIBLE,
            "decide_submission",
            reason_required=True,
            announced=True,
        ),
        Move(
            Action.REOPEN,
            _("Rouvrir l’étude"),
            frozenset({State.INADMISSIBLE}),
            State.UNDER_REVIEW,
            "decide_submission",
            reason_required=True,
        ),
        Move(
            # What was ruled stays written; each refusal waits for another ruling, as when the file was received.
            Action.JUDGE_AGAIN,
            _("Rouvrir la révision"),
            frozenset({State.INADMISSIBLE}),
            State.SUBMITTED,
            "decide_submission",
            reason_required=True,
            of_upheld=True,
        ),
        Move(
            Action.SHORTLIST,
            _("Présélectionner"),
            frozenset({State.UNDER_REVIEW}),
            State.SHORTLISTED,
            "decide_submission",
        ),
        Move(
            Action.LEAVE_SHORTLIST,
            _("Retirer de la liste de présélection"),
            frozenset({State.SHORTLISTED}),
            State.UNDER_REVIEW,
            "decide_submission",
            reason_required=True,
        ),
        Move(
            Action.INVITE,
            _("Convoquer en entrevue"),
            frozenset({State.SHORTLISTED}),
            State.INTERVIEW,
            "decide_submission",
            announced=True,
        ),
        Move(
            Action.RECOMMEND,
            _("Recommander à l’organisation"),
            frozenset({State.SHORTLISTED, State.INTERVIEW}),
            State.RECOMMENDED,
            "decide_submission",
        ),
        Move(
            Action.SELECT,
            _("Retenir"),
            frozenset({State.SHORTLISTED, State.INTERVIEW, State.RECOMMENDED, State.RESERVE}),
            State.SELECTED,
            "decide_submission",
            announced=True,
        ),
        Move(
            Action.PUT_ON_RESERVE,
            _("Mettre sur la liste de réserve"),
            frozenset({State.SHORTLISTED, State.INTERVIEW, State.RECOMMENDED}),
            State.RESERVE,
            "decide_submission",
            announced=True,
        ),
        Move(
            Action.DECLINE,
            _("Ne pas retenir"),
            frozenset(
                {
                    State.UNDER_REVIEW,
                    State.SHORTLISTED,
                    State.INTERVIEW,
                    State.RECOMMENDED,
                    State.RESERVE,
                }
            ),
            State.DECLINED,
            "decide_submission",
            announced=True,
        ),
        Move(
            # Never once the stage began. The person may then be selected elsewhere, and another one be called.
            Action.TAKE_BACK,
            _("Retirer la sélection"),
            frozenset({State.SELECTED}),
            State.DECLINED,
            "decide_submission",
            announced=True,
        ),
        Move(
            Action.PLACE,
            _("Commencer le stage"),
            frozenset({State.SELECTED}),
            State.PLACED,
            "decide_submission",
        ),
        Move(
            Action.COMPLETE,
            _("Terminer le stage"),
            frozenset({State.PLACED}),
            State.COMPLETED,
            "decide_submission",
        ),
    )
}


def moves_from(state: State, reserve: HumanReview = HumanReview.NONE) -> list[Move]:
    """Return the moves that staff or reviewers may make at once from `state`, in the table's order.

    While the reserve is PENDING, those that do not wait for the judgement on the rules. Once it is UPHELD, which ends
    the study, that judgement alone is opened again. Those that are announced are made by releasing a batch of
    decisions; those that have a form of their own, from there.
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
    """Return the moves that may be prepared in a batch of decisions for a submission in `state`, in table order."""
    return [move for move in TABLE.values() if state in move.sources and move.announced]
