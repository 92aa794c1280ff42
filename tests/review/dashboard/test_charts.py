"""Geometry of the charts, exactly: the drawings have no other check."""

import pytest

from intake.review.dashboard.charts import (
    Bar,
    Chart,
    Column,
    Datum,
    bars_of,
    columns_of,
    line_after,
    meter,
)

HEADS = ("Membre", "Notés")


def bars(*rows: Datum) -> Chart:
    return Chart(key="k", title="T", sentence="S", rows=rows, heads=HEADS, bars=bars_of(rows))


def columns(*rows: Datum) -> Chart:
    return Chart(key="k", title="T", sentence="S", rows=rows, heads=HEADS, columns=columns_of(rows))


def test_each_bar_has_its_label_above_and_its_figure_at_its_end() -> None:
    rows = (
        Datum("Ann", 3, "3 sur 4", "/a", 4),
        Datum("Bob", 0, "0 sur 2", "/b", 2),
        Datum("Cam", 8, "8", "/c"),
        Datum("Dan", 0, "0", "/d"),
    )
    chart = bars(*rows)
    assert chart.bars == (
        Bar("Ann", "3 sur 4", 13, 19, 30, 111.0, 148.0, 154.0),
        Bar("Bob", "0 sur 2", 53, 59, 70, 0, 74.0, 80.0),
        Bar("Cam", "8", 93, 99, 110, 296.0, 0.0, 302.0),
        Bar("Dan", "0", 133, 139, 150, 0, 0.0, 6.0),
    )
    assert chart.height == 160


@pytest.mark.parametrize("letters, shown", [(46, "x" * 46), (47, "x" * 45 + "…"), (80, "x" * 45 + "…")])
def test_a_label_that_does_not_fit_above_its_bar_is_cut(letters: int, shown: str) -> None:
    chart = bars(Datum("x" * letters, 1, "1", ""))
    assert chart.bars[0].label == shown
    assert chart.rows[0].label == "x" * letters, "the table behind it has all of it"


def test_charts_without_a_row_or_a_value_are_drawn_too() -> None:
    assert (bars().height, bars().bars, bars().rows) == (1, (), ())
    assert bars(Datum("a", 0, "0", "")).bars == (Bar("a", "0", 13, 19, 30, 0, 0.0, 6.0),)
    assert (columns().columns, line_after(0, 0)) == ((), 359)
    assert columns(Datum("a", 0, "0", "")).columns == (Column(36.0, 126.0, 288.0, 0.0, "", 180.0),)


def test_columns_share_a_base_and_only_the_tallest_has_its_number() -> None:
    rows = (Datum("lundi", 2, "2", "/l"), Datum("mardi", 4, "4", "/m"), Datum("mercredi", 0, "0", "/x"))
    chart = columns(*rows, Datum("jeudi", 4, "4", "/j"))
    assert chart.columns == (
        Column(9.0, 72.0, 72.0, 54.0, "", 45.0),
        Column(99.0, 18.0, 72.0, 108.0, "4", 135.0),
        Column(189.0, 126.0, 72.0, 0.0, "", 225.0),
        Column(279.0, 18.0, 72.0, 108.0, "", 315.0),
    )
    assert (chart.height, chart.base, line_after(1, 4)) == (146, 126, 180.0)


@pytest.mark.parametrize(
    "done, whole, length",
    [(0, 0, 0.0), (0, 3, 0.0), (1, 3, 120.0), (3, 3, 360.0), (5, 3, 360.0), (1, 7, 51.4)],
)
def test_a_meter_has_the_length_of_the_done_share(done: int, whole: int, length: float) -> None:
    found = meter(key="k", done=done, whole=whole, words="mots")
    assert (found.key, found.words, found.length) == ("k", "mots", length)
