"""Draw a dossier as a script of ten lines would: `python -m tests.benchmarks.bare_dossier ROOM`, for P5."""

import json
import sys
from pathlib import Path

from tests.benchmarks.p5_dossiers import Page, Work, bare, digest_of

if __name__ == "__main__":
    room = Path(sys.argv[1])
    job = json.loads((room / "bare.json").read_text())
    given = Work(lambda: b"", list(map(Path, job["sources"])), room)
    digest_of(bare(given, Page(job["html"], job["assets"])))
