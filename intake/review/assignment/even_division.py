"""Even division of files among members, by lots. Pure: no database, no clock; the seed is the only chance.

Files are taken in an order drawn by lot. Each goes, one reader at a time, to a member with the fewest files among those
who may read it, and among these to the one who shares the fewest files with its other readers: members would otherwise
form closed groups, whose marks could not be compared. Lots decide what is left.

A member may then have too many files, because only they could read the last ones. So files are moved along a chain of
members, from a member with at least two files more to one with fewer, until no such chain is left. A division without
such a chain is optimal: the largest load is as small as possible, and so is the second largest (the optimal
semi-matchings of Harvey, Ladner, Lovász and Tamir, with several readers per file).
"""

import hashlib
from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise, permutations


@dataclass(frozen=True, slots=True)
class FileToAssign:
    """One file, its current readers, and the members who may not read it."""

    key: int
    wanted: int
    """Readers that it must have, with those who left and whose mark counts."""
    readers: frozenset[int] = frozenset()
    """Members who already read it. They keep it."""
    barred: frozenset[int] = frozenset()
    """Members with a conflict of interest on it, or whose own submission it is."""
    marked: int = 0
    """Marks that count, of people who left the committee."""


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
    files: Iterable[FileToAssign],
    *,
    members: Collection[int],
    loads: Mapping[int, int],
    seed: str,
    common: int = 0,
) -> Division:
    """Give each file new readers among `members` until it has those that it wants, with loads as even as possible.

    `loads` is the number of files that each member already reads. `common` files are given to all members who may read
    them: first those that most members already read, so that a repeated division adds none. Deterministic: the same
    seed and the same files, in any order, give the same division.
    """
    people = frozenset(members)
    ordered = sorted(files, key=lambda file: _lot(seed, file.key))
    open_to = {file.key: sorted(people - file.barred - file.readers) for file in ordered}
    of_all = sorted(ordered, key=lambda file: (-len(file.readers & people), len(file.barred & people)))
    wanted = {file.key: file.wanted - file.marked - len(file.readers & people) for file in ordered}
    wanted |= {file.key: len(open_to[file.key]) for file in of_all[:common]}
    balance = _Balancer({member: loads.get(member, 0) for member in sorted(people)}, seed)
    for file in ordered:
        balance.count_pairs(file.readers & people)
    # Files with few possible readers first: the other files then even out the loads.
    for file in sorted(ordered, key=lambda file: len(open_to[file.key])):
        balance.assign(file, open_to[file.key], max(wanted[file.key], 0))
    balance.even_out()
    short = [
        ShortFile(
            key=file.key,
            readers=file.marked + len(file.readers & people) + len(open_to[file.key]),
            lack=ShortageReason.FEW if len(people) < file.wanted - file.marked else ShortageReason.BARRED,
        )
        for file in sorted(ordered, key=lambda file: file.key)
        if len(open_to[file.key]) < wanted[file.key]
    ]
    given = [(key, member) for key, chosen in sorted(balance.given.items()) for member in sorted(chosen)]
    return Division(tuple(given), tuple(short))


def _lot(seed: str, *keys: int) -> bytes:
    """Return the lot of a file, or of a file and a member. A digest, so that any program can draw it again."""
    return hashlib.sha256(":".join([seed, *map(str, keys)]).encode()).digest()


class _Balancer:
    """The division in progress, with the moves that are still possible."""

    def __init__(self, loads: dict[int, int], seed: str) -> None:
        self.loads = loads
        self._seed = seed
        self._shared: Counter[tuple[int, int]] = Counter()
        """Number of files that two members both read, in each order of the two."""
        self.given: dict[int, set[int]] = {}
        self._open_to: dict[int, list[int]] = {}
        self._movable: dict[int, dict[int, dict[int, None]]] = {
            giver: {taker: {} for taker in loads if taker != giver} for giver in loads
        }
        """Files that each member could give to each other member."""

    def count_pairs(self, readers: Collection[int]) -> None:
        """Count a file that all `readers` read."""
        self._shared.update(permutations(readers, 2))

    def assign(self, file: FileToAssign, members: list[int], number: int) -> None:
        """Give `file` to `number` of `members`: to those with the smallest loads, mixed with each other."""
        chosen: list[int] = []
        for _reader in range(min(number, len(members))):
            others = [*(file.readers & self.loads.keys()), *chosen]
            reader = self._next_reader(
                file.key, [member for member in members if member not in chosen], others
            )
            chosen.append(reader)
            self.loads[reader] += 1
            self._shared.update(pair for other in others for pair in ((reader, other), (other, reader)))
        self.given[file.key], self._open_to[file.key] = set(chosen), members
        for giver, taker in self._possible_takers(file.key):
            self._movable[giver][taker][file.key] = None

    def _next_reader(self, file: int, free: list[int], others: list[int]) -> int:
        least = min(self.loads[member] for member in free)
        # A load above the least by one keeps a choice of pairs where the last two members would form one.
        return min(
            (member for member in free if self.loads[member] <= least + 1),
            key=lambda member: (
                sum(self._shared[member, other] for other in others),
                self.loads[member],
                _lot(self._seed, file, member),
            ),
        )

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
