"""Any number of users share one portal."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.portal import Portal
from tests.journeys.portal_sharing import Start, shared


@pytest.fixture
def seen() -> list[str]:
    return []


@pytest.fixture
def start(seen: list[str]) -> Start:
    """A portal that only records when it starts and stops."""

    @contextmanager
    def started(data_dir: Path) -> Iterator[Portal]:
        seen.append("started")
        try:
            yield Portal.at(f"http://127.0.0.1/{len(seen)}", data_dir)
        finally:
            seen.append("stopped")

    return started


def test_the_first_user_starts_the_portal_and_the_last_stops_it(
    tmp_path: Path, start: Start, seen: list[str]
) -> None:
    came, may_leave = threading.Event(), threading.Event()
    found: list[Portal] = []

    def second() -> None:
        with shared(tmp_path, start) as portal:
            found.append(portal)
            came.set()
            may_leave.wait(30)
            seen.append("second leaves")

    other = threading.Thread(target=second)
    with shared(tmp_path, start) as portal:
        other.start()
        assert came.wait(30)
        assert (found[0].url, found[0].data_dir, found[0].log) == (portal.url, portal.data_dir, portal.log)
        threading.Timer(0.2, may_leave.set).start()
    other.join(30)
    assert seen == ["started", "second leaves", "stopped"]
    with shared(tmp_path, start) as later:
        assert later.data_dir != portal.data_dir, "what was stopped is not used again"
    assert seen[3:] == ["started", "stopped"]


def test_a_portal_that_failed_to_start_is_started_by_the_next_user(
    tmp_path: Path, start: Start, seen: list[str]
) -> None:
    @contextmanager
    def broken(_data_dir: Path) -> Iterator[Portal]:
        message = "no port"
        raise RuntimeError(message)
        yield  # makes the function a generator

    with pytest.raises(RuntimeError, match="no port"), shared(tmp_path, broken):
        pass
    with shared(tmp_path, start):
        assert seen == ["started"]
