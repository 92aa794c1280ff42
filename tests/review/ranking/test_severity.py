"""Severity and spread of reviewers: known values recovered, coverage of the intervals, files that cannot compare."""

from decimal import Decimal
from random import Random
from statistics import fmean

import pytest

from intake.review.ranking.severity import Estimate, chi_squared_quantile, severities, student_quantile

OFFSETS = {"severe": -0.6, "even": 0.0, "near": 0.1, "lenient": 0.5}
ERROR, WORTH = 0.4, 0.7
"""Standard deviations of a mark about its file, and of the files."""
ALL_MARKS = (ERROR**2 + WORTH**2) ** 0.5


def _sheet(draw: Random, *, files: int, readers: int) -> dict[int, dict[str, Decimal]]:
    """Return invented scores: each file is marked by `readers` of the members of `OFFSETS`."""
    sheet = {}
    for file in range(files):
        worth = draw.gauss(2.5, WORTH)
        chosen = draw.sample(sorted(OFFSETS), readers)
        sheet[file] = {
            member: Decimal(f"{worth + OFFSETS[member] + draw.gauss(0, ERROR):.3f}") for member in chosen
        }
    return sheet


def _covers(estimate: Estimate | None, value: float) -> bool:
    assert estimate is not None
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low <= value <= estimate.high


def test_invented_members_are_recovered_from_files_that_differ_in_worth() -> None:
    """Each member marks other files, so that a plain mean of their marks would mix severity and worth."""
    found = severities(_sheet(Random(11), files=400, readers=2))  # noqa: S311 -- marks that can be drawn again

    for member, offset in OFFSETS.items():
        assert _covers(found[member].offset, offset)
        assert found[member].offset.value == pytest.approx(offset, abs=0.1)
    assert fmean(severity.offset.value for severity in found.values()) == pytest.approx(0)


def test_intervals_cover_the_true_value_as_often_as_they_promise() -> None:
    """Four members and six files: few degrees of freedom, where a normal quantile would cover 91 % only."""
    draw = Random(7)  # noqa: S311 -- marks that can be drawn again
    offsets = spreads = intervals = 0
    for _draw in range(2_000):
        for member, severity in severities(_sheet(draw, files=6, readers=3)).items():
            intervals += 1
            offsets += _covers(severity.offset, OFFSETS[member])
            spreads += severity.files < 2 or _covers(severity.spread, ALL_MARKS)

    assert offsets / intervals == pytest.approx(0.95, abs=0.01)
    assert spreads / intervals == pytest.approx(0.95, abs=0.01)


def test_a_file_with_one_mark_counts_for_no_severity() -> None:
    found = severities({1: {"a": Decimal(1), "b": Decimal(2)}, 2: {"a": Decimal(5)}, 3: {"c": Decimal(0)}})

    assert found.keys() == {"a", "b"}
    assert found["a"].files == 1
    assert found["a"].offset == Estimate(-0.5)
    assert found["a"].spread is None


def test_reviewers_whom_no_chain_of_files_joins_are_not_compared() -> None:
    high = {1: {"a": Decimal(5), "b": Decimal(5)}, 2: {"a": Decimal(4), "b": Decimal(4)}}
    low = {3: {"c": Decimal(0), "d": Decimal(1)}, 4: {"c": Decimal(1), "d": Decimal(2)}}

    found = severities(high | low)

    assert found["a"].offset.value == pytest.approx(0)
    assert found["c"].offset.value == pytest.approx(-0.5)
    joined = severities(high | low | {5: {"b": Decimal(3), "c": Decimal(3)}})
    assert joined["a"].offset.value != pytest.approx(0)


def test_quantiles_agree_with_the_printed_tables() -> None:
    """Abramowitz and Stegun, tables 26.8 and 26.10."""
    student = {1: 12.706, 2: 4.303, 3: 3.182, 10: 2.228, 30: 2.042, 120: 1.980}
    chi_squared = {
        1: (0.000982, 5.02389),
        2: (0.0506356, 7.37776),
        5: (0.831211, 12.8325),
        100: (74.2219, 129.561),
    }

    assert {freedom: round(student_quantile(freedom), 3) for freedom in student} == student
    for freedom, bounds in chi_squared.items():
        found = tuple(chi_squared_quantile(p, freedom) for p in (0.025, 0.975))
        assert found == pytest.approx(bounds, rel=1e-4)
    # The approximation begins where the exact sum ends.
    assert chi_squared_quantile(0.025, 101) == pytest.approx(75.083, rel=1e-4)
