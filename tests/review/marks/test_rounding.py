"""Scores and means are rounded half up wherever shown; ranks use truncated values; nothing is rounded twice."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from intake.review.exports.columns import row_of
from intake.review.marks import scores
from intake.review.shortlists import lines
from intake.review.shortlists.lines import Entry, Line

TIES = [
    # exact, to one decimal, to two, to three
    ("0.0625", "0,1", "0,06", "0,063"),
    ("0.125", "0,1", "0,13", "0,125"),
    ("2.25", "2,3", "2,25", "2,250"),
    ("2.345", "2,3", "2,35", "2,345"),
    ("2.5", "2,5", "2,50", "2,500"),
    ("3.65", "3,7", "3,65", "3,650"),
    ("4.0625", "4,1", "4,06", "4,063"),
    ("4.125", "4,1", "4,13", "4,125"),
    ("4.3333333333333333", "4,3", "4,33", "4,333"),
    ("4.9999", "5,0", "5,00", "5,000"),
]


@pytest.mark.parametrize("exact, one, two, three", TIES)
def test_a_half_is_rounded_up_on_every_page(exact: str, one: str, two: str, three: str) -> None:
    mean = Decimal(exact)
    assert scores.mean_text(mean, 3) == f"{one} (3\u00a0notes)"
    assert scores.score_text(mean) == two
    assert scores.mean_figures(mean) == two
    assert scores.thousandths(mean) == three
    with translation.override("en"):
        assert scores.mean_figures(mean) == two.replace(",", ".")


@pytest.mark.parametrize(
    "mean, listed",
    [("4.0625", "4.062"), ("4.6666666666666667", "4.666"), ("0.9999", "0.999"), ("5", "5.000")],
)
def test_a_ranked_mean_is_truncated_to_three_decimals(mean: str, listed: str) -> None:
    (entry,) = lines._entries([(1, "2027-020-000001-A", "sha256:", mean, 2, "NONE")], first=1)
    assert str(entry.score) == listed


def test_a_half_is_rounded_up_in_an_export() -> None:
    listed = Line(Entry(1, 9, "", "", None, 1, "NONE"), [], datetime.now(UTC), "ELIGIBLE", None, None, None)
    exported = {
        exact: str(row_of(replace(listed, entry=replace(listed.entry, score=Decimal(exact))))["mean_mark"])
        for exact in ("4.125", "2.345", "4.124", "0.005", "5.000")
    }
    assert exported == {"4.125": "4.13", "2.345": "2.35", "4.124": "4.12", "0.005": "0.01", "5.000": "5.00"}
