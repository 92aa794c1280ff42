"""The Merkle tree of RFC 9162, section 2.1: its hashes, and proofs of inclusion and of consistency. No side effects.

Leaves are numbered from 0. A tree only grows, so the hash of a full perfect subtree never changes: these hashes are
stored, and every root and proof is computed from a few of them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

type Hash = bytes
type Range = tuple[int, int]
"""Leaves from the first number, inclusive, to the second, exclusive."""


class Subtree(NamedTuple):
    """The perfect subtree over the 2^level leaves that start at position * 2^level."""

    level: int
    position: int


EMPTY_ROOT: Final[Hash] = hashlib.sha256(b"").digest()
"""Root of a tree without leaves (section 2.1.1)."""


def hash_leaf(entry: bytes) -> Hash:
    """Return the hash of one entry, with the leaf prefix that distinguishes it from a node (section 2.1.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def hash_children(left: Hash, right: Hash) -> Hash:
    """Return the hash of the parent of two nodes (section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def subtrees(leaves: Range) -> list[Subtree]:
    """Return the perfect subtrees that form a range of leaves, left to right, hence largest first.

    The range must start at a multiple of its largest subtree's size, as do all ranges that the functions below return.
    """
    start, end = leaves
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append(Subtree(level, start >> level))
        start += 1 << level
    return found


def hash_range(leaves: Range, hashes: Mapping[Subtree, Hash]) -> Hash:
    """Return the hash of the tree over a range of leaves, from the hashes of its subtrees.

    :raises KeyError: if one of `subtrees(leaves)` is not in `hashes`.
    """
    return _fold([hashes[subtree] for subtree in subtrees(leaves)])


class Tree:
    """A tree that grows leaf by leaf. It keeps only the hashes of the perfect subtrees that form it.

    `frontier` contains the hash of each of `subtrees((0, size))`, in order; the default is the empty tree.
    """

    def __init__(self, size: int = 0, frontier: Sequence[Hash] = ()) -> None:
        self.size = size
        self._standing = [
            (subtree.level, hashed) for subtree, hashed in zip(subtrees((0, size)), frontier, strict=True)
        ]

    def add(self, leaf: Hash) -> list[tuple[Subtree, Hash]]:
        """Add the hash of one leaf; return the perfect subtrees that are now full, starting with the leaf."""
        made = [(Subtree(0, self.size), leaf)]
        while self._standing and self._standing[-1][0] == made[-1][0].level:
            (level, position), right = made[-1]
            _same, left = self._standing.pop()
            made.append((Subtree(level + 1, position >> 1), hash_children(left, right)))
        subtree, hashed = made[-1]
        self._standing.append((subtree.level, hashed))
        self.size += 1
        return made

    @property
    def root(self) -> Hash:
        """Hash of the tree."""
        return _fold([hashed for _level, hashed in self._standing])


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the ranges of leaves whose hashes prove that leaf `index` is in the tree of `size` (section 2.1.3.1).

    :raises ValueError: if there is no such leaf.
    """
    if not 0 <= index < size:
        msg = f"no leaf {index} in a tree of {size}"
        raise ValueError(msg)
    start, end = 0, size
    found = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """Return the ranges of leaves whose hashes prove that the tree of `first` leaves is a prefix of that of `second`.

    Section 2.1.4.1. Empty for an empty first tree and for two equal sizes: nothing is to be proved.

    :raises ValueError: if `first` is greater than `second`.
    """
    if not 0 <= first <= second:
        msg = f"a tree of {second} does not begin with one of {first}"
        raise ValueError(msg)
    if first == 0:
        return []
    start, end = 0, second
    found = []
    while end != first:
        middle = start + _split(end - start)
        if first <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    if start:
        found.append((start, end))
    return found[::-1]


def proves_inclusion(leaf: Hash, *, index: int, size: int, path: Sequence[Hash], root: Hash) -> bool:
    """True if `path` proves that the leaf with hash `leaf` is number `index` in that tree (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = hash_children(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = hash_children(found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def proves_consistency(
    *, first: int, second: int, path: Sequence[Hash], first_root: Hash, second_root: Hash
) -> bool:
    """True if `path` proves that the tree of `first` leaves is a prefix of that of `second` (section 2.1.4.2)."""
    if first == second:
        return not path and first_root == second_root
    if first == 0:
        return second > 0 and not path and first_root == EMPTY_ROOT
    if not 0 < first < second or not path:
        return False
    rest = [first_root, *path] if first & (first - 1) == 0 else list(path)
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = rest[0]
    for sibling in rest[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = hash_children(sibling, old), hash_children(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = hash_children(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size`, at which a tree is split."""
    return 1 << ((size - 1).bit_length() - 1)


def _fold(hashes: list[Hash]) -> Hash:
    """Return the hash over perfect subtrees, given left to right, largest first."""
    if not hashes:
        return EMPTY_ROOT
    *rest, found = hashes
    while rest:
        found = hash_children(rest.pop(), found)
    return found
