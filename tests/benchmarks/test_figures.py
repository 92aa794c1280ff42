"""A target with several bounds holds only if each is reached; a recorded figure has its date."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import (
    p1_filing,
    p2_rush,
    p4_beside_pretalx,
    p14_test_time,
    r14_capacity,
    rush,
)
from tests.benchmarks.measuring import Figure
from tests.benchmarks.recorded import FOLDER, read_record, write_record
from tests.benchmarks.sending import Sent

SMOKE = True


def _filings(*, at_eight: float = 40.0, statements: float = 12) -> dict[str, Any]:
    one = {"processor": 0.1, "pgbench": 1000.0, "pgbench_processor": 0.5}
    return {
        "rates": {"1": [one | {"filings": 60.0}] * 5, "8": [one | {"filings": at_eight}] * 5},
        "statements": statements,
        "rows": {"submissions_filing": 1, "outbox_delivery": 3},
        "settings": {"fsync": "on"},
    }


def test_a_filing_has_a_limit_at_eight_clients_and_one_of_statements() -> None:
    figure = p1_filing.figure_of(_filings())
    assert (figure.value, figure.broken) == (0.06, ())
    assert "4 rows of 2 tables" in figure.note
    assert p1_filing.figure_of(_filings(at_eight=20.0)).broken == ("0.020 at eight clients, under 0.03",)
    assert p1_filing.figure_of(_filings(statements=13)).broken == ("13 statements, over 12",)


def _rush(**changes: Any) -> dict[str, Any]:
    kind = {
        "count": 10,
        "outcomes": {"RECEIPT": 10},
        "errors": 0,
        "answered": [0.1, 0.5, 0.9],
        "seen": [0.2, 1, 2],
    }
    return {
        "kinds": {name: kind | {"parts": [0.2, 0.5]} for name in ("file", "save", "read")},
        "seconds": 3,
        "arrivals": [1, 2, 7],
        "left": 0.01,
        "processor": 1.0,
        "arrived": 10,
        "filed": [-1.5] * 10,
        "mails": [1.0] * 10,
        "dossiers": [2.0] * 10,
        "waited": 4.0,
        "dossiers_done_by": 2.0,
        "fell": [],
    } | changes


def test_a_rush_has_limits_of_errors_mails_and_dossiers() -> None:
    figure = p2_rush.figure_of(_rush())
    assert (figure.value, figure.low, figure.high, figure.broken) == (0.5, 0.2, 0.5, ())
    assert figure.pictures["rush.svg"].count("<polyline") == 4
    for changes, broken in (
        ({"mails": [70.0] * 10}, "last receipt mail 70 s after the closing, 0 not yet sent"),
        ({"mails": [1.0] * 7}, "last receipt mail 1 s after the closing, 3 not yet sent"),
        ({"dossiers": [2.0] * 4, "dossiers_done_by": 900.0}, "dossiers done 900 s after the closing"),
        ({"arrived": 11}, "11 pressed in time, 10 filed"),
        ({"fell": ["web, exit 1"]}, "web, exit 1 fell"),
    ):
        assert p2_rush.figure_of(_rush(**changes)).broken == (broken,)


def _steps(*, done: int = 9, answered: float = 0.5) -> dict[str, Any]:
    step = {
        "arrivals": [40] * 30,
        "outcomes": {"RECEIPT": 270},
        "errors": 0,
        "answered": [0.1, answered, 1],
        "seen": [1, 2, 3],
        "left": 0.001,
        "processor": 1.0,
        "took": 31.0,
    }
    return {
        "best": 10.0,
        "rates": {"4": 8.0, "8": 18.0},
        "seconds": 30,
        "fell": [],
        "steps": [
            step | {"factor": factor, "done": [done if factor == 4 else 1] * 30} for factor in (1, 2, 4, 8)
        ],
    }


@pytest.mark.parametrize(
    "outcome, left, is_wrong",
    [("RECEIPT", 0.1, False), ("503", 0.0, True), ("LATE", 0.01, True), ("LATE", 0.03, False)],
)
def test_a_press_that_is_sent_after_the_closing_is_rightly_late(
    outcome: str, left: float, *, is_wrong: bool
) -> None:
    press = Sent("file", at=9.98, left=left, outcome=outcome)
    assert rush.is_error(press, closing=10.0) is is_wrong


def test_the_capacity_is_of_four_times_the_best_rate_and_has_a_limit_of_answers() -> None:
    figure = r14_capacity.figure_of(_steps())
    assert (figure.value, figure.runs, figure.broken) == (0.9, 6, ())
    assert set(figure.pictures) == {"capacity.svg"}
    assert figure.note.endswith("; at 4 times 0.50 of those")
    assert r14_capacity.figure_of(_steps(answered=1.2)).broken == ("p99 of an answer 1.20 s at 4 times",)


def test_a_record_is_read_as_it_was_written_with_its_day_and_command(tmp_path: Path) -> None:
    figure = Figure.of([1.0, 2.0, 3.0, 4.0, 5.0], "five", broken=("another bound",))
    path = write_record("P99", figure, command="make it", on=dt.date(2027, 1, 2), folder=tmp_path)
    assert json.loads(path.read_text(encoding="utf-8"))["on"] == "2027-01-02"
    kept = read_record("P99", folder=tmp_path).figure()
    assert (kept.value, kept.low, kept.high, kept.runs, kept.broken) == (3, 1, 5, 5, ("another bound",))
    assert kept.note.startswith("five; ")
    assert kept.note.endswith("recorded on 2027-01-02 by `make it`")
    with pytest.raises(FileNotFoundError):
        read_record("P98", folder=tmp_path)


def test_every_record_is_read() -> None:
    keys = sorted(path.stem for path in FOLDER.glob("*.json"))
    assert keys == ["P14", "P15", "P4"]
    for key in keys:
        assert "recorded on 20" in read_record(key).figure().note
    assert p4_beside_pretalx.measure(SMOKE).value == read_record("P4").value
    assert p14_test_time.measure(not SMOKE).value == read_record("P14").value
