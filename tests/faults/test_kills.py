"""A kill of each kind of a whole portal, and the table of the full run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from intake.devtools.embedded.run import processes
from tests import migrated_database
from tests.faults import __main__ as faults
from tests.faults import fault_launcher, r01_kills, r04_broker_down, r06_hostile_document
from tests.faults.failure_points import ONE_OF_EACH_KIND, POINTS
from tests.faults.mailbox import Mailbox
from tests.faults.measuring import Options, measured
from tests.faults.portal import LEFT_OUT, Portal


@pytest.mark.servers
def test_a_kill_of_each_kind_loses_and_invents_no_filing(tmp_path: Path) -> None:
    migrated_database.copy_migrated_database(tmp_path / "lane0")
    options = Options(kills=r01_kills.SMOKE_KILLS, seed=2027, lanes=1, smoke=True, folder=tmp_path)
    found = r01_kills.measure(options)
    assert (found["R1"]["value"], found["R5"]["value"]) == (0, 0), found
    assert "4 kills at 4 of" in found["R1"]["note"]
    assert found["R2"]["value"] < r01_kills.RECEIPT_MOST, found  # not the target: that is for a quiet machine


def test_the_points_of_kills_are_enough_and_name_existing_functions() -> None:
    assert set(ONE_OF_EACH_KIND) <= {point.name for point in POINTS}
    assert len({point.name for point in POINTS}) == len(POINTS) >= r01_kills.ENOUGH_POINTS
    placed = [point for point in POINTS if point.where]
    assert len(placed) > len(POINTS) // 3
    for point in placed:
        owner, name = fault_launcher._find(point.where)
        assert callable(getattr(owner, name)), point.where
        assert point.act in fault_launcher._ACTS


def test_killed_processes_exist_and_only_senders_of_mail_may_send_twice(tmp_path: Path) -> None:
    running = processes(tmp_path, port=1, smtp_port=2).keys()
    whole = {
        what: point for point in POINTS for verb, _space, what in [point.act.partition(" ")] if verb == "kill"
    }
    assert whole.keys() - {"broker", "children soon"} <= running - LEFT_OUT
    assert {point.role for point in POINTS if point.role} <= running
    assert whole["mailer"].may_send_twice
    assert whole["dossiers"].may_send_twice  # it sends mails too
    assert not whole["receipts"].may_send_twice  # it generates PDFs: a repetition reaches no candidate


@pytest.mark.parametrize(
    "name,how,fell",
    [
        ("sweep", "sys.exit(1)", ["sweep, exit 1"]),
        ("sweep", "os.kill(os.getpid(), signal.SIGKILL)", []),  # its own points kill it
        (
            "beat",
            "os.kill(os.getpid(), signal.SIGKILL)",
            ["beat, exit -9"],
        ),  # as the kernel, for lack of memory
        ("mailer", "sys.exit(0)", ["mailer, exit 0"]),
    ],
)
def test_a_process_that_ends_by_itself_is_distinguished_from_a_killed_one(
    name: str, how: str, fell: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr(Portal, "start", lambda _portal, again: started.append(again))
    with Mailbox() as mailbox:
        portal = Portal(tmp_path, mailbox)
    ended = subprocess.Popen([sys.executable, "-c", f"import os, signal, sys; {how}"])
    ended.wait(20)
    portal._running[name] = ended
    assert portal.tend() == started == [name]
    assert portal.fell == fell


def test_a_deliberately_killed_process_is_not_reported_as_crashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Mailbox() as mailbox:
        portal = Portal(tmp_path, mailbox)

    def start(name: str) -> None:
        portal._running[name] = subprocess.Popen(["sleep", "60"], start_new_session=True)

    monkeypatch.setattr(portal, "start", start)
    start("beat")
    portal.kill("beat")
    portal.process("beat").wait(20)
    assert (portal.tend(), portal.fell) == (["beat"], [])
    portal.process("beat").kill()
    portal.process("beat").wait(20)
    assert (portal.tend(), portal.fell) == (["beat"], ["beat, exit -9"])
    portal.process("beat").kill()
    portal.process("beat").wait(20)


_ROUNDS = 40 * len(POINTS)
_USUAL: dict[str, Any] = {
    "kills": {point.name: 40 for point in POINTS},
    "missed": {},
    "violations": [],
    "receipt_seconds": [["beat", 1.0]] * (_ROUNDS - 1) + [["beat", 20.0]],
    "dossier_seconds": [["beat", 5.0]] * _ROUNDS,
    "duplicates": ["mail, after 250"],
    "filings": _ROUNDS,
    "upload_seconds": [["beat", 1.0]],
    "refused_uploads": [],
}


@pytest.mark.parametrize(
    "changes,failing",
    [
        ({}, set()),
        ({"violations": ["lost: somebody"]}, {"R1"}),
        ({"violations": ["twice: a mail"]}, {"R1", "R5"}),
        ({"kills": {"beat": 999}}, {"R1"}),
        ({"receipt_seconds": [["beat", 11.0]] * _ROUNDS}, {"R2"}),
        ({"receipt_seconds": [["beat", 1.0]] * (_ROUNDS - 1) + [["beat", 31.0]]}, {"R2"}),
        ({"dossier_seconds": [["beat", 61.0]] * _ROUNDS}, {"R2"}),
        ({"dossier_seconds": [["beat", 5.0]] * (_ROUNDS - 1)}, {"R2"}),
        ({"receipt_seconds": [], "dossier_seconds": [], "filings": 0}, {"R1", "R2", "R5"}),
    ],
)
def test_each_missed_target_is_reported_by_its_key(changes: dict[str, Any], failing: set[str]) -> None:
    found = r01_kills.figures([_USUAL | changes], seed=1)
    assert {key for key, one in found.items() if not one["holds"]} == failing


@pytest.mark.parametrize(
    "down,mute,refused,fell,holds",
    [
        (0.08, 0.08, 0, [], True),
        (0.09, 0.04, 0, [], False),
        (0.04, 0.09, 0, [], False),
        (0.04, 0.04, 1, ["web, exit 1"], False),
    ],
)
def test_a_mute_broker_counts_like_a_dead_one(
    down: float, mute: float, refused: int, fell: list[str], *, holds: bool
) -> None:
    found = r04_broker_down.figure([0.04], [down], [mute], ratios=[1.0], refused=refused, fell=fell)
    assert found["holds"] is holds
    assert found["value"] == pytest.approx(max(down, mute) / 0.04)


@pytest.mark.parametrize(
    "memory,cpu,tried,holds",
    [(0.9, 0.85, 5, True), (0.9, 0.5, 5, False), (0.5, 0.9, 5, False), (0.9, 0.9, -1, False)],
)
def test_the_figure_is_the_lowest_rate_of_the_hostile_documents(
    memory: float, cpu: float, tried: int, *, holds: bool
) -> None:
    rates, attempts = {"memory": [memory], "CPU": [cpu]}, {"memory": 5, "CPU": tried}
    found = r06_hostile_document.figure(rates, attempts, count=1, fell=[])
    assert (found["value"], found["holds"]) == (min(memory, cpu), holds)


def test_every_measurement_has_its_keys_and_an_unknown_one_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = [key for keys in faults.measuring_modules().values() for key in keys]
    assert len(set(keys)) == len(keys)
    assert {"R1", "R2", "R3", "R5"} <= set(keys)
    out = tmp_path / "faults.json"
    assert faults.main(["--only", "R99", "--out", str(out)]) == faults.BAD_INPUT
    assert capsys.readouterr().err.startswith("faults: nothing measures R99; there is R1, ")
    assert faults.main(["--kills", "0", "--out", str(out)]) == faults.BAD_INPUT
    assert not out.exists()


def test_the_measurements_are_written_to_a_table_and_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {
        "R3": measured(1, "2", holds=True, note="fine", values=[0.5, 1]),
        "R10": measured(0, "0", holds=False, note=""),
    }
    monkeypatch.setattr(faults, "measuring_modules", lambda: {"r10_sql": ("R10",), "r03_broker": ("R3",)})
    monkeypatch.setattr(faults, "_measure", lambda _module, keys, _asked: {key: found[key] for key in keys})
    out = tmp_path / "new" / "faults.json"
    assert faults.main(["--out", str(out)]) == faults.DOES_NOT_HOLD
    assert list(json.loads(out.read_text())) == ["R3", "R10"]
    table = capsys.readouterr().out
    assert "DOES NOT HOLD" in table
    assert "R3: fine" in table
    assert faults.main(["--only", "R3", "--out", str(out)]) == faults.HOLDS


@pytest.mark.full
@pytest.mark.servers
@pytest.mark.parametrize("key", ["R3", "R4", "R6", "R11", "R15"])
def test_each_other_measurement_runs_and_finds_no_fault(key: str, tmp_path: Path) -> None:
    out = tmp_path / "faults.json"
    assert faults.main(["--smoke", "--only", key, "--out", str(out)]) in {faults.HOLDS, faults.DOES_NOT_HOLD}
    (found,) = json.loads(out.read_text(encoding="utf-8")).values()
    assert "could not be measured" not in found["note"]
    lost = {
        "R3": "; 0 lost",
        "R4": " 0 refused",
        "R6": "given up: 5",
        "R11": ": 0 failed",
        "R15": ", 0 violations",
    }
    assert lost[key] in found["note"], found  # times depend on the machine
