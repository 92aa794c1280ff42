"""The ranking by marks: computed by hand, and properties for any marks."""

from decimal import Decimal
from statistics import fmean, pstdev
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.review.ranking.ranks import Order, RankedFile, Sheet, rank_files

type Marks = dict[str, dict[str, str]]


def sheet(marks: Marks) -> Sheet[str, str]:
    return {file: {who: Decimal(mark) for who, mark in row.items()} for file, row in marks.items()}


FIGURES: dict[str, tuple[dict[str, str], str, str, str | None]] = {
    # scores, mean, median, spread
    "one": ({"a": "4"}, "4.000", "4.000", None),
    "two alike": ({"a": "3", "b": "3"}, "3.000", "3.000", "0.000"),
    "two apart": ({"a": "2", "b": "5"}, "3.500", "3.500", "1.500"),
    "a third": ({"a": "4", "b": "4", "c": "5"}, "4.333", "4.000", "0.471"),
    "halves go up": ({"a": "2.333", "b": "2.334"}, "2.334", "2.334", "0.001"),
    "four": ({"a": "0", "b": "1", "c": "2", "d": "5"}, "2.000", "1.500", "1.871"),
}


@pytest.mark.parametrize("case", FIGURES)
def test_figures_of_a_file_equal_those_computed_manually(case: str) -> None:
    row, mean, median, spread = FIGURES[case]
    found = rank_files(sheet({"x": row}))["x"]
    assert (found.marks, str(found.mean), str(found.median)) == (len(row), mean, median)
    assert (None if found.spread is None else str(found.spread)) == spread


RANKS: dict[str, tuple[Marks, Order, dict[str, int | None], set[str]]] = {
    # marks, order, ranks, ties
    "plain": ({"x": {"a": "3"}, "y": {"a": "5"}}, Order.MEAN, {"x": 2, "y": 1}, set()),
    "a tie counts all of it": (
        {"w": {"a": "5"}, "x": {"a": "4"}, "y": {"a": "4"}, "z": {"a": "3"}},
        Order.MEAN,
        {"w": 1, "x": 2, "y": 2, "z": 4},
        {"x", "y"},
    ),
    "no mark, no rank": ({"x": {}, "y": {"a": "0"}}, Order.MEAN, {"x": None, "y": 1}, set()),
    "a third is a third however it is made": (
        {"x": {"a": "4", "b": "4", "c": "5"}, "y": {"a": "5", "b": "4", "c": "4"}},
        Order.MEAN,
        {"x": 1, "y": 1},
        {"x", "y"},
    ),
    "the median forgives one outlier": (
        {"x": {"a": "4", "b": "4", "c": "0"}, "y": {"a": "3", "b": "3", "c": "3"}},
        Order.MEDIAN,
        {"x": 1, "y": 2},
        set(),
    ),
    # a gives 1 and 2, b gives 4 and 5: overall 3. Each mark of a counts 1.5 more, each of b 1.5 less.
    "a severe reviewer is made up for": (
        {"w": {"a": "1"}, "x": {"a": "2"}, "y": {"b": "4"}, "z": {"b": "5"}},
        Order.CENTRED,
        {"w": 3, "x": 1, "y": 3, "z": 1},
        {"w", "x", "y", "z"},
    ),
}


@pytest.mark.parametrize("case", RANKS)
def test_ranks_equal_those_computed_manually(case: str) -> None:
    marks, order, ranks, tied = RANKS[case]
    found = rank_files(sheet(marks), by=order)
    assert {file: standing.rank for file, standing in found.items()} == ranks
    assert {file for file, standing in found.items() if standing.tied} == tied


def test_centred_means_equal_those_computed_manually() -> None:
    found = rank_files(sheet(RANKS["a severe reviewer is made up for"][0]))
    assert {file: str(standing.centred) for file, standing in found.items()} == {
        "w": "2.500",
        "x": "3.500",
        "y": "2.500",
        "z": "3.500",
    }


def test_ranks_without_one_reviewer_equal_those_computed_manually() -> None:
    marks = {
        "x": {"a": "5", "b": "4", "c": "3"},  # means 4; 3.5, 4, 4.5
        "y": {"a": "2", "b": "4", "c": "5"},  # means 3.667; 4.5, 3.5, 3
        "z": {"a": "3"},
    }
    found = rank_files(sheet(marks))
    between = {file: (each.rank, each.best, each.worst) for file, each in found.items()}
    assert between == {"x": (1, 1, 2), "y": (2, 1, 2), "z": (3, 2, 3)}
    # Without b: x 4, y 3.5, z 3. Without c: x 4.5, y 3, z 3: tied, second.
    assert [file for file, each in found.items() if each.rests_on_one] == ["z"]


@pytest.mark.parametrize(
    "order, x, y",
    [
        (Order.MEAN, (1, 1, 2), (1, 1, 2)),  # 2 and 2; y 2.333 without a, 1 without d
        (Order.MEDIAN, (1, 1, 1), (2, 2, 2)),  # 2 and 1; y always 1
        (Order.CENTRED, (1, 1, 1), (2, 2, 2)),  # 2.5 and 1.75; y 1.833 at most
    ],
)
def test_ranks_without_one_reviewer_follow_the_order(
    order: Order, x: tuple[int, int, int], y: tuple[int, int, int]
) -> None:
    marks = {"x": {"a": "2", "c": "2"}, "y": {"a": "1", "b": "1", "c": "1", "d": "5"}}
    found = rank_files(sheet(marks), by=order)
    assert [(each.rank, each.best, each.worst) for each in found.values()] == [x, y]


