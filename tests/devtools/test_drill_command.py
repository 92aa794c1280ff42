"""The command of a drill: its order of steps, its figures, and the counting and reporting of faults."""

import json
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from intake.devtools.deadline_drill.candidates import ReadyCandidate
from intake.devtools.deadline_drill.results import Clocks, faults, percentile
from intake.devtools.deadline_drill.web import ServerError
from intake.devtools.management.commands import deadline_drill

READY = ReadyCandidate(submission=5, path="/candidatures/x/deposer/", cookies="a=b; c=d", seen="vu")


# -- The counts


def test_a_percentile_is_the_smallest_value_that_reaches_its_share() -> None:
    values = [30.0, 10.0, 20.0, 40.0]
    shares = (0.0, 0.25, 0.26, 0.5, 0.75, 0.99, 1.0)
    assert [percentile(values, share) for share in shares] == [10, 10, 20, 20, 30, 40, 40]
    assert percentile([], 0.5) is None


def test_every_kind_of_fault_is_counted() -> None:
    sound = {
        "attempted": 9,
        "accepted": 5,
        "refused_late": 4,
        "receipts": 5,
        **dict.fromkeys(("late_accepted", "on_time_refused", "lost", "double"), 0),
    }
    assert faults(sound) == 0
    changes = [
        {"late_accepted": 2},
        {"on_time_refused": 2},
        {"double": 2},
        {"receipts": 3},
        {"receipts": 7},
        {"attempted": 11},
        {"attempted": 7},
        {"lost": 2, "attempted": 11},
        {"lost": 2},
    ]
    assert [faults(sound | change) for change in changes] == [2, 2, 2, 2, 2, 2, 2, 2, 4]


# -- The command


def test_numbers_of_filings_or_seconds_are_read_up_to_their_maximum() -> None:
    assert [deadline_drill.submissions(text) for text in ("1", "100000", "007")] == [1, 100_000, 7]
    assert [deadline_drill.seconds(text) for text in ("0", "1.5", "600")] == [0, 1.5, 600]


@pytest.mark.parametrize("text", ["0", "100001", "-1", "1.5", "", "²", "١", "9" * 40])
def test_an_invalid_number_of_filings_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a number of filings, from 1 to 100000"):
        deadline_drill.submissions(text)


@pytest.mark.parametrize("text", ["-0.1", "600.1", "nan", "inf", "x", ""])
def test_an_invalid_number_of_seconds_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a number of seconds, from 0 to 600"):
        deadline_drill.seconds(text)


@pytest.mark.parametrize(
    "url, place",
    [
        ("http://127.0.0.1:8000", ("127.0.0.1", 8000)),
        ("http://portail/", ("portail", 80)),
        ("http://[::1]:9", ("::1", 9)),
        ("https://portail", ("portail", 443)),
    ],
)
def test_the_address_of_a_server_is_parsed(url: str, place: tuple[str, int]) -> None:
    assert deadline_drill._address(url) == place


@pytest.mark.parametrize(
    "url",
    [
        "ftp://portail",
        "http://",
        "portail:8000",
        "http://portail:0x",
        "http://portail/offres",
        "http://p:99999",
    ],
)
def test_an_invalid_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(CommandError) as refused:
        deadline_drill._address(url)
    message = f"--url: {url} is no address of a server; give one as http://127.0.0.1:8000"
    assert (str(refused.value), refused.value.returncode) == (message, 2)


@pytest.fixture
def drill(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> dict[str, Any]:
    """A drill whose parts do nothing: its counts, and the error of its web server if it has one."""
    settings.SYNTHETIC_PEOPLE = True
    at = datetime(2026, 9, 30, 18, 32, 5, 67_000, tzinfo=UTC)
    counts = {"attempted": 2, "accepted": 1, "refused_late": 1, "receipts": 1}
    counts |= dict.fromkeys(("late_accepted", "on_time_refused", "lost", "double"), 0)
    told: dict[str, Any] = {"counts": counts}

    @contextmanager
    def serve(**_named: Any) -> Iterator[tuple[str, int]]:
        if "fails" in told:
            raise told["fails"]
        yield "127.0.0.1", 4321

    monkeypatch.setattr(deadline_drill, "database_instant", lambda: at)
    monkeypatch.setattr(deadline_drill, "_compare_clocks", lambda: Clocks(at, 500.0, 0.0))
    monkeypatch.setattr(deadline_drill, "web_server", serve)
    for name, answer in {
        "write_offer": SimpleNamespace(number="EX-1"),
        "make_candidates": [READY, READY],
        "warm": None,
        "publish_closing": "published",
        "file_around": ["clicks"],
        "count_results": counts,
    }.items():
        monkeypatch.setattr(deadline_drill, name, lambda *_given, answer=answer, **_named: answer)
    return told


def _play(*arguments: str) -> tuple[int, dict[str, Any], str]:
    out, err, status = StringIO(), StringIO(), 0
    try:
        call_command("deadline_drill", "--submissions", "2", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        status = int(str(ended.code))
    return status, json.loads(out.getvalue()), err.getvalue()


def test_a_fault_is_reported_and_fails_the_command(drill: dict[str, Any]) -> None:
    assert _play()[0] == 0
    drill["counts"]["lost"] = 1
    status, said, words = _play("--processes", "1")
    assert (status, said["lost"]) == (1, 1)
    assert "a deadline that somebody passed, or that stopped somebody too soon" in words


@pytest.mark.parametrize("error", [ServerError(), ConnectionRefusedError()])
def test_a_drill_without_a_server_is_bad_input(error: Exception, drill: dict[str, Any]) -> None:
    drill["fails"] = error
    with pytest.raises(CommandError) as refused:
        _play()
    assert (str(refused.value), refused.value.returncode) == (
        f"no server answers ({type(error).__name__})",
        2,
    )
