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
    p8_exports,
    p14_test_time,
    p15_start,
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
    assert p2_rush.figure_of(_rush(mails=[70.0] * 10)).broken == (
        "last receipt mail 70 s after the closing, 0 not yet sent",
    )
    assert "3 not yet sent" in p2_rush.figure_of(_rush(mails=[1.0] * 7)).broken[0]
    late = p2_rush.figure_of(_rush(dossiers=[2.0] * 4, dossiers_done_by=900.0))
    assert late.broken == ("dossiers done 900 s after the closing",)
    assert "all at this rate 900 s after it" in late.note
    assert p2_rush.figure_of(_rush(arrived=11)).broken == ("11 pressed in time, 10 filed",)
    assert p2_rush.figure_of(_rush(fell=["web, exit 1"])).broken == ("web, exit 1 fell",)


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


@pytest.mark.parametrize(
    "key,changes,broken",
    [
        ("csv", {}, ()),
        ("csv", {"growth": {"csv": 33.0}}, ("memory grew by 33 MiB, over 32",)),
        ("csv", {"first": 0.15}, ("first byte after 150 ms",)),
        ("xlsx", {"growth": {"xlsx": 65.0}}, ("memory grew by 65 MiB, over 64",)),
        ("zip", {"growth": {"zip": 33.0}}, ("memory grew by 33 MiB, over 32",)),
    ],
)
def test_an_export_has_limits_of_memory_and_of_its_first_byte(
    key: str, changes: dict[str, Any], broken: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    step = {"ordered": 0.1, "ready": 1.0, "first_byte": changes.get("first", 0.02), "all": 0.1}
    names = ("csv", "copy", "copy of a table", "xlsx", "xlsxwriter", "xlsxwriter of the rows", "openpyxl")
    archives = ("zip", "cat", "zipfile")
    found = {
        "rows": 10,
        "columns": 16,
        "dossiers": 10,
        "growth": {"csv": 1.0, "xlsx": 1.0, "zip": 1.0} | changes.get("growth", {}),
        "download": [step] * 5,
        "times": {name: [2.0 if name in {"csv", "zip"} else 1.0] * 5 for name in names + archives},
    }
    monkeypatch.setattr(p8_exports, "_measured", lambda _smoke: found)
    measures = {
        "csv": p8_exports.measure,
        "xlsx": p8_exports.measure_workbook,
        "zip": p8_exports.measure_archive,
    }
    figure = measures[key](SMOKE)
    assert figure.value == {"csv": 2.0, "xlsx": 1.0, "zip": 0.5}[key]
    assert figure.broken == broken


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


def test_the_time_of_the_tests_has_a_limit_of_the_fast_form() -> None:
    whole = [(7.0, "9 passed"), (8.0, "9 passed"), (7.5, "9 passed")]
    figure = p14_test_time.figure_of(whole, [(2.0, "5 passed")])
    assert (figure.value, figure.low, figure.high, figure.runs, figure.broken) == (7.5, 7, 8, 3, ())
    assert p14_test_time.figure_of(whole, [(3.5, "5 passed")]).broken == ("make test-fast 3.50 min, over 3",)


def test_a_slow_start_of_a_bare_machine_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(p15_start, "seconds_to_first_page", lambda _folder, **_more: 2.0)
    assert p15_start.measure(SMOKE).broken == ()
    monkeypatch.setattr(p15_start, "BARE_SECONDS", 1)
    assert p15_start.measure(SMOKE).broken == ("15 s on a bare machine, over 1",)