def test_ranks_without_the_only_reviewer_are_none() -> None:
    found = rank_files(sheet({"x": {"a": "5"}, "y": {"a": "4"}}))
    assert {(each.best, each.worst, each.rests_on_one) for each in found.values()} == {(None, None, True)}


def test_a_score_finer_than_a_thousandth_is_refused() -> None:
    with pytest.raises(ValueError, match="finer"):
        rank_files({"x": {"a": Decimal("1.0005")}})


SCORES = st.integers(0, 5000).map(lambda value: Decimal(value).scaleb(-3))
SHEETS = st.dictionaries(
    st.integers(0, 12), st.dictionaries(st.sampled_from("abcd"), SCORES, max_size=4), max_size=8
)
ORDERS = st.sampled_from(Order)


@given(SHEETS, ORDERS, st.randoms(use_true_random=False))
def test_the_order_of_files_and_reviewers_changes_no_rank(
    marks: Sheet[int, str], order: Order, chance: object
) -> None:
    def shuffled[K, V](items: dict[K, V]) -> dict[K, V]:
        pairs = list(items.items())
        chance.shuffle(pairs)  # type: ignore[attr-defined]  # -- Hypothesis's own Random
        return dict(pairs)

    again = shuffled({file: shuffled(dict(row)) for file, row in marks.items()})
    assert rank_files(again, by=order) == rank_files(marks, by=order)


@given(SHEETS, ORDERS)
def test_ranks_follow_the_values_and_ties_are_symmetric(marks: Sheet[int, str], order: Order) -> None:
    found = {file: each for file, each in rank_files(marks, by=order).items() if each.rank is not None}
    values = {file: getattr(each, order.value.lower()) for file, each in found.items()}
    for file, each in found.items():
        assert each.rank == 1 + sum(other > values[file] for other in values.values())
        assert each.tied == (list(values.values()).count(values[file]) > 1)


@given(SHEETS)
def test_figures_agree_with_the_standard_library(marks: Sheet[int, str]) -> None:
    found = rank_files(marks)
    assert {file for file, each in found.items() if each.mean is not None} == {
        file for file, row in marks.items() if row
    }
    assert {file for file, each in found.items() if each.spread is not None} == {
        file for file, row in marks.items() if len(row) > 1
    }
    scores = {file: [float(score) for score in row.values()] for file, row in marks.items()}
    means = {file: float(each.mean) for file, each in found.items() if each.mean is not None}
    spreads = {file: float(each.spread) for file, each in found.items() if each.spread is not None}
    assert means == pytest.approx({file: fmean(scores[file]) for file in means}, abs=0.00051)
    assert spreads == pytest.approx({file: pstdev(scores[file]) for file in spreads}, abs=0.00051)


ROUND = st.integers(0, 400).map(lambda value: Decimal(value * 12).scaleb(-3))
"""Scores whose mean, of up to four, is a whole number of thousandths: rounding hides no difference."""


@given(st.dictionaries(st.sampled_from("abcd"), st.tuples(ROUND, ROUND), min_size=2))
def test_the_range_of_two_fully_marked_files_includes_the_rank(
    pairs: dict[str, tuple[Decimal, Decimal]],
) -> None:
    # The difference of the means is the mean of the differences without each reviewer: one of these has its sign. For
    # three files or more this is false.
    marks = {
        "x": {who: first for who, (first, _second) in pairs.items()},
        "y": {who: second for who, (_first, second) in pairs.items()},
    }
    for each in rank_files(marks).values():
        assert each.rank is not None
        assert each.best is not None
        assert each.worst is not None
        assert each.best <= each.rank <= each.worst


@given(SHEETS, ORDERS)
def test_a_range_stays_within_the_existing_ranks(marks: Sheet[int, str], order: Order) -> None:
    found = rank_files(marks, by=order)
    ranked = sum(each.rank is not None for each in found.values())
    assert ranked == sum(bool(row) for row in marks.values())
    assert [each for file, each in found.items() if not marks[file] and each != RankedFile()] == []
    assert [each for each in found.values() if (each.best is None) != (each.worst is None)] == []
    ranges = [(each.best, each.worst) for each in found.values() if each.best and each.worst]
    assert [pair for pair in ranges if not 1 <= pair[0] <= pair[1] <= ranked] == []


@pytest.mark.parametrize("order", Order)
def test_three_thousand_files_are_ranked_in_less_than_a_second(order: Order) -> None:
    marks = {
        file: {
            (file + turn * 5) % 12: Decimal((file * 37 + turn * 911) % 5001).scaleb(-3) for turn in range(3)
        }
        for file in range(3000)
    }
    began = process_time()
    found = rank_files(marks, by=order)
    assert len(found) == 3000
    assert process_time() - began < 1  # seconds of processor time
