"""Inspect in this process what the portal inspects in one apart, for tests of what then becomes of the file.

What hostile files do is tested on a real process apart, with its limits.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from intake.documents import inspection
from intake.documents.child import __main__ as child
from intake.documents.child.limits import Limits


@contextmanager
def inspect_in_process() -> Iterator[None]:
    """Let files be inspected by this process, without limits, which it could not take off again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inspection, "run_isolated", _inspect)
        patch.setattr(child, "exit_with_parent", lambda: None)
        patch.setattr(Limits, "apply", lambda _limits: None)
        yield


def _inspect(module: str, path: str, into: str, max_pages: str, *, room: Path, seconds: float) -> int:
    assert (module, Path(into)) == ("intake.documents.child", room)
    del seconds
    child.main(Path(path), Path(into), int(max_pages))
    return 0
