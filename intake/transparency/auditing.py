"""Audit of the whole log: every leaf, hash, root and signature, against the receipts and mirrored roots."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db.models import Q

from eligibility.canonical import canonical
from intake.signing.keys import KeySet, Signature

from . import selectors
from .checking import SignedRoot, is_backdated
from .documents import statement_of_root
from .leaves import LeafContent, hash_text, instant_text, leaf_text
from .merkle import Hash, Subtree, Tree
from .models import Leaf, Node, Root
from .services import receipts

_BATCH: Final = 2_000
_MAX_UNLOGGED: Final = 100
OVERDUE: Final = 2 * selectors.PUBLISH_INTERVAL
"""Age from which a receipt missing from the log is a fault."""


class FaultKind(StrEnum):
    """Kind of a fault of a leaf, a hash, a root or a receipt."""

    LEAF_MISSING = "LEAF_MISSING"
    LEAF_CHANGED = "LEAF_CHANGED"
    """A leaf's text does not have the stored hash."""
    RECEIPT_REMOVED = "RECEIPT_REMOVED"
    """The receipt of a leaf no longer exists."""
    RECEIPT_CHANGED = "RECEIPT_CHANGED"
    """A receipt, or its filing or seal, differs from its leaf."""
    BACKDATED = "BACKDATED"
    """A leaf states an instant of receipt before the publication of a root that does not contain it."""
    NODE_CHANGED = "NODE_CHANGED"
    NODE_EXTRA = "NODE_EXTRA"
    ROOT_CHANGED = "ROOT_CHANGED"
    """A root's hash differs from the one computed from its leaves."""
    ROOT_UNSIGNED = "ROOT_UNSIGNED"
    """A root's signature is not by a key of the portal."""
    ROOT_MISSING = "ROOT_MISSING"
    MIRROR_DIFFERS = "MIRROR_DIFFERS"
    """A mirrored root differs from the one computed from the leaves."""
    RECEIPT_UNLOGGED = "RECEIPT_UNLOGGED"
    """A receipt is not in the log although it should have been for an hour."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `row` names the row (`leaf 12`, `root 3`, `receipt 2027-020-000123-K`), `number` its receipt."""

    kind: FaultKind
    row: str
    number: str | None = None


@dataclass(slots=True)
class Audit:
    """Numbers of what was read, and the faults in the order of the log."""

    leaves: int = 0
    roots: int = 0
    mirrored: int = 0
    faults: list[Fault] = field(default_factory=list)


def audit_log(*, keys: KeySet, at: datetime, mirrored: Sequence[SignedRoot] = ()) -> Audit:
    """Compute the whole log again and compare it with the receipts and the `mirrored` roots, at `at` (aware).

    Memory grows only with the number of roots.
    """
    roots = list(Root.objects.all())
    audit = Audit(leaves=selectors.log_size(), roots=len(roots), mirrored=len(mirrored))
    audit.faults += _Walk(audit.leaves, roots, mirrored, keys).faults()
    overdue = receipts().unlogged(limit=_MAX_UNLOGGED, received_before=at - OVERDUE)
    audit.faults += [
        Fault(FaultKind.RECEIPT_UNLOGGED, f"receipt {facts.number}", facts.number) for facts in overdue
    ]
    return audit


class _Walk:
    """One pass over the leaves in order; the roots of each size are compared when the tree reaches it."""

    def __init__(
        self, leaves: int, roots: Sequence[Root], mirrored: Sequence[SignedRoot], keys: KeySet
    ) -> None:
        self._keys = keys
        self._own = deque(sorted(roots, key=lambda root: (root.size, root.rank)))
        self._mirrored = deque(sorted(mirrored, key=lambda root: root.size))
        self._end = max([leaves, *(root.size for root in roots), *(root.size for root in mirrored)])
        self._tree = Tree()
        self._rank = 0
        self._absent_at: datetime | None = None
        """Publication of the last root that does not contain the current leaf."""

    def faults(self) -> Iterator[Fault]:
        """Yield the faults, in the order of the log."""
        yield from self._faults_of_roots()
        for start in range(0, self._end, _BATCH):
            yield from self._faults_of_batch(start, min(start + _BATCH, self._end))
        expected = sum(self._end >> level for level in range(self._end.bit_length()))
        if Node.objects.count() > expected:
            yield Fault(FaultKind.NODE_EXTRA, f"more than {expected} nodes")

    def _faults_of_batch(self, start: int, end: int) -> Iterator[Fault]:
        leaves = {leaf.position: leaf for leaf in Leaf.objects.filter(position__gte=start, position__lt=end)}
        kept = _kept_nodes(start, end)
        facts = receipts().facts_of([leaf.number for leaf in leaves.values()])
        for position in range(start, end):
            leaf, hashed = leaves.get(position), kept.get(Subtree(0, position))
            if leaf is None:
                yield Fault(FaultKind.LEAF_MISSING, f"leaf {position}")
            else:
                yield from self._faults_of_leaf(leaf, hashed, facts.get(leaf.number))
                hashed = hashed or hash_text(leaf.text)
            # Continue with the stored hash, even of a changed leaf: one fault must not cause a hundred more.
            for subtree, made in self._tree.add(hashed or b""):
                if kept.get(subtree) != made and subtree.level:
                    yield Fault(FaultKind.NODE_CHANGED, f"node {subtree.level}/{subtree.position}")
            yield from self._faults_of_roots()

    def _faults_of_leaf(self, leaf: Leaf, hashed: Hash | None, kept: LeafContent | None) -> Iterator[Fault]:
        row = f"leaf {leaf.position}"
        if hash_text(leaf.text) != hashed:
            yield Fault(FaultKind.LEAF_CHANGED, row, leaf.number)
        if kept is None:
            yield Fault(FaultKind.RECEIPT_REMOVED, row, leaf.number)
            return
        if leaf_text(kept) != leaf.text:
            yield Fault(FaultKind.RECEIPT_CHANGED, row, leaf.number)
        if is_backdated(kept, self._absent_at):
            yield Fault(FaultKind.BACKDATED, row, leaf.number)

    def _faults_of_roots(self) -> Iterator[Fault]:
        """Yield the faults of the roots whose size is the tree's current size."""
        size, computed = self._tree.size, self._tree.root
        while self._own and self._own[0].size == size:
            root = self._own.popleft()
            row = f"root {root.rank}"
            if root.rank != self._rank + 1:
                yield Fault(FaultKind.ROOT_MISSING, f"root {self._rank + 1}")
            if bytes.fromhex(root.hash) != computed:
                yield Fault(FaultKind.ROOT_CHANGED, row)
            signature = Signature(root.key_id, bytes(root.signature))
            if not self._keys.verify(canonical(statement_of_root(root)), signature):
                yield Fault(FaultKind.ROOT_UNSIGNED, row)
            self._rank, self._absent_at = root.rank, root.published_at
        while self._mirrored and self._mirrored[0].size == size:
            mirrored = self._mirrored.popleft()
            if mirrored.hash != computed:
                row = f"mirrored root of {size} leaves, {instant_text(mirrored.published_at)}"
                yield Fault(FaultKind.MIRROR_DIFFERS, row)


def _kept_nodes(start: int, end: int) -> dict[Subtree, Hash]:
    """Return, by subtree, the stored hashes of the subtrees that the leaves from `start` to `end` complete."""
    wanted = Q()
    for level in range(end.bit_length()):
        wanted |= Q(level=level, position__gte=start >> level, position__lt=end >> level)
    rows = Node.objects.filter(wanted).values_list("level", "position", "hash")
    return {Subtree(level, position): bytes(hashed) for level, position, hashed in rows}
