"""Even division of files among members. Pure: no database, no clock, no randomness.

Each file goes, one reader at a time, to the member with the fewest files among those who may read it. A member may then
have too many files, because only they could read the last ones. So files are moved along a chain of members, from a
member with at least two files more to one with fewer, until no such chain is left. A division without such a chain is
optimal: the largest load is as small as possible, and so is the second largest (the optimal semi-matchings of Harvey,
Ladner, Lovász and Tamir, with several readers per file).
"""

from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class FileToAssign:
    """One file, its current readers, and the members who may not read it."""

    key: int
    readers: frozenset[int] = frozenset()
    """Members who already read it. They keep it."""
    barred: frozenset[int] = frozenset()
    """Members with a conflict of interest on it, or whose own submission it is."""


class ShortageReason(StrEnum):
    """Why a file gets fewer readers than requested."""

    FEW = "FEW"
    """The committee has fewer members than the readers requested per file."""
    BARRED = "BARRED"
    """Too many members may not read this file."""


@dataclass(frozen=True, slots=True)
class ShortFile:
    """A file that cannot have the requested number of readers. `readers` is the number that it would have."""

    key: int
    readers: int
    lack: ShortageReason


@dataclass(frozen=True, slots=True)
class Division:
    """Result of an even division: new pairs (file, member), in order, and the files with too few readers."""

    given: tuple[tuple[int, int], ...]
    short: tuple[ShortFile, ...]

    def gets(self) -> dict[int, int]:
        """Return the number of new files per member, for members who get at least one."""
        return dict(Counter(member for _file, member in self.given))


def divide_evenly(
    files: Iterable[FileToAssign], *, members: Collection[int], loads: Mapping[int, int], readers: int
) -> Division:
    """Give each file new readers among `members` until it has `readers` of them, with loads as even as possible.

    `loads` is the number of files that each member already reads. Deterministic: the order of the input does not
    matter.
    """
    ordered = sorted(files, key=lambda file: file.key)
    people = sorted(members)
    balance = _Balancer({member: loads.get(member, 0) for member in people})
    wanted = {file.key: readers - len(file.readers & set(people)) for file in ordered}
    open_to = {file.key: [m for m in people if m not in file.barred | file.readers] for file in ordered}
    # Files with few possible readers first: the other files then even out the loads.
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
    """The division in progress, with the moves that are still possible."""

    def __init__(self, loads: dict[int, int]) -> None:
        self.loads = loads
        self.given: dict[int, set[int]] = {}
        self._open_to: dict[int, list[int]] = {}
        self._movable: dict[int, dict[int, dict[int, None]]] = {
            giver: {taker: {} for taker in loads if taker != giver} for giver in loads
        }
        """Files that each member could give to each other member."""

    def assign(self, file: int, members: list[int], number: int) -> None:
        """Give `file` to the `number` of `members` with the smallest loads."""
        chosen = sorted(members, key=lambda member: (self.loads[member], member))[:number]
        self.given[file], self._open_to[file] = set(chosen), members
        for member in chosen:
            self.loads[member] += 1
        for giver, taker in self._possible_takers(file):
            self._movable[giver][taker][file] = None

    def even_out(self) -> None:
        """Move files along chains until no chain leads from a member to a member with at least two files fewer."""
        while chain := self._find_chain():
            # Choose all moves first: a move changes `_movable`, from which the others are read.
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
                path = [last]
                while (before := came_from[path[-1]]) is not None:
                    path.append(before)
                return path[::-1]
        return []

    def _transfer(self, file: int, giver: int, taker: int) -> None:
        for holder, other in self._possible_takers(file):
            del self._movable[holder][other][file]
        self.given[file] ^= {giver, taker}
        self.loads[giver] -= 1
        self.loads[taker] += 1
        for holder, other in self._possible_takers(file):
            self._movable[holder][other][file] = None

    def _possible_takers(self, file: int) -> list[tuple[int, int]]:
        given = self.given[file]
        free = [member for member in self._open_to[file] if member not in given]
        return [(giver, taker) for giver in sorted(given) for taker in free]
