"""Inspects and joins files in this process instead of an isolated one, for tests of what happens after an inspection.

Hostile files are tested in the isolated process, with its limits.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from intake.documents import inspection, joining
from intake.documents.child import __main__ as child
from intake.documents.child import join, legibility
from intake.documents.child.limits import Limits


@contextmanager
def inspect_in_process() -> Iterator[None]:
    """Inspect and join files in this process, without limits or confinement: it could not undo them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inspection, "run_isolated", _inspect)
        patch.setattr(joining, "run_isolated", _join)
        patch.setattr(Limits, "apply", lambda _limits: None)
        for module in (child, join):
            patch.setattr(module, "exit_with_parent", lambda: None)
            patch.setattr(module, "confine", lambda _readable, _room: None)
        patch.setattr(legibility, "MAX_CPU_SECONDS", 1e9)  # this process has used more than a child may
        yield


def _inspect(
    module: str, path: str, into: str, max_pages: str, *, room: Path, seconds: float, readable: Sequence[Path]
) -> int:
    assert (module, Path(into), readable) == ("intake.documents.child", room, [Path(path)])
    del seconds
    child.main(Path(path), Path(into), int(max_pages))
    return 0


def _join(module: str, at: str, *, room: Path, seconds: float) -> int:
    assert (module, Path(at)) == ("intake.documents.child.join", room)
    del seconds
    join.main(room)
    return 0
