"""Even division of files: with any conflicts, no member could have less unless another had more than them."""

import itertools
import time
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from intake.review.assignment.even_division import (
    Division,
    FileToAssign,
    ShortageReason,
    ShortFile,
    divide_evenly,
)

MEMBERS = st.integers(1, 5)


def loads_after(division: Division, members: range, before: dict[int, int]) -> list[int]:
    gets = division.gets()
    return [before.get(member, 0) + gets.get(member, 0) for member in members]


@st.composite
def committees(draw: st.DrawFn, *, most_files: int = 30) -> tuple[range, list[FileToAssign], int]:
    """A committee, its files with readers and conflicts, and the number of readers per file."""
    members = range(1, draw(MEMBERS) + 1)
    some = st.frozensets(st.sampled_from(list(members)))
    files = []
    for key in range(draw(st.integers(0, most_files))):
        barred = draw(some)
        files.append(FileToAssign(key, readers=draw(some) - barred, barred=barred))
    return members, files, draw(st.integers(1, 4))


def loads_of(files: list[FileToAssign]) -> dict[int, int]:
    return dict(Counter(member for file in files for member in file.readers))


@given(committees())
def test_each_file_gets_allowed_readers_or_is_reported_as_short(
    committee: tuple[range, list[FileToAssign], int],
) -> None:
    members, files, readers = committee
    division = divide_evenly(files, members=members, loads=loads_of(files), readers=readers)
    short = {row.key: row for row in division.short}
    for file in files:
        new = [member for key, member in division.given if key == file.key]
        assert len(new) == len(set(new))
        assert not set(new) & (file.barred | file.readers)
        has = len(file.readers) + len(new)
        if file.key in short:
            assert has == short[file.key].readers < readers
            assert set(new) | file.readers | file.barred == set(members)
            assert short[file.key].lack == (
                ShortageReason.FEW if len(members) < readers else ShortageReason.BARRED
            )
        else:
            assert has == max(readers, len(file.readers))


@given(MEMBERS, st.integers(0, 40), st.integers(1, 4))
def test_without_conflicts_loads_differ_by_one_at_most(number: int, count: int, readers: int) -> None:
    members = range(number)
    division = divide_evenly(
        [FileToAssign(key) for key in range(count)], members=members, loads={}, readers=readers
    )
    loads = loads_after(division, members, {})
    assert max(loads) - min(loads) <= 1


@given(committees(most_files=4))
@settings(deadline=None)
def test_no_other_division_is_more_even(committee: tuple[range, list[FileToAssign], int]) -> None:
    """Compare with every division of a few files: none has smaller loads, from the highest to the lowest."""
    members, files, readers = committee
    before = loads_of(files)
    ours = loads_after(divide_evenly(files, members=members, loads=before, readers=readers), members, before)
    choices = []
    for file in files:
        free = [member for member in members if member not in file.readers | file.barred]
        wanted = min(max(readers - len(file.readers), 0), len(free))
        choices.append(list(itertools.combinations(free, wanted)))
    best = min(
        sorted(
            (before.get(member, 0) + sum(member in chosen for chosen in each) for member in members),
            reverse=True,
        )
        for each in itertools.product(*choices)
    )
    assert sorted(ours, reverse=True) == best


@given(committees(), st.randoms(use_true_random=False))
def test_the_order_of_files_does_not_change_the_division(
    committee: tuple[range, list[FileToAssign], int], chance: object
) -> None:
    members, files, readers = committee
    shuffled = list(files)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # -- Hypothesis gives a Random
    first, second = (
        divide_evenly(each, members=people, loads=loads_of(files), readers=readers)
        for each, people in ((files, list(members)), (shuffled, list(members)[::-1]))
    )
    assert first == second


def test_a_chain_of_members_corrects_an_uneven_turn() -> None:
    """The first two files may go to two members. For the third file, both of its members are then busy."""
    pairs = ({1, 2}, {3, 4}, {1, 3})
    files = [FileToAssign(key, barred=frozenset({1, 2, 3, 4} - pair)) for key, pair in enumerate(pairs)]
    division = divide_evenly(files, members=[1, 2, 3, 4], loads={}, readers=1)
    assert sorted(division.gets().values()) == [1, 1, 1]


def test_a_committee_too_small_is_reported() -> None:
    division = divide_evenly([FileToAssign(7)], members=[1], loads={}, readers=2)
    assert division.short == (ShortFile(7, 1, ShortageReason.FEW),)
    assert division.given == ((7, 1),)


def test_three_thousand_files_with_many_conflicts_are_divided_quickly() -> None:
    files = [
        FileToAssign(key, barred=frozenset(member for member in range(12) if (key * 7 + member * 5) % 11 < 5))
        for key in range(3000)
    ]
    started = time.perf_counter()
    division = divide_evenly(files, members=range(12), loads={0: 900}, readers=3)
    assert time.perf_counter() - started < 5
    assert len(division.given) == 9000
