"""`docker-compose.yml` lists the processes of the portal; units, pages and variables follow it.

After an intended change, run `make held` and commit the files.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from intake.outbox.policy import QUEUES
from tests.house.contracts import codes, rows
from tests.house.processes import (
    BLOCKS,
    ONCE,
    PROCESSES,
    ROOT,
    SERVICES,
    command_of,
    example_with_meanings,
    files_of,
    unit_of,
    with_blocks,
)

UNITS = ROOT / "deploy" / "systemd"
EXAMPLE = ROOT / "deploy" / "intake.env.example"
PAGE = ROOT / "docs" / "operations" / "processes.md"
REWRITE = os.environ.get("HELD") == "rewrite"
SAID = {name: cells[-1] for cells in rows("variable") for name in codes(cells[0])}
"""What the contracts say of each variable."""


def _held(path: Path, now: str) -> None:
    if REWRITE:
        path.write_text(now, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == now, "Is it what you meant? `make held` writes it again."


def test_each_process_has_its_unit_and_no_unit_is_of_another() -> None:
    units = {path.stem.removeprefix("intake-") for path in UNITS.glob("*.service")}
    assert units == set(PROCESSES)


@pytest.mark.parametrize("name", PROCESSES)
def test_the_held_unit_of_a_process_matches_its_container(name: str) -> None:
    _held(UNITS / f"intake-{name}.service", unit_of(name))


def test_the_held_page_of_processes_matches_the_containers() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"<!-- begin: (.+?) -->", page) == [*BLOCKS]
    _held(PAGE, with_blocks(page))


def test_each_queue_has_a_worker_and_a_sweep() -> None:
    for kind in ("worker", "sweep_outbox"):
        queues = [
            queue
            for name in PROCESSES
            if kind in (command := command_of(name))
            for queue in command[command.index("--queues") + 1].split(",")
        ]
        assert sorted(queues) == sorted(QUEUES), kind


def test_every_container_has_limits_and_few_privileges() -> None:
    for name, service in SERVICES.items():
        assert {"mem_limit", "pids_limit"} <= service.keys(), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["read_only"] is (name != "clamav"), name


def test_the_held_comments_of_the_variables_are_those_of_the_contracts() -> None:
    _held(EXAMPLE, example_with_meanings(EXAMPLE.read_text(encoding="utf-8"), SAID))


def test_each_variable_of_the_settings_is_in_the_part_of_the_processes_that_have_it() -> None:
    parts = re.split(r"^# ==== (.+) ====$", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    listed = {
        title: re.findall(r"^#?([A-Z_]+)=", part, re.MULTILINE)
        for title, part in zip(parts[::2], parts[1::2], strict=True)
    }
    named = {name for names in listed.values() for name in names}
    settings = {codes(cells[0])[0] for cells in rows("variable") if len(cells) == 4}
    assert settings <= named
    for title in listed:
        file, _colon, said = title.partition(": ")
        having = [name for name in PROCESSES if file in files_of(name)] or list(PROCESSES)
        if not said.startswith("every process"):
            assert set(re.findall(r"[\w-]+", said)) & set(PROCESSES) == set(having), title


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """With programs and user of this machine: `systemd-analyze verify` looks for those of the unit."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd here")
    shutil.copytree(UNITS, tmp_path / "units")
    for unit in (tmp_path / "units").rglob("*.*"):
        if unit.is_file():
            text = unit.read_text(encoding="utf-8")
            unit.write_text(text.replace("/opt/intake/venv/bin/", "/bin/true "), encoding="utf-8")
    for unit in (tmp_path / "units").glob("intake*.*"):
        if unit.is_dir():
            continue
        answer = subprocess.run(
            [analyze, "verify", "--man=no", str(unit)],
            env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path / 'units'}:"},
            check=False,
            capture_output=True,
            text=True,
        )
        said = [line for line in answer.stderr.splitlines() if "intake" in line]
        assert (answer.returncode, said) == (0, []), unit.name


def test_a_person_starts_only_the_migrations() -> None:
    assert {"migrate"} == ONCE
