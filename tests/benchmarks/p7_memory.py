"""P7 (`docs/targets.md`): memory of a worker after a thousand dossiers, beside after ten."""

import argparse
import gc
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import measuring
from tests.benchmarks.measuring import Figure, benchmark
from tests.benchmarks.p5_dossiers import digest_of, work

FIRST, COUNT = 10, 1000
SMOKE_FIRST, SMOKE_COUNT = 1, 6
_CHECKS = 5
ROOT = Path(__file__).resolve().parents[2]


@benchmark("P7", title="memory after 1,000 dossiers to after 10", sign="<=", bound=1.5)
def measure(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Draw dossiers in a new process, each in a process of its own as a worker does; compare its resident memory."""
    first, count = (SMOKE_FIRST, SMOKE_COUNT) if smoke else (FIRST, COUNT)
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.p7_memory",
        "--first",
        str(first),
        "--count",
        str(count),
    ]
    answer = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    found = json.loads(answer.stdout)
    worker, drawing = found["worker"], found["drawing"]
    later = worker[1:]
    return Figure.of(
        [one / worker[0] for one in later],
        f"resident memory of the worker {_mib(worker[0])} after {first} dossiers and {_mib(later[-1])} after {count},"
        f" each of {found['pages']} pages; the spread is that of its last {len(later)} tenths;"
        f" peak of one drawing process {_mib(max(drawing[0]))} in the first {len(drawing[0])} and"
        f" {_mib(max(drawing[1]))} in the last {len(drawing[1])}",
    )


def grow(*, first: int, count: int) -> dict[str, Any]:
    """Draw `count` dossiers; return this process's resident bytes after `first` and at five later points.

    The peaks are those of the first and the last `first` drawing processes.
    """
    measuring.set_up_django()
    from tests.documents.child_usage import Usage, measured_processes  # noqa: PLC0415 -- needs the settings

    checks = {first, *(count - max(count // 10, 1) * rank for rank in range(_CHECKS))}
    worker: list[int] = []
    drawing: tuple[list[int], list[int]] = ([], [])
    with work() as given:
        for rank in range(1, count + 1):
            ends = 0 if rank <= first else 1 if rank > count - first else None
            if ends is None:
                digest_of(given.draw())
            else:
                usages: list[Usage]
                with measured_processes() as usages:
                    content = given.draw()
                    digest_of(content)
                drawing[ends].append(usages[0].peak_bytes)
            if rank in checks:
                gc.collect()
                worker.append(_resident_bytes())
        return {"worker": worker, "drawing": drawing, "pages": _pages(content)}


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _pages(content: bytes) -> int:
    import pypdfium2  # noqa: PLC0415 -- not needed by the list of benchmarks

    with pypdfium2.PdfDocument(content) as pdf:
        return len(pdf)


def _mib(size: float) -> str:
    return f"{size / 1024**2:.0f} MiB"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures of `grow` as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.p7_memory")
    parser.add_argument("--first", type=int, default=FIRST)
    parser.add_argument("--count", type=int, default=COUNT)
    asked = parser.parse_args(arguments)
    sys.stdout.write(json.dumps(grow(first=asked.first, count=asked.count)))


if __name__ == "__main__":
    main()
