"""P15 (`docs/targets.md`): seconds from a later `make run` to its first page, and the first on a bare machine."""

import contextlib
import http.client
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from intake.devtools import embedded
from intake.devtools.embedded.keeper import free_port
from tests.benchmarks.measuring import Figure, benchmark
from tests.benchmarks.recorded import read_record

BARE_SECONDS = 30
STARTS, SMOKE_STARTS = 7, 5
PATIENCE = 300  # seconds
LAST_LINE = "Ctrl-C arrête tout"
"""Of `make run`, once the demonstration is made."""
_OF_OTHERS = ("MAKE", "MFLAGS", "DJANGO_SETTINGS_MODULE")
"""Variables of `make bench` itself, and of a benchmark that set Django up before."""


@benchmark("P15", title="seconds from a later make run to its first page", sign="<=", bound=4)
def measure(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Start the portal in a folder of its own, then again and again; the start of a bare machine is recorded."""
    bare = read_record("P15")
    with tempfile.TemporaryDirectory(prefix="intake-start-") as folder:
        first = seconds_to_first_page(Path(folder), whole=True)
        later = [seconds_to_first_page(Path(folder)) for _start in range(SMOKE_STARTS if smoke else STARTS)]
    broken = (
        (f"{bare.value:g} s on a bare machine, over {BARE_SECONDS}",) if bare.value > BARE_SECONDS else ()
    )
    note = f"first start in a new folder {first:.1f} s; on a bare machine {bare.figure().note}"
    return Figure.of(later, note, broken=broken)


def seconds_to_first_page(folder: Path, *, whole: bool = False) -> float:
    """Run `make run` with its data in a folder until the list of offers is answered, then stop it as Ctrl-C does.

    `whole` lets it make its demonstration first, which the next start would go on with.

    :raises RuntimeError: if it ends, or does not answer.
    """
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OF_OTHERS)}
    environment |= {"DATA_DIR": str(folder), "PORT": str(port)}
    began = time.monotonic()
    with (folder / "run.log").open("ab") as log:
        portal = subprocess.Popen(
            ["make", "run"],
            cwd=embedded.BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        while not _answers(port):
            if portal.poll() is not None or time.monotonic() > began + PATIENCE:
                message = f"make run: exit {portal.poll()}, no page after {time.monotonic() - began:.0f} s"
                raise RuntimeError(message)
            time.sleep(0.02)
        taken = time.monotonic() - began
        while whole and LAST_LINE not in (folder / "run.log").read_text(errors="replace"):
            if portal.poll() is not None or time.monotonic() > began + PATIENCE:
                message = "make run did not make its demonstration"
                raise RuntimeError(message)
            time.sleep(0.1)
        return taken
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(portal.pid, signal.SIGINT)
        portal.wait(PATIENCE)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/offres/", headers={"Connection": "close"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
