"""Who reads which file, so that nobody has more to read than they must. Pure: no database, no clock, no chance.

Each file is given, one reader at a time, to whoever has the least to read among those who may. That alone may end with
somebody who reads too much because only they could read what came last: then files change hands along a chain of
members, from one who reads at least two files more to one who reads less, until no such chain is left. A division
without such a chain is the best there is: the most that anybody reads is as little as can be, and so is the second most
(the optimal semi-matchings of Harvey, Ladner, Lovász and Tamir, with several readers per file).
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class FileToAssign:
    """One file: who reads it already, and who may not."""

    key: int
    readers: frozenset[int] = frozenset()
    """Members who read it already; they keep it."""
    barred: frozenset[int] = frozenset()
    """Members in conflict of interest with it, or whose own it is."""


class ShortageReason(StrEnum):
    """Why a file does not find its readers."""

    FEW = "FEW"
    """The committee has fewer members than each file is to have readers."""
    BARRED = "BARRED"
    """Too many of its members may not read this one."""


@dataclass(frozen=True, slots=True)
class ShortFile:
    """A file that cannot have as many readers as asked; `readers` is how many it would have."""

    key: int
    readers: int
    lack: ShortageReason


@dataclass(frozen=True, slots=True)
class Division:
    """What an even division gives, as pairs of a file and a member, in order; and the files that stay short."""

    given: tuple[tuple[int, int], ...]
    short: tuple[ShortFile, ...]

    def gets(self) -> dict[int, int]:
        """Return how many files each member gets, of those who get any."""
        counts: dict[int, int] = {}
        for _file, member in self.given:
            counts[member] = counts.get(member, 0) + 1
        return counts


def divide_evenly(
    files: Iterable[FileToAssign], *, members: Collection[int], loads: Mapping[int, int], readers: int
) -> Division:
    """Give each file new readers among `members` until it has `readers` of them, as evenly as can be.

    `loads` is how many files each member reads already. The same input, in whatever order, gives the same division.
    """
    ordered = sorted(files, key=lambda file: file.key)
    people = sorted(members)
    balance = _Balancer({member: loads.get(member, 0) for member in people})
    wanted = {file.key: readers - len(file.readers & set(people)) for file in ordered}
    open_to = {file.key: [m for m in people if m not in file.barred | file.readers] for file in ordered}
    # The files that few may read choose first: what they leave uneven, the others even out.
    for file in sorted(ordered, key=lambda file: (len(open_to[file.key]), file.key)):
        balance.assign(file.key, open_to[file.key], max(wanted[file.key], 0))
    balance.even_out()
    short = [
        ShortFile(
            key=file.key,
            readers=readers - wanted[file.key] + len(open_to[file.key]),
            lack=ShortageReason.FEW if len(people) < readers else ShortageReason.BARRED,
        )
        for file in ordered
        if len(open_to[file.key]) < wanted[file.key]
    ]
    given = [(file.key, member) for file in ordered for member in sorted(balance.given[file.key])]
    return Division(tuple(given), tuple(short))


class _Balancer:
    """The division as it is made, with what could still change hands."""

    def __init__(self, loads: dict[int, int]) -> None:
        self.loads = loads
        self.given: dict[int, set[int]] = {}
        self._open_to: dict[int, list[int]] = {}
        self._movable: dict[int, dict[int, dict[int, None]]] = {
            giver: {taker: {} for taker in loads if taker != giver} for giver in loads
        }
        """The files that each member could hand to each other one."""

    def assign(self, file: int, members: list[int], number: int) -> None:
        """Give `file` to the `number` of `members` who have the least to read."""
        chosen = sorted(members, key=lambda member: (self.loads[member], member))[:number]
        self.given[file], self._open_to[file] = set(chosen), members
        for member in chosen:
            self.loads[member] += 1
        for giver, taker in self._possible_takers(file):
            self._movable[giver][taker][file] = None

    def even_out(self) -> None:
        """Let files change hands while somebody reads two more than another to whom a chain leads."""
        while chain := self._find_chain():
            # Chosen before any of them moves: a file that moved would be looked for where it no longer is.
            moves = [
                (giver, taker, next(iter(self._movable[giver][taker]))) for giver, taker in pairwise(chain)
            ]
            for giver, taker, file in moves:
                self._transfer(file, giver, taker)

    def _find_chain(self) -> list[int]:
        for source in sorted(self.loads, key=lambda member: (-self.loads[member], member)):
            came_from: dict[int, int | None] = {source: None}
            waiting = deque([source])
            while waiting:
                giver = waiting.popleft()
                for taker, files in self._movable[giver].items():
                    if files and taker not in came_from:
                        came_from[taker] = giver
                        waiting.append(taker)
            last = min(came_from, key=lambda member: (self.loads[member], member))
            if self.loads[source] - self.loads[last] > 1:
                return _path(came_from, last)
        return []

    def _transfer(self, file: int, giver: int, taker: int) -> None:
        for one, other in self._possible_takers(file):
            del self._movable[one][other][file]
        self.given[file] ^= {giver, taker}
        self.loads[giver] -= 1
        self.loads[taker] += 1
        for one, other in self._possible_takers(file):
            self._movable[one][other][file] = None

    def _possible_takers(self, file: int) -> list[tuple[int, int]]:
        given = self.given[file]
        free = [member for member in self._open_to[file] if member not in given]
        return [(giver, taker) for giver in sorted(given) for taker in free]


def _path(came_from: Mapping[int, int | None], last: int) -> list[int]:
    path = [last]
    while (before := came_from[path[-1]]) is not None:
        path.append(before)
    return path[::-1]
