"""The command of a drill: its order of steps, its figures, and the counting and reporting of faults."""

import json
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
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


def test_an_instant_of_the_database_is_converted_to_the_local_clock() -> None:
    at = datetime(2026, 9, 30, 18, tzinfo=UTC)
    clocks_now = Clocks(at, here=1000.0, error=0.1)
    assert clocks_now.monotonic(at + timedelta(seconds=2.5)) == 1002.5
    assert clocks_now.monotonic(at - timedelta(seconds=2.5)) == 997.5


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


@pytest.mark.parametrize("text, value", [("1", 1), ("100000", 100_000), ("007", 7)])
def test_the_number_of_filings_is_parsed(text: str, value: int) -> None:
    assert deadline_drill.submissions(text) == value


@pytest.mark.parametrize("text", ["0", "100001", "-1", "1.5", "", "²", "١", "9" * 40])
def test_an_invalid_number_of_filings_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError) as refused:
        deadline_drill.submissions(text)
    assert str(refused.value) == f"{text!r} is not a number of filings, from 1 to 100000"


@pytest.mark.parametrize("text, value", [("0", 0.0), ("1.5", 1.5), ("600", 600.0)])
def test_a_number_of_seconds_is_read(text: str, value: float) -> None:
    assert deadline_drill.seconds(text) == value


@pytest.mark.parametrize("text", ["-0.1", "600.1", "nan", "inf", "x", ""])
def test_an_invalid_number_of_seconds_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError) as refused:
        deadline_drill.seconds(text)
    assert str(refused.value) == f"{text!r} is not a number of seconds, from 0 to 600"


@pytest.mark.parametrize(
    "url, place",
    [
        ("http://127.0.0.1:8000", ("127.0.0.1", 8000)),
        ("http://portail/", ("portail", 80)),
        ("http://[::1]:9", ("::1", 9)),
    ],
)
def test_the_address_of_a_server_is_parsed(url: str, place: tuple[str, int]) -> None:
    assert deadline_drill._address(url) == place


@pytest.mark.parametrize(
    "url",
    [
        "https://portail",
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


def test_the_quickest_response_of_the_database_sets_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 9, 30, 18, tzinfo=UTC)
    asked = iter(range(5))
    monkeypatch.setattr(deadline_drill, "database_instant", lambda: at + timedelta(days=next(asked)))
    ticks = iter([0, 4, 10, 12, 20, 20.5, 30, 33, 40, 41])
    monkeypatch.setattr(deadline_drill, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    assert deadline_drill._compare_clocks() == Clocks(at + timedelta(days=2), here=20.25, error=0.25)
    assert list(asked) == []


@pytest.fixture
def drill(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> dict[str, Any]:
    """A drill whose parts are replaced: the arguments of each part are recorded."""
    settings.SYNTHETIC_PEOPLE = True
    at = datetime(2026, 9, 30, 18, 32, 5, 67_000, tzinfo=UTC)
    told: dict[str, Any] = {"counts": {}}

    def part(name: str, answer: Any) -> Any:
        def called(*given: Any, **named: Any) -> Any:
            told[name] = (*given, named) if given else named
            return answer

        return called

    @contextmanager
    def serve(**named: Any) -> Iterator[tuple[str, int]]:
        told["web_server"] = named
        if "fails" in told:
            raise told["fails"]
        yield "127.0.0.1", 4321

    monkeypatch.setattr(deadline_drill, "database_instant", lambda: at)
    monkeypatch.setattr(deadline_drill, "_compare_clocks", lambda: Clocks(at, 500.0, 0.0))
    monkeypatch.setattr(deadline_drill, "web_server", serve)
    offer = SimpleNamespace(number="EX-1")
    for name, answer in {
        "write_offer": offer,
        "make_candidates": [READY, READY],
        "warm": None,
        "publish_closing": "published",
        "file_around": ["clicks"],
        "count_results": told["counts"],
    }.items():
        monkeypatch.setattr(deadline_drill, name, part(name, answer))
    told["counts"].update(
        {"attempted": 2, "accepted": 1, "refused_late": 1, "receipts": 1}
        | dict.fromkeys(("late_accepted", "on_time_refused", "lost", "double"), 0)
    )
    told["at"], told["offer"] = at, offer
    return told


def _play(*arguments: str) -> tuple[int, dict[str, Any], str]:
    out, err, status = StringIO(), StringIO(), 0
    try:
        call_command("deadline_drill", "--submissions", "2", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        status = int(str(ended.code))
    return status, json.loads(out.getvalue()), err.getvalue()


def test_a_drill_runs_in_order_around_the_closing_instant(drill: dict[str, Any]) -> None:
    assert _play() == (0, drill["counts"], "2 drafts are ready on offer EX-1\n")
    at, seed = drill["at"], int(drill["at"].timestamp() * 1000)
    assert drill["write_offer"] == {"number": "EX-260930183205-067", "at": at}
    assert drill["make_candidates"] == (drill["offer"], {"count": 2, "seed": seed, "at": at})
    assert drill["web_server"] == {"processes": 2}
    assert drill["warm"] == {"host": "127.0.0.1", "port": 4321, "name": "127.0.0.1:4321", "times": 8}
    closes_at = at + timedelta(seconds=4)
    assert drill["publish_closing"] == (drill["offer"], {"closes_at": closes_at, "at": at})
    around = {"host": "127.0.0.1", "port": 4321, "name": "127.0.0.1:4321", "spread": 2.0, "seed": seed}
    assert drill["file_around"] == ([READY, READY], around | {"instant": 504.0})
    assert drill["count_results"] == {
        "offer": "published",
        "clicks": ["clicks"],
        "clocks": Clocks(at, 500.0, 0.0),
    }


def test_a_drill_may_use_a_running_server(drill: dict[str, Any]) -> None:
    assert _play("--url", "http://portail:80", "--spread", "0")[0] == 0
    assert "web_server" not in drill
    assert (drill["warm"]["host"], drill["warm"]["name"]) == ("portail", "portail:80")
    assert drill["publish_closing"][1]["closes_at"] == drill["at"] + timedelta(seconds=2)


def test_a_fault_is_reported_and_fails_the_command(drill: dict[str, Any]) -> None:
    drill["counts"]["lost"] = 1
    status, said, words = _play("--processes", "1")
    assert (status, said["lost"], drill["web_server"]) == (1, 1, {"processes": 1})
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
