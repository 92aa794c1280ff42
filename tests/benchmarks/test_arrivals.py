"""People who press before a closing arrive faster and faster, as many as asked, up to the asked rate."""

from math import log1p

import pytest

from tests.benchmarks.arrivals import per_second, rush, slowest_end, steady


def test_the_rush_has_its_number_its_peak_and_its_shape() -> None:
    instants = rush(count=10_000, seconds=300, peak=280, seed=1)
    counts = per_second(instants, seconds=300)
    assert sum(counts) == 10_000
    assert instants == sorted(instants)
    assert 200 < counts[-1] <= 330
    assert sum(counts[:150]) < sum(counts[-30:]) < sum(counts[-60:])
    # The rate at half of the time, from the formula: A / (time to closing + c) with A = peak × c.
    end = slowest_end(count=10_000, seconds=300, peak=280)
    assert sum(counts[140:160]) / 20 == pytest.approx(280 * end / (150 + end), rel=0.2)
    assert 280 * end * log1p(300 / end) == pytest.approx(10_000)
    assert instants == rush(count=10_000, seconds=300, peak=280, seed=1)


def test_a_peak_below_the_mean_is_refused() -> None:
    with pytest.raises(ValueError, match="not above the mean of 10"):
        rush(count=100, seconds=10, peak=10, seed=1)


def test_steady_arrivals_have_their_rate() -> None:
    instants = steady(rate=50, seconds=100, seed=1)
    assert len(instants) == pytest.approx(5_000, rel=0.05)
    assert max(instants) < 100
    assert per_second([-0.1, 0, 0.5, 1.2, 3], seconds=2) == [2, 1]
