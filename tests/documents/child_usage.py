"""Processor time and memory of isolated processes, each alone, as the kernel counts them for its parent (wait4).

    with measured_processes() as usages:
        inspect_file(path, name="cv.pdf", max_pages=3, max_bytes=10**7, into=room)
    assert usages[-1].cpu_seconds <= 5
    assert usages[-1].peak_bytes <= 512 * 1024**2

One `Usage` for each process that `run_isolated` ran, in order, also when it was killed or ran out of time. Linux only.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from intake.documents import isolated_process

# A small process between this one and the measured one. The kernel's peak of a new process is at least the memory of
# the process that starts it, which for a run of tests would be more than what is measured.
_BETWEEN = """
import json, os, signal, sys, time
report, seconds, *command = sys.argv[1:]
os.environ["INTAKE_PARENT"] = str(os.getpid())
began = time.monotonic()
child = os.fork()
if not child:
    os.execv(command[0], command)
ended = 0
while not ended:
    ended, status, used = os.wait4(child, os.WNOHANG)
    if not ended and time.monotonic() - began > float(seconds):
        os.kill(child, signal.SIGKILL)
        ended, status, used = os.wait4(child, 0)
        status = None
    time.sleep(0 if ended else 0.002)
with open(report, "w") as out:
    json.dump([status, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, time.monotonic() - began], out)
"""
_GRACE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process used: seconds of processor time and of wall clock, and the peak of its resident memory."""

    cpu_seconds: float
    peak_bytes: int
    wall_seconds: float
    exit_code: int | None
    """Negative: it was ended by this signal. None: it ran out of time and was killed."""

    def __str__(self) -> str:
        return f"{self.cpu_seconds:.2f} s CPU, {self.peak_bytes / 1024**2:.0f} MiB, exit {self.exit_code}"


@contextmanager
def measured_processes() -> Iterator[list[Usage]]:
    """Measure every process that `run_isolated` runs in this block; yield the list that they are added to."""
    usages: list[Usage] = []

    def run(
        command: Sequence[str], *, check: bool, timeout: float, **options: Any
    ) -> "subprocess.CompletedProcess[bytes]":
        assert not check
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o777)  # the process may be another user's
            report = Path(folder, "usage.json")
            between = [sys.executable, "-I", "-S", "-c", _BETWEEN, str(report), str(timeout)]
            subprocess.run([*between, *command], check=True, timeout=timeout + _GRACE_SECONDS, **options)
            status, cpu, peak, wall = json.loads(report.read_bytes())
        code = None if status is None else os.waitstatus_to_exitcode(status)
        usages.append(Usage(cpu, peak, wall, code))
        if code is None:
            raise subprocess.TimeoutExpired(command, timeout)
        return subprocess.CompletedProcess(command, code)

    replaced = SimpleNamespace(run=run, DEVNULL=subprocess.DEVNULL, TimeoutExpired=subprocess.TimeoutExpired)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolated_process, "is_confined", lambda: False)  # each process is started, none forked
        patch.setattr(isolated_process, "subprocess", replaced)
        yield usages
