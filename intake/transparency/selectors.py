"""What is in the log, and the hashes that proofs of it are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from django.db.models import QuerySet

from intake.outbox.periodic import period_start

from . import merkle
from .leaves import hash_text
from .merkle import Hash, Range, Subtree
from .models import Leaf, Node, Root

PUBLISH_INTERVAL: Final = timedelta(hours=1)
"""How often receipts are put in the log and, were there none, a root published: 8,760 a year."""
MAX_DELAY: Final = timedelta(minutes=15)
"""How late that may be before it is said to be: a worker may be restarting."""


@dataclass(frozen=True, slots=True)
class Logged:
    """Where a receipt is in the log: its leaf, and the first root that is over it, None until one is published."""

    leaf: Leaf
    since: Root | None

    @property
    def leaf_hash(self) -> str:
        """The hash by which its proof is asked for, in hexadecimal."""
        return hash_text(self.leaf.text).hex()


@dataclass(frozen=True, slots=True)
class Run:
    """Roots published one after the other over the same leaves: the `latest`, the `earliest`, and how many they are."""

    latest: Root
    earliest: Root
    count: int

    @property
    def others(self) -> int:
        """How many there are beside the latest."""
        return self.count - 1


def log_size() -> int:
    """Count the leaves, whether or not a root is over them yet."""
    last = Leaf.objects.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1


def latest_root() -> Root | None:
    """Return the root that was published last."""
    return Root.objects.order_by("-rank").first()


def roots_latest_first() -> QuerySet[Root]:
    """Return the published roots, latest first."""
    return Root.objects.order_by("-rank")


def runs(roots: Iterable[Root]) -> list[Run]:
    """Return the runs of `roots`, which are given latest first and stay in that order."""
    found = [list(same) for _hash, same in groupby(roots, key=lambda root: (root.size, root.hash))]
    return [Run(latest=same[0], earliest=same[-1], count=len(same)) for same in found]


def root_before(root: Root) -> Root | None:
    """Return the root published before `root`."""
    return Root.objects.filter(rank=root.rank - 1).first()


def root_of_size(size: int) -> Root | None:
    """Return the first root published over that many leaves."""
    return Root.objects.filter(size=size).order_by("rank").first()


def first_root_over(position: int) -> Root | None:
    """Return the first published root whose tree holds the leaf of that position."""
    return Root.objects.filter(size__gt=position).order_by("size", "rank").first()


def expected_by(received_at: datetime) -> datetime:
    """Return until when a receipt received at that aware instant is awaited in the log, `LATENESS` included."""
    return period_start(received_at, every=PUBLISH_INTERVAL) + PUBLISH_INTERVAL + MAX_DELAY


def log_position(number: str) -> Logged | None:
    """Return where the receipt of that number is in the log, or None while it is not. Two queries."""
    leaf = Leaf.objects.filter(number=number).first()
    return Logged(leaf, first_root_over(leaf.position)) if leaf is not None else None


def leaf_by_hash(leaf_hash: Hash) -> Leaf | None:
    """Return the leaf of that hash."""
    node = Node.objects.filter(level=0, hash=leaf_hash).first()
    return Leaf.objects.get(position=node.position) if node is not None else None


def leaf_hashes(*, start: int, end: int) -> list[Hash]:
    """Return the hashes of the leaves from position `start` to `end`, excluded."""
    rows = Node.objects.filter(level=0, position__gte=start, position__lt=end).order_by("position")
    return [bytes(found) for found in rows.values_list("hash", flat=True)]


def hashes_of_ranges(ranges: Sequence[Range]) -> list[Hash]:
    """Return the hash of each range of leaves. One query, of a few rows for each level of the tree.

    :raises KeyError: when the log is not that long.
    """
    hashes = hashes_of_subtrees({subtree for leaves in ranges for subtree in merkle.subtrees(leaves)})
    return [merkle.hash_range(leaves, hashes) for leaves in ranges]


def hashes_of_subtrees(wanted: Iterable[Subtree]) -> dict[Subtree, Hash]:
    """Return those of the subtrees that are kept. One query, or none if none is wanted."""
    found = Node.objects.filter(pk__in=[tuple(subtree) for subtree in wanted])
    return {
        Subtree(level, position): bytes(hashed)
        for level, position, hashed in found.values_list("level", "position", "hash")
    }
