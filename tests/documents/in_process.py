"""Inspects files in this process instead of an isolated one, for tests of what happens after an inspection.

Hostile files are tested in the isolated process, with its limits.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from intake.documents import inspection
from intake.documents.child import __main__ as child
from intake.documents.child import legibility
from intake.documents.child.limits import Limits


@contextmanager
def inspect_in_process() -> Iterator[None]:
    """Inspect files in this process, without limits or confinement: it could not undo them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inspection, "run_isolated", _inspect)
        patch.setattr(child, "exit_with_parent", lambda: None)
        patch.setattr(Limits, "apply", lambda _limits: None)
        patch.setattr(child, "confine", lambda _readable, _room: None)
        patch.setattr(legibility, "MAX_CPU_SECONDS", 1e9)  # this process has used more than a child may
        yield


def _inspect(
    module: str, path: str, into: str, max_pages: str, *, room: Path, seconds: float, readable: Sequence[Path]
) -> int:
    assert (module, Path(into), readable) == ("intake.documents.child", room, [Path(path)])
    del seconds
    child.main(Path(path), Path(into), int(max_pages))
    return 0
