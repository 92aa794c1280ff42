"""Generate one PDF: `python -m intake.dossiers.child ROOM`, where the directory ROOM contains `job.json`.

Writes `out.pdf` and `result.json` in ROOM and exits with 0. Any other exit code: no PDF was generated.
"""

import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

from intake.documents.child.limits import exit_with_parent

from . import sandbox


def main(room: Path) -> None:
    """Render the pages of `job.json` and insert its documents."""
    exit_with_parent()
    sandbox.DRAWING.apply()
    job = json.loads((room / "job.json").read_bytes())
    # Import after the limits and before the sandbox: these libraries read system files while they load.
    with sandbox.start_no_program():
        from intake.dossiers.child import drawing, prepared  # noqa: PLC0415 -- after limits, before sandbox

    # What the libraries took does not count: on a slow machine that is most of a first attempt's second.
    replace(sandbox.DRAWING, cpu_seconds=job["cpu_seconds"] + round(time.process_time())).apply()
    documents = {path for part in job["parts"] for path in part["paths"]}
    sandbox.enter_sandbox({*job["assets"].values(), *documents, *prepared.kept_files()}, room)
    drawing.draw(job, room)


def prepare(text: str) -> None:
    """Load the libraries, style sheets and fonts, once for the processes forked from this one.

    `text`: JSON with the `assets` of every page. No document and no answer is read here.
    """
    with sandbox.start_no_program():
        from intake.dossiers.child import drawing, prepared  # noqa: PLC0415 -- heavy, as above

    job = {"before": prepared.PAGE, "after": "</body></html>", "assets": json.loads(text)["assets"]}
    job |= {"parts": [], "archival": True, "receipt": None}
    prepared.keep_what_is_read(lambda: drawing.draw(job, Path.cwd()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    # All files are written and closed. Skip the normal shutdown: it unloads libraries while Pango's thread may still
    # read fonts, and the process would sometimes die by a signal.
    os._exit(0)
