"""Run one inspection: `python -m intake.documents.child PATH DIRECTORY MAX_PAGES`.

Writes `result.json` in DIRECTORY, also for a refusal; an exit without that file means that a limit was reached.
"""

import json
import sys
from pathlib import Path

from intake.documents.child.confinement import confine
from intake.documents.child.inspect import HEAD_BYTES, HEIC, sniff
from intake.documents.child.limits import HEIC_INSPECTION, INSPECTION, exit_with_parent
from intake.documents.child.refusal import Reason, Refused


def main(path: Path, into: Path, max_pages: int) -> None:
    """Inspect the file at `path`; write the result and the derived files in `into`."""
    exit_with_parent()
    with path.open("rb") as stream:
        is_heic = sniff(stream.read(HEAD_BYTES)) == HEIC
    (HEIC_INSPECTION if is_heic else INSPECTION).apply()
    confine((path,), into)
    # After both: these libraries parse hostile input, and a late import makes an early refusal fast.
    from intake.documents.child.inspect import inspect  # noqa: PLC0415 -- the limits must apply first

    try:
        result = inspect(path, into, max_pages)
    except Refused as refused:
        result = {"refused": refused.code, "facts": refused.facts}
    except MemoryError:
        result = {"refused": Reason.TOO_COMPLEX, "facts": {}}
    (into / "result.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
