"""The moves: users, source states and target states, as tables written by hand for comparison.

Independent of `intake.submissions.states`, which the tests compare with these tables.
"""

from dataclasses import dataclass
from typing import Final

from intake.submissions.states import Action, State

WHO: Final = ("candidate", "reviewer", "staff", "nobody")
"""The candidate is staff too: permissions alone would let them move their own file. The reviewer is on the offer's
committee. `nobody` is signed in and has no role."""

MAY: Final[dict[str, frozenset[str]]] = {
    "candidate": frozenset({"candidate"}),
    "team": frozenset({"reviewer", "staff"}),
    "staff": frozenset({"staff"}),
}

SHORT: Final[dict[str, State]] = {
    "DRA": State.DRAFT,
    "SUB": State.SUBMITTED,
    "UND": State.UNDER_REVIEW,
    "COM": State.COMPLEMENT_REQUESTED,
    "INA": State.INADMISSIBLE,
    "SHO": State.SHORTLISTED,
    "INT": State.INTERVIEW,
    "REC": State.RECOMMENDED,
    "SEL": State.SELECTED,
    "RES": State.RESERVE,
    "DEC": State.DECLINED,
    "WIT": State.WITHDRAWN,
    "PLA": State.PLACED,
    "END": State.COMPLETED,
}

# One row for each action: who may make it; how (on the candidate's pages, by one button, by its own form, or by a batch
# that a second person releases); whether it needs a reason; whether a cancelled offer allows it. A cell is the target
# state; a dot is a move that is refused to every user. None is allowed for staff who applied to the offer, and none
# that chooses for those with a conflict on another file of it.
ORDINARY: Final = """
action             who       how       reason cancelled DRA SUB UND COM INA SHO INT REC SEL RES DEC WIT PLA END
FILE               candidate candidate no     no        SUB  .   .   .   .   .   .   .   .   .   .   .   .   .
AMEND              candidate candidate no     no         .  SUB SUB SUB  .  SUB  .  SUB  .   .   .  SUB  .   .
WITHDRAW           candidate candidate yes    yes        .  WIT WIT WIT  .  WIT WIT WIT WIT WIT  .   .   .   .
START_REVIEW       team      press     no     yes        .  UND  .   .   .   .   .   .   .   .   .   .   .   .
REQUEST_COMPLEMENT team      form      yes    no         .  COM COM COM  .   .   .   .   .   .   .   .   .   .
RESUME             team      press     yes    yes        .   .   .  SUB  .   .   .   .   .   .   .   .   .   .
FIND_INADMISSIBLE  staff     batch     yes    yes        .  INA INA INA  .   .   .   .   .   .   .   .   .   .
REOPEN             staff     press     yes    yes        .   .   .   .  UND  .   .   .   .   .   .   .   .   .
JUDGE_AGAIN        staff     press     yes    yes        .   .   .   .   .   .   .   .   .   .   .   .   .   .
SHORTLIST          staff     press     no     no         .   .  SHO  .   .   .   .   .   .   .   .   .   .   .
LEAVE_SHORTLIST    staff     press     yes    yes        .   .   .   .   .  UND  .   .   .   .   .   .   .   .
INVITE             staff     batch     no     no         .   .   .   .   .  INT  .   .   .   .   .   .   .   .
RECOMMEND          staff     press     no     no         .   .   .   .   .  REC REC  .   .   .   .   .   .   .
SELECT             staff     batch     no     no         .   .   .   .   .  SEL SEL SEL  .  SEL  .   .   .   .
PUT_ON_RESERVE     staff     batch     no     no         .   .   .   .   .  RES RES RES  .   .   .   .   .   .
DECLINE            staff     batch     no     yes        .   .  DEC  .   .  DEC DEC DEC  .  DEC  .   .   .   .
TAKE_BACK          staff     batch     no     yes        .   .   .   .   .   .   .   .  DEC  .   .   .   .   .
PLACE              staff     press     no     no         .   .   .   .   .   .   .   .  PLA  .   .   .   .   .
COMPLETE           staff     press     no     yes        .   .   .   .   .   .   .   .   .   .   .   .  END  .
"""
"""Without a review request, or with one resolved for the candidate. From COM, FIND_INADMISSIBLE needs a passed due
date."""

PENDING: Final = """
action             SUB COM WIT
AMEND              SUB SUB SUB
WITHDRAW           WIT WIT  .
REQUEST_COMPLEMENT COM COM  .
RESUME              .  SUB  .
"""
"""With a pending review request; the database allows no other state of such a file. An action without a row is
refused."""

UPHELD: Final = """
action             INA WIT
AMEND               .  SUB
JUDGE_AGAIN        SUB  .
"""
"""With a review request whose refusal was upheld; as for `PENDING`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a grid: who may make `action` from `source`, and the target state; None if it is refused."""

    action: Action
    source: State
    may: frozenset[str]
    target: State | None


ROWS: Final[dict[Action, dict[str, str]]] = {
    Action(row[0]): dict(zip(head, row, strict=True))
    for head, *rows in [[line.split() for line in ORDINARY.strip().splitlines()]]
    for row in rows
}
"""The rows of `ORDINARY` by action: their cells by the names of the columns."""


def cells_of(grid: str) -> list[Cell]:
    """Return every cell of a grid, action by action; those of an action without a row are refused."""
    head, *rows = (line.split() for line in grid.strip().splitlines())
    states = [name for name in head if name in SHORT]
    targets = {row[0]: row[-len(states) :] for row in rows}
    return [
        Cell(action, SHORT[source], MAY[ROWS[action]["who"]], SHORT.get(target))
        for action in Action
        for source, target in zip(states, targets.get(action, ["."] * len(states)), strict=True)
    ]
