"""The tree's algorithms, compared with the recursive definitions of RFC 9162, section 2.1."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.transparency import merkle
from intake.transparency.merkle import Hash, Range, Subtree

LEAVES = [f"entry {number}".encode() for number in range(150)]


# -- The definitions -------------------------------------------------------------------------------------------
def k_of(size: int) -> int:
    """Return the largest power of two smaller than `size`."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def mth(entries: list[bytes]) -> bytes:
    """MTH(D_n), section 2.1.1."""
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return hashlib.sha256(bytes([0]) + entries[0]).digest()
    k = k_of(len(entries))
    return hashlib.sha256(bytes([1]) + mth(entries[:k]) + mth(entries[k:])).digest()


def path_of(m: int, entries: list[bytes]) -> list[bytes]:
    """PATH(m, D_n), section 2.1.3.1."""
    if len(entries) == 1:
        return []
    k = k_of(len(entries))
    if m < k:
        return [*path_of(m, entries[:k]), mth(entries[k:])]
    return [*path_of(m - k, entries[k:]), mth(entries[:k])]


def subproof(m: int, entries: list[bytes], *, b: bool) -> list[bytes]:
    """SUBPROOF(m, D_n, b), section 2.1.4.1."""
    if m == len(entries):
        return [] if b else [mth(entries)]
    k = k_of(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], b=b), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], b=False), mth(entries[:k])]


# -- The portal's tree -----------------------------------------------------------------------------------------
def grown(size: int, *, batches: list[int] | None = None) -> dict[Subtree, Hash]:
    """Return all subtrees of the first `size` leaves, appended in `batches`; each batch reads the tree again."""
    hashes: dict[Subtree, Hash] = {}
    done = 0
    for count in [*(batches or []), size]:
        upto = min(size, done + count)
        tree = merkle.Tree(done, [hashes[subtree] for subtree in merkle.subtrees((0, done))])
        for entry in LEAVES[done:upto]:
            hashes |= dict(tree.add(merkle.hash_leaf(entry)))
        assert (tree.size, tree.root) == (upto, mth(LEAVES[:upto]))
        done = upto
    return hashes


def hashed(ranges: list[Range], hashes: dict[Subtree, Hash]) -> list[Hash]:
    return [merkle.hash_range(one, hashes) for one in ranges]


@settings(deadline=None)
@given(st.integers(0, 150), st.lists(st.integers(0, 40), max_size=12))
def test_a_tree_grown_in_any_batches_has_the_defined_root(size: int, batches: list[int]) -> None:
    assert merkle.hash_range((0, size), grown(size, batches=batches)) == mth(LEAVES[:size])


@settings(deadline=None)
@given(st.integers(1, 150).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_an_inclusion_proof_follows_the_definition_and_is_accepted(case: tuple[int, int]) -> None:
    index, size = case
    entries = LEAVES[:size]
    path = hashed(merkle.inclusion_ranges(index, size), grown(size))
    assert path == path_of(index, entries)
    leaf, root = merkle.hash_leaf(entries[index]), mth(entries)
    assert merkle.proves_inclusion(leaf, index=index, size=size, path=path, root=root)


@settings(deadline=None)
@given(st.integers(1, 150).flatmap(lambda size: st.tuples(st.integers(1, size), st.just(size))))
def test_a_consistency_proof_follows_the_definition_and_is_accepted(case: tuple[int, int]) -> None:
    first, second = case
    path = hashed(merkle.consistency_ranges(first, second), grown(second))
    assert path == subproof(first, LEAVES[:second], b=True)
    assert merkle.proves_consistency(
        first=first,
        second=second,
        path=path,
        first_root=mth(LEAVES[:first]),
        second_root=mth(LEAVES[:second]),
    )


def test_each_inclusion_proof_is_valid_only_for_its_leaf_index_and_size() -> None:
    for size in range(1, 18):
        hashes, root = grown(size), mth(LEAVES[:size])
        for index in range(size):
            path = hashed(merkle.inclusion_ranges(index, size), hashes)
            believed = [
                (claimed, other)
                for claimed in range(-2, size + 3)
                for other in range(size)
                if merkle.proves_inclusion(
                    merkle.hash_leaf(LEAVES[other]), index=claimed, size=size, path=path, root=root
                )
            ]
            assert believed == [(index, index)]
            leaf = merkle.hash_leaf(LEAVES[index])
            for wrong in (path[:-1], [*path, root]) if path else ([root],):
                assert not merkle.proves_inclusion(leaf, index=index, size=size, path=wrong, root=root)


def test_each_consistency_proof_is_valid_only_complete_and_unchanged() -> None:
    for second in range(2, 17):
        hashes, root = grown(second), mth(LEAVES[:second])
        for first in range(1, second):
            path = hashed(merkle.consistency_ranges(first, second), hashes)
            before = mth(LEAVES[:first])

            def believed(
                changed: list[Hash], one: Hash = before, other: Hash = root, sizes: Range = (first, second)
            ) -> bool:
                return merkle.proves_consistency(
                    first=sizes[0], second=sizes[1], path=changed, first_root=one, second_root=other
                )

            assert believed(path)
            assert not believed(path, one=root)
            assert not believed(path, other=before)
            assert not believed(path, sizes=(second, first))
            assert not believed(path, sizes=(-first, second))
            for wrong in ([], path[:-1], path[1:], [*path, root], [root, *path]):
                assert not believed(wrong)
            for place in range(len(path)):
                assert not believed([*path[:place], b"x" * 32, *path[place + 1 :]])


def test_a_path_that_continues_past_the_root_is_refused() -> None:
    beyond = b"x" * 32
    hashes = grown(4)
    for size in (1, 2, 4):
        leaf, root = merkle.hash_leaf(LEAVES[0]), mth(LEAVES[:size])
        path = [*hashed(merkle.inclusion_ranges(0, size), hashes), beyond]
        for claimed in (merkle.hash_children(beyond, root), merkle.hash_children(root, beyond)):
            assert not merkle.proves_inclusion(leaf, index=0, size=size, path=path, root=claimed)
    path = [*hashed(merkle.consistency_ranges(3, 4), hashes), beyond]
    first, second = (merkle.hash_children(beyond, mth(LEAVES[:size])) for size in (3, 4))
    assert not merkle.proves_consistency(first=3, second=4, path=path, first_root=first, second_root=second)


def test_a_proof_outside_the_tree_is_refused() -> None:
    for index, size in [(0, 0), (3, 3), (-1, 3)]:
        with pytest.raises(ValueError, match="no leaf"):
            merkle.inclusion_ranges(index, size)
        assert not merkle.proves_inclusion(b"", index=index, size=size, path=[], root=b"")
    for first, second in ((4, 3), (-1, 3)):
        with pytest.raises(ValueError, match="does not begin"):
            merkle.consistency_ranges(first, second)


def test_an_empty_or_equal_tree_is_consistent_without_a_proof() -> None:
    assert merkle.consistency_ranges(0, 7) == merkle.consistency_ranges(7, 7) == []
    root = mth(LEAVES[:7])
    for first, first_root in [(0, merkle.EMPTY_ROOT), (7, root)]:
        assert merkle.proves_consistency(
            first=first, second=7, path=[], first_root=first_root, second_root=root
        )
        assert not merkle.proves_consistency(
            first=first, second=7, path=[root], first_root=first_root, second_root=root
        )
        assert not merkle.proves_consistency(
            first=first, second=7, path=[], first_root=mth(LEAVES[:3]), second_root=root
        )
