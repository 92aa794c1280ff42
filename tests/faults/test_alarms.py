"""The drill of faults: a part that stays silent fails it, and every alert and check has its fault."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from intake.operations.readiness import TO_DO
from intake.outbox.heartbeats import PROCESSES
from tests.faults import alarms
from tests.faults.alarms import Told
from tests.faults.fault_rows import FAULTS, Fault
from tests.settings.test_alert_rules import RULES

SLOW = {
    "ArrivalsWait",
    "ArrivalExpired",
    "UploadsWait",
    "UploadsPileUp",
    "QueueOld",
    "DossiersLate",
    "StorageLow",
}
"""Alerts that take a rush, hours, or a disk nearly full."""
STILL = {"InvariantsUnchecked"}
"""Of something that did not happen for days."""
BY_UNIT_TESTS = {"version", "encrypted", "confined", "beats"}
"""Checks of another server, network or kernel; and the one that sums up those of the processes."""


def test_each_alert_is_given_for_a_fault_of_the_drill() -> None:
    given = {name for fault in FAULTS for name in fault.alerts}
    assert given | SLOW | STILL == {rule["alert"] for rule in RULES}
    assert given.isdisjoint(SLOW | STILL)


def test_each_check_and_each_process_fails_in_the_drill() -> None:
    probes = {fault.probe for fault in FAULTS} - {"", "no answer"}
    assert probes | BY_UNIT_TESTS == {*TO_DO, *PROCESSES}


class Portal:
    """A portal that says what its fault makes it say, and something else for ever if it `stays`."""

    def __init__(self, folder: Path, *, says: Told, stays: bool = False) -> None:
        self.folder, self._says, self._stays = folder, says, stays
        self._broken = False
        (folder / "web.log").write_text("before: it broke\n")

    def break_it(self) -> None:
        """Put the fault in."""
        self._broken = True
        with (self.folder / "web.log").open("a") as log:
            log.write("then: it broke\n")

    def mend_it(self) -> None:
        """Lift it."""
        self._broken = self._stays

    def now(self) -> Told:
        """Return what it says."""
        return self._says if self._broken else Told({"web": {"checks": {}}}, [], {}, [])


TOLD = Told(
    {"web": {"checks": {"mail": {"status": "failed"}}, "processes": {}}},
    [{"alertname": "NotReady", "web": "127.0.0.1:1"}],
    {"web": "127.0.0.1:1"},
    ["Serveur de courriel"],
)
ROW: dict[str, Any] = {
    "probe": "mail",
    "alerts": {"NotReady": {"web": "web"}},
    "page": "Serveur de courriel",
    "log": ("web", "it broke"),
}


@pytest.mark.parametrize(
    "expected, stays, silent",
    [
        ({}, False, []),
        ({"probe": "cache"}, False, ["/readyz"]),
        ({"alerts": {"NotReady": {"web": "another"}}}, False, ["NotReady"]),
        ({"alerts": {"NotReady": {}, "MailStuck": {}}}, False, ["MailStuck"]),
        ({"page": "Cache"}, False, ["page"]),
        ({"log": ("web", "before")}, False, ["log"]),
        ({}, True, ["told still"]),
    ],
)
def test_what_is_silent_or_never_over_fails_the_drill(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expected: dict[str, Any],
    *,
    stays: bool,
    silent: list[str],
) -> None:
    monkeypatch.setattr(alarms, "TOLD_WITHIN", 1)
    monkeypatch.setattr(alarms, "OVER_WITHIN", 0)
    portal: Any = Portal(tmp_path, says=TOLD, stays=stays)
    row: dict[str, Any] = ROW | expected
    fault = Fault("a fault", "lane", lambda _site: portal.break_it(), lambda _site: portal.mend_it(), **row)
    result = alarms.run_fault(portal, portal, fault)
    assert result.silent == silent
    assert ("**silent**" in alarms.table([result])) is bool(silent and not stays)


def test_a_fault_that_cannot_be_put_in_or_undone_fails_the_drill(tmp_path: Path) -> None:
    def fail(_site: Any) -> None:
        raise OSError(28, "no space")

    portal: Any = SimpleNamespace(folder=tmp_path, now=lambda: Told({"web": {}}, [], {}, []))
    for acts in ((fail, bool), (bool, fail)):
        assert "no space" in "".join(alarms.run_fault(portal, portal, Fault("a fault", "lane", *acts)).silent)
