"""Processor time of a signed receipt and of a dossier, their process started or forked: `python -m …forked_drawing`.

Of this process and of all that it has run, the one that forks included; in turn, so that other work slows both. Not
counted: the statements of the database, and the file in the storage.
"""

import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.benchmarks import measuring
from tests.benchmarks.p5_dossiers import AT, work

_TIMES = slice(11, 15)  # of /proc/PID/stat after the name: its own and those of its children, in ticks


def main(repetitions: int) -> None:
    """Draw `repetitions` times each; print the median and the spread."""
    measuring.set_up_django()
    from intake.documents import isolated_process  # noqa: PLC0415 -- needs the settings
    from intake.dossiers.receipts.building import sign_pdf  # noqa: PLC0415 -- needs the settings
    from intake.dossiers.render import render_receipt  # noqa: PLC0415 -- needs the settings
    from tests.factories.payloads import payload  # noqa: PLC0415 -- needs the settings
    from tests.factories.receipts import facts  # noqa: PLC0415 -- needs the settings

    kept = isolated_process._kept  # which of the two happens depends on the time of the last job

    def receipt() -> None:
        address = "https://exemple.invalid/verifier/"
        sign_pdf(render_receipt(payload(), facts=facts(), address=address, in_english_too=False), at=AT)

    def spent() -> float:
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        total = sum(usage.ru_utime + usage.ru_stime for usage in usages)
        if kept.process is not None:
            stat = Path(f"/proc/{kept.process.pid}/stat").read_text(encoding="utf-8")
            ticks = stat.rpartition(")")[2].split()[_TIMES]
            total += sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
        return total

    def measured(draw: Callable[[], object], *, is_forked: bool) -> float:
        kept.last = time.monotonic() if is_forked else float("-inf")
        began = spent()
        draw()
        return spent() - began

    with work() as given:
        given.room.chmod(0o755)  # root's drawing process is another user's
        draws: dict[str, Callable[[], object]] = {"receipt": receipt, "dossier": given.draw}
        for draw in draws.values():  # imports, and the start of the process that forks
            measured(draw, is_forked=False)
            measured(draw, is_forked=True)
        found: dict[tuple[str, bool], list[float]] = {}
        for _repetition in range(repetitions):
            for name, draw in draws.items():
                for is_forked in (False, True):
                    found.setdefault((name, is_forked), []).append(measured(draw, is_forked=is_forked))
    for (name, is_forked), seconds in found.items():
        spread = f"({min(seconds) * 1000:.0f} to {max(seconds) * 1000:.0f})"
        way = "forked" if is_forked else "started"
        sys.stdout.write(f"{name}, {way}: {median(seconds) * 1000:.0f} ms {spread}\n")
    kept.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
