"""`python -m tests.archives NAME`: keep an archive of this version, such as `1.0.0`."""

import sys
import tempfile
from pathlib import Path

from .archive import keep

[name] = sys.argv[1:]
with tempfile.TemporaryDirectory(prefix="intake-archive-") as room:
    sys.stdout.write(f"{keep(name, Path(room))}\n")
