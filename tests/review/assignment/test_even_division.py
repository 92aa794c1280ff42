"""Even division of files: no member could have less unless another had more, and members are mixed by lots."""

import itertools
import time
from collections import Counter
from collections.abc import Iterable

import pytest
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
SEED = "3f9a77c2"


def loads_after(division: Division, members: range, before: dict[int, int]) -> list[int]:
    gets = division.gets()
    return [before.get(member, 0) + gets.get(member, 0) for member in members]


@st.composite
def committees(draw: st.DrawFn, *, most_files: int = 30) -> tuple[range, list[FileToAssign], int]:
    """A committee, its files with readers and conflicts, and the number of readers that each file wants."""
    members = range(1, draw(MEMBERS) + 1)
    some = st.frozensets(st.sampled_from(list(members)))
    files = []
    wanted = draw(st.integers(1, 4))
    for key in range(draw(st.integers(0, most_files))):
        barred = draw(some)
        files.append(FileToAssign(key, wanted, readers=draw(some) - barred, barred=barred))
    return members, files, wanted


def loads_of(files: list[FileToAssign]) -> dict[int, int]:
    return dict(Counter(member for file in files for member in file.readers))


@given(committees())
def test_each_file_gets_allowed_readers_or_is_reported_as_short(
    committee: tuple[range, list[FileToAssign], int],
) -> None:
    members, files, readers = committee
    division = divide_evenly(files, members=members, loads=loads_of(files), seed=SEED)
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
        [FileToAssign(key, readers) for key in range(count)], members=members, loads={}, seed=SEED
    )
    loads = loads_after(division, members, {})
    assert max(loads) - min(loads) <= 1


@given(committees(most_files=4))
@settings(deadline=None)
def test_no_other_division_is_more_even(committee: tuple[range, list[FileToAssign], int]) -> None:
    """Compare with every division of a few files: none has smaller loads, from the highest to the lowest."""
    members, files, readers = committee
    before = loads_of(files)
    ours = loads_after(divide_evenly(files, members=members, loads=before, seed=SEED), members, before)
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
    members, files, _readers = committee
    shuffled = list(files)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # -- Hypothesis gives a Random
    first, second = (
        divide_evenly(each, members=people, loads=loads_of(files), seed=SEED, common=2)
        for each, people in ((files, list(members)), (shuffled, list(members)[::-1]))
    )
    assert first == second


def test_a_committee_too_small_is_reported() -> None:
    division = divide_evenly([FileToAssign(7, 2)], members=[1], loads={}, seed=SEED)
    assert division.short == (ShortFile(7, 1, ShortageReason.FEW),)
    assert division.given == ((7, 1),)


def test_three_thousand_files_with_many_conflicts_are_divided_quickly() -> None:
    files = [
        FileToAssign(
            key, 3, barred=frozenset(member for member in range(12) if (key * 7 + member * 5) % 11 < 5)
        )
        for key in range(3000)
    ]
    started = time.perf_counter()
    division = divide_evenly(files, members=range(12), loads={0: 900}, seed=SEED)
    assert time.perf_counter() - started < 5
    assert len(division.given) == 9000


# -- Lots ----------------------------------------------------------------------------------------------------------
def shared_files(given: Iterable[tuple[int, int]], members: Iterable[int]) -> list[int]:
    """Return, for each two of the members, the number of files that both read."""
    read: dict[int, set[int]] = {member: set() for member in members}
    for file, member in given:
        read[member].add(file)
    return [len(read[one] & read[other]) for one, other in itertools.combinations(read, 2)]


def divided(
    count: int, members: int, *, wanted: int = 2, seed: str = SEED, common: int = 0
) -> tuple[tuple[int, int], ...]:
    files = [FileToAssign(key, wanted) for key in range(count)]
    return divide_evenly(files, members=range(members), loads={}, seed=seed, common=common).given


