"""Draw in this process what the portal draws in one apart: the same bytes, without its start and its imports.

For what is said of the pages. What is said of the process, its limits and its fence, is tested on a real one.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from intake.documents.child.limits import Limits
from intake.dossiers import render
from intake.dossiers.child import __main__ as child
from intake.dossiers.child import fence


@contextmanager
def drawing_here() -> Iterator[None]:
    """Let pages be drawn by this process, with no limit and no fence, which it could not take off again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "run_apart", _draw)
        patch.setattr(child, "end_with_parent", lambda: None)
        patch.setattr(Limits, "apply", lambda _limits: None)
        patch.setattr(fence, "refuse_the_rest", lambda _readable, _room: None)
        # What the other process says goes nowhere.
        patch.setattr(logging.getLogger("weasyprint"), "disabled", True)
        yield


def _draw(
    module: str, *arguments: str, room: Path, seconds: float, environment: Mapping[str, str] | None = None
) -> int:
    assert (module, arguments) == ("intake.dossiers.child", (str(room),))
    del seconds
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (environment or {}).items():
            patch.setenv(name, value)
        child.main(room)
    return 0
