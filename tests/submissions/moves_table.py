"""Who may make which move from which state, and where it leads: tables written by hand, which tests compare.

Nothing here is computed from `intake.submissions.states`: it is what that table is held against.
"""

from dataclasses import dataclass
from typing import Final

from intake.submissions.states import Action, State

WHO: Final = ("candidate", "reviewer", "staff", "nobody")
"""The candidate is of the staff too: their permissions alone would let them move their own file. The reviewer sits on
the offer's committee. `nobody` signed in and has no role."""

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

# A cell is the state where the move leads; a dot is a move that everybody is refused.
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
"""Without a reserve, or with one that was lifted. From COM, a file is found inadmissible once its time is over."""

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
"""While a person's judgement on the rules is awaited; the database knows no other state of such a file."""

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
"""Once a person confirmed what the rules refuse; the database knows no other state of such a file."""

# What each move is made by: the candidate's own pages, one press, a form of its own, or a batch that a second person
# releases and the candidate is told of. Whether a reason is asked for. Whether it is still made of a cancelled offer,
# and by somebody of the staff who applied to the offer, or is in conflict on another file of it.
MADE: Final = """
action              how        reason  cancelled  with_a_stake
FILE                candidate  no      no         no
AMEND               candidate  no      no         no
WITHDRAW            candidate  yes     yes        no
START_REVIEW        press      no      yes        yes
REQUEST_COMPLEMENT  form       yes     no         no
RESUME              press      yes     yes        no
FIND_INADMISSIBLE   batch      yes     yes        no
REOPEN              press      yes     yes        no
JUDGE_AGAIN         press      yes     yes        no
SHORTLIST           press      no      no         no
LEAVE_SHORTLIST     press      yes     yes        no
INVITE              batch      no      no         no
RECOMMEND           press      no      no         no
SELECT              batch      no      no         no
PUT_ON_RESERVE      batch      no      no         no
DECLINE             batch      no      yes        no
TAKE_BACK           batch      no      yes        no
PLACE               press      no      no         no
COMPLETE            press      no      yes        no
"""

# What the candidate reads, and its colour; whether they wait for nothing more; whether it is the one selection that a
# person may have over all offers. A shortlisting and a recommendation are told as the study that they are part of.
SHOWN: Final = """
state                 tone     decided  held  label
DRAFT                 draft    no       no    Brouillon — non déposée
SUBMITTED             success  no       no    Candidature déposée
UNDER_REVIEW          info     no       no    À l’étude
COMPLEMENT_REQUESTED  warning  no       no    Complément demandé
INADMISSIBLE          none     yes      no    Non admissible
SHORTLISTED           info     no       no    À l’étude
INTERVIEW             warning  no       no    Convocation à l’entrevue
RECOMMENDED           info     no       no    À l’étude
SELECTED              success  yes      yes   Candidature retenue
RESERVE               info     no       no    Liste de réserve
DECLINED              none     yes      no    Candidature non retenue
WITHDRAWN             none     yes      no    Désistement
PLACED                success  yes      yes   Stage en cours
COMPLETED             success  yes      no    Stage terminé
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a grid: who may make `action` from `source`, and the state it leads to; None where it is refused."""

    action: Action
    source: State
    may: frozenset[str]
    target: State | None


def cells_of(grid: str) -> list[Cell]:
    """Return every cell of one of the grids, row by row."""
    head, *rows = (line.split() for line in grid.strip().splitlines())
    found = []
    for action, who, *targets in rows:
        for source, target in zip(head[2:], targets, strict=True):
            found.append(Cell(Action(action), SHORT[source], MAY[who], SHORT.get(target)))
    return found


def rows_of(table: str) -> dict[str, dict[str, str]]:
    """Return the rows of a table by their first column; the last column may hold spaces."""
    head, *rows = table.strip().splitlines()
    names = head.split()
    read = [line.split(maxsplit=len(names) - 1) for line in rows]
    return {row[0]: dict(zip(names, row, strict=True)) for row in read}


def rows_with_yes(column: str, table: str) -> frozenset[str]:
    """Return the first column of the rows of `table` that say yes in `column`."""
    return frozenset(name for name, row in rows_of(table).items() if row[column] == "yes")