@pytest.mark.parametrize(
    "count, members, wanted",
    [(2100, 6, 2), (2100, 6, 3), (2101, 5, 2), (301, 7, 4), (60, 4, 2), (6, 4, 2)],
)
def test_every_two_members_share_as_many_files_as_any_other_two(
    count: int, members: int, wanted: int
) -> None:
    given = divided(count, members, wanted=wanted)
    shared = shared_files(given, range(members))
    assert max(shared) - min(shared) <= 2
    loads = Counter(member for _file, member in given)
    assert max(loads.values()) - min(loads.values()) <= 1


def test_files_that_arrive_later_mix_a_new_member_with_all_others() -> None:
    read: dict[int, set[int]] = {}
    for file, member in divided(120, 6):
        read.setdefault(file, set()).add(member)
    files = [FileToAssign(key, 2, readers=frozenset(read.get(key, ()))) for key in range(160)]
    loads = Counter(member for members in read.values() for member in members)
    given = divide_evenly(files, members=range(7), loads=loads, seed=SEED).given
    assert {file for file, _member in given} == set(range(120, 160)), "nobody loses a file"
    gets = Counter(member for _file, member in given)
    assert gets.pop(6) == 40, "they have fewer files than all others"
    assert sorted(gets.values()) == [6, 6, 7, 7, 7, 7], "each shares as many with them"


def test_a_seed_draws_the_same_lots_again_and_another_seed_draws_others() -> None:
    first = divided(300, 6)
    assert divided(300, 6) == first
    assert divided(300, 6, seed="another") != first


def test_a_committee_larger_than_the_number_of_files_is_divided() -> None:
    given = divided(2, 6)
    assert len({member for _file, member in given}) == 4
    assert divided(0, 6, common=10) == ()


def test_some_files_are_read_by_all_members_who_may_read_them() -> None:
    barred = {key: frozenset({key % 6}) for key in range(200, 300)}
    files = [FileToAssign(key, 2, barred=barred.get(key, frozenset())) for key in range(300)]
    division = divide_evenly(files, members=range(6), loads={}, seed=SEED, common=10)
    readers = Counter(file for file, _member in division.given)
    of_all = {file for file, number in readers.items() if number > 2}
    assert len(of_all) == 10
    assert {readers[file] for file in of_all} == {6}, "a file that one of them may not read is not drawn"
    assert division.short == ()
    loads = Counter(member for _file, member in division.given)
    assert max(loads.values()) - min(loads.values()) <= 1


def test_a_repeated_division_adds_no_file_read_by_all_and_gives_them_to_a_new_member() -> None:
    read: dict[int, set[int]] = {}
    for file, member in divided(300, 6, common=10):
        read.setdefault(file, set()).add(member)
    loads = Counter(member for members in read.values() for member in members)
    files = [FileToAssign(key, 2, readers=frozenset(members)) for key, members in read.items()]
    again = divide_evenly(files, members=range(6), loads=loads, seed="another", common=10)
    assert again.given == ()
    joined = divide_evenly(files, members=range(7), loads=loads, seed="another", common=10)
    assert joined.given == tuple((file, 6) for file in sorted(read) if len(read[file]) == 6)
    # A conflict declared after the division replaces nobody: every other member still reads the file.
    of_all = next(file for file in sorted(read) if len(read[file]) == 6)
    barred = {of_all: frozenset({0})}
    files = [
        FileToAssign(key, 2, frozenset(members) - barred.get(key, frozenset()), barred.get(key, frozenset()))
        for key, members in read.items()
    ]
    assert divide_evenly(files, members=range(6), loads=loads, seed=SEED, common=10).given == ()


def test_a_mark_of_a_member_who_left_is_one_of_the_readers() -> None:
    marked = FileToAssign(1, 2, readers=frozenset({1}), marked=1)
    waiting = FileToAssign(2, 2, readers=frozenset({1}))
    assert divide_evenly([marked, waiting], members=[1, 2], loads={}, seed=SEED).given == ((2, 2),)
    alone = divide_evenly([FileToAssign(1, 3, marked=1)], members=[1], loads={}, seed=SEED)
    assert alone.short == (ShortFile(1, 2, ShortageReason.FEW),)
