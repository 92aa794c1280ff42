"""The figures of isolated processes are those of each process alone."""

import sys
from pathlib import Path

import pytest

from intake.documents.isolated_process import ProcessTimeoutError, run_isolated
from tests.documents.child_usage import measured_processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's figures differ elsewhere")

MIB = 1024**2


def test_each_isolated_process_is_measured_alone(tmp_path: Path) -> None:
    mine = b"x" * 200 * MIB  # the memory of this process must not count
    with measured_processes() as usages:
        for statement in (
            f"b'x' * {100 * MIB}",
            "sum(range(3_000_000))",
            "int('no')",
            "import os; os.abort()",
        ):
            run_isolated("timeit", "-n", "1", "-r", "1", statement, room=tmp_path, seconds=60)
        with pytest.raises(ProcessTimeoutError):
            run_isolated(
                "timeit", "-n", "1", "-r", "1", "import time; time.sleep(60)", room=tmp_path, seconds=0.2
            )
    assert len(mine) == 200 * MIB
    memory, processor, _failed, _aborted, late = usages
    assert 100 * MIB < memory.peak_bytes < 150 * MIB
    assert processor.peak_bytes < 50 * MIB
    assert processor.cpu_seconds > late.cpu_seconds
    assert [one.exit_code for one in usages] == [0, 0, 1, -6, None]
    assert late.wall_seconds >= 0.2
