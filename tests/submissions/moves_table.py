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

# A cell is the target state; a dot is a move that is refused to every user.
ORDINARY: Final = """
action              who        DRA SUB UND COM INA SHO INT REC SEL RES DEC WIT PLA END
FILE                candidate  SUB  .   .   .   .   .   .   .   .   .   .   .   .   .
AMEND               candidate   .  SUB SUB SUB  .  SUB  .  SUB  .   .   .  SUB  .   .
WITHDRAW            candidate   .  WIT WIT WIT  .  WIT WIT WIT WIT WIT  .   .   .   .
START_REVIEW        team        .  UND  .   .   .   .   .   .   .   .   .   .   .   .
REQUEST_COMPLEMENT  team        .  COM COM COM  .   .   .   .   .   .   .   .   .   .
RESUME              team        .   .   .  SUB  .   .   .   .   .   .   .   .   .   .
FIND_INADMISSIBLE   staff       .  INA INA INA  .   .   .   .   .   .   .   .   .   .
REOPEN              staff       .   .   .   .  UND  .   .   .   .   .   .   .   .   .
JUDGE_AGAIN         staff       .   .   .   .   .   .   .   .   .   .   .   .   .   .
SHORTLIST           staff       .   .  SHO  .   .   .   .   .   .   .   .   .   .   .
LEAVE_SHORTLIST     staff       .   .   .   .   .  UND  .   .   .   .   .   .   .   .
INVITE              staff       .   .   .   .   .  INT  .   .   .   .   .   .   .   .
RECOMMEND           staff       .   .   .   .   .  REC REC  .   .   .   .   .   .   .
SELECT              staff       .   .   .   .   .  SEL SEL SEL  .  SEL  .   .   .   .
PUT_ON_RESERVE      staff       .   .   .   .   .  RES RES RES  .   .   .   .   .   .
DECLINE             staff       .   .  DEC  .   .  DEC DEC DEC  .  DEC  .   .   .   .
TAKE_BACK           staff       .   .   .   .   .   .   .   .  DEC  .   .   .   .   .
PLACE               staff       .   .   .   .   .   .   .   .  PLA  .   .   .   .   .
COMPLETE            staff       .   .   .   .   .   .   .   .   .   .   .   .  END  .
"""
"""Without a review request, or with one resolved for the candidate. From COM, FIND_INADMISSIBLE needs a passed due
date."""

PENDING: Final = """
action              who        SUB COM WIT
FILE                candidate   .   .   .
AMEND               candidate  SUB SUB SUB
WITHDRAW            candidate  WIT WIT  .
START_REVIEW        team        .   .   .
REQUEST_COMPLEMENT  team       COM COM  .
RESUME              team        .  SUB  .
FIND_INADMISSIBLE   staff       .   .   .
REOPEN              staff       .   .   .
JUDGE_AGAIN         staff       .   .   .
SHORTLIST           staff       .   .   .
LEAVE_SHORTLIST     staff       .   .   .
INVITE              staff       .   .   .
RECOMMEND           staff       .   .   .
SELECT              staff       .   .   .
PUT_ON_RESERVE      staff       .   .   .
DECLINE             staff       .   .   .
TAKE_BACK           staff       .   .   .
PLACE               staff       .   .   .
COMPLETE            staff       .   .   .
"""
"""With a pending review request; the database allows no other state of such a file."""

UPHELD: Final = """
action              who        INA WIT
FILE                candidate   .   .
AMEND               candidate   .  SUB
WITHDRAW            candidate   .   .
START_REVIEW        team        .   .
REQUEST_COMPLEMENT  team        .   .
RESUME              team        .   .
FIND_INADMISSIBLE   staff       .   .
REOPEN              staff       .   .
JUDGE_AGAIN         staff      SUB  .
SHORTLIST           staff       .   .
LEAVE_SHORTLIST     staff       .   .
INVITE              staff       .   .
RECOMMEND           staff       .   .
SELECT              staff       .   .
PUT_ON_RESERVE      staff       .   .
DECLINE             staff       .   .
TAKE_BACK           staff       .   .
PLACE               staff       .   .
COMPLETE            staff       .   .
"""
"""With a review request whose refusal was upheld; the database allows no other state of such a file."""

# How each move is made: on the candidate's pages, by one button, by its own form, or by a batch that a second person
# releases and announces. Whether it needs a reason. Whether it is allowed for a cancelled offer. None is allowed for
# staff who applied to the offer, and none that chooses for those with a conflict on another file of it.
MADE: Final = """
action              how        reason  cancelled
FILE                candidate  no      no
AMEND               candidate  no      no
WITHDRAW            candidate  yes     yes
START_REVIEW        press      no      yes
REQUEST_COMPLEMENT  form       yes     no
RESUME              press      yes     yes
FIND_INADMISSIBLE   batch      yes     yes
REOPEN              press      yes     yes
JUDGE_AGAIN         press      yes     yes
SHORTLIST           press      no      no
LEAVE_SHORTLIST     press      yes     yes
INVITE              batch      no      no
RECOMMEND           press      no      no
SELECT              batch      no      no
PUT_ON_RESERVE      batch      no      no
DECLINE             batch      no      yes
TAKE_BACK           batch      no      yes
PLACE               press      no      no
COMPLETE            press      no      yes
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a grid: who may make `action` from `source`, and the target state; None if it is refused."""

    action: Action
    source: State
    may: frozenset[str]
    target: State | None


def cells_of(grid: str) -> list[Cell]:
    """Return every cell of a grid, row by row."""
    head, *rows = (line.split() for line in grid.strip().splitlines())
    found = []
    for action, who, *targets in rows:
        for source, target in zip(head[2:], targets, strict=True):
            found.append(Cell(Action(action), SHORT[source], MAY[who], SHORT.get(target)))
    return found


def rows_of(table: str) -> dict[str, dict[str, str]]:
    """Return the rows of a table by their first column; the last column may contain spaces."""
    head, *rows = table.strip().splitlines()
    names = head.split()
    read = [line.split(maxsplit=len(names) - 1) for line in rows]
    return {row[0]: dict(zip(names, row, strict=True)) for row in read}


def rows_with_yes(column: str, table: str) -> frozenset[str]:
    """Return the first column of the rows of `table` with yes in `column`."""
    return frozenset(name for name, row in rows_of(table).items() if row[column] == "yes")
