"""Queries of the log: leaves, roots, and the hashes for proofs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Final

from django.db.models import QuerySet

from intake.outbox.services import period_start
from intake.web.prepared import columns_of, fetch_one, next_joined, next_model

from . import merkle
from .leaves import hash_text
from .merkle import Hash, Range, Subtree
from .models import Leaf, Node, Root

PUBLISH_INTERVAL: Final = timedelta(hours=1)
"""Interval at which receipts are added and a root is published, even without new receipts: 8,760 roots a year."""
MAX_DELAY: Final = timedelta(minutes=15)
"""Delay after which a page reports the log as late: a worker may be restarting."""


@dataclass(frozen=True, slots=True)
class Logged:
    """Position of a receipt in the log: its leaf, and the first root that contains it, None until one is published."""

    leaf: Leaf
    since: Root | None

    @property
    def leaf_hash(self) -> str:
        """Hash that identifies its proof, in hexadecimal."""
        return hash_text(self.leaf.text).hex()


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive roots over the same leaves: `latest`, `earliest`, and their number."""

    latest: Root
    earliest: Root
    count: int

    @property
    def others(self) -> int:
        """Number of roots besides the latest."""
        return self.count - 1


def log_size() -> int:
    """Return the number of leaves, including those without a root."""
    last = Leaf.objects.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1


def latest_root() -> Root | None:
    """Return the last published root."""
    return Root.objects.order_by("-rank").first()


def roots_latest_first() -> QuerySet[Root]:
    """Return the published roots, latest first."""
    return Root.objects.order_by("-rank")


def runs(roots: Iterable[Root]) -> list[Run]:
    """Return the runs of `roots`, which must be latest first; same order."""
    found = [list(same) for _hash, same in groupby(roots, key=lambda root: (root.size, root.hash))]
    return [Run(latest=same[0], earliest=same[-1], count=len(same)) for same in found]


def root_before(root: Root) -> Root | None:
    """Return the root published before `root`."""
    return Root.objects.filter(rank=root.rank - 1).first()


def root_of_size(size: int) -> Root | None:
    """Return the first root published with that number of leaves."""
    return Root.objects.filter(size=size).order_by("rank").first()


def first_root_over(position: int) -> Root | None:
    """Return the first published root whose tree contains the leaf at `position`."""
    return Root.objects.filter(size__gt=position).order_by("size", "rank").first()


def expected_by(received_at: datetime) -> datetime:
    """Return by when a receipt received at `received_at` should be in the log, in the same time zone."""
    ends = period_start(received_at, every=PUBLISH_INTERVAL) + PUBLISH_INTERVAL + MAX_DELAY
    return ends.astimezone(received_at.tzinfo)


def log_position(number: str) -> Logged | None:
    """Return the position of a receipt in the log, or None if it is not there. One prepared statement."""
    row = fetch_one(_position_sql(), [number])
    values = iter(row)
    return Logged(next_model(Leaf, values), next_joined(Root, values)) if row else None


@cache
def _position_sql() -> str:
    return f"""SELECT {columns_of(Leaf, Root)} FROM transparency_leaf
    LEFT JOIN LATERAL (SELECT * FROM transparency_root r WHERE r.size > transparency_leaf.position
        ORDER BY r.size, r.rank LIMIT 1) transparency_root ON true
    WHERE transparency_leaf.number = %s"""  # noqa: S608 -- names of ours


def leaf_by_hash(leaf_hash: Hash) -> Leaf | None:
    """Return the leaf with that hash."""
    node = Node.objects.filter(level=0, hash=leaf_hash).first()
    return Leaf.objects.get(position=node.position) if node is not None else None


def leaf_hashes(*, start: int, end: int) -> list[Hash]:
    """Return the hashes of the leaves from position `start` to `end`, exclusive."""
    rows = Node.objects.filter(level=0, position__gte=start, position__lt=end).order_by("position")
    return [bytes(found) for found in rows.values_list("hash", flat=True)]


def hashes_of_ranges(ranges: Sequence[Range]) -> list[Hash]:
    """Return the hash of each range of leaves. One query, of a few rows per level of the tree.

    :raises KeyError: if the log is shorter.
    """
    hashes = hashes_of_subtrees({subtree for leaves in ranges for subtree in merkle.subtrees(leaves)})
    return [merkle.hash_range(leaves, hashes) for leaves in ranges]


def hashes_of_subtrees(wanted: Iterable[Subtree]) -> dict[Subtree, Hash]:
    """Return the stored hashes of the subtrees. One query, or none if `wanted` is empty."""
    found = Node.objects.filter(pk__in=[tuple(subtree) for subtree in wanted])
    return {
        Subtree(level, position): bytes(hashed)
        for level, position, hashed in found.values_list("level", "position", "hash")
    }
