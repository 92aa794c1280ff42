"""Draws and reads PDFs in this process instead of an isolated one, without its start and imports.

For tests of the pages. The process, its limits and its sandbox are tested in a real one.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from intake.documents.child.limits import Limits
from intake.dossiers import render
from intake.dossiers.child import __main__ as child
from intake.dossiers.child import receipt_reader, sandbox
from intake.dossiers.receipts import receipt_file


@contextmanager
def draw_in_process() -> Iterator[None]:
    """Draw pages in this process, without limits and sandbox: it could not undo them."""
    with without_sandbox() as patch:
        patch.setattr(render, "run_isolated", _draw)
        # As in the other process, whose log is discarded.
        patch.setattr(logging.getLogger("weasyprint"), "disabled", True)
        yield


@contextmanager
def read_in_process() -> Iterator[None]:
    """Read receipts in this process, without limits and sandbox."""
    with without_sandbox() as patch:
        patch.setattr(receipt_file, "run_isolated", _read)
        yield


@contextmanager
def without_sandbox() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (child, receipt_reader):
            patch.setattr(module, "exit_with_parent", lambda: None)
        patch.setattr(Limits, "apply", lambda _limits: None)
        patch.setattr(sandbox, "enter_sandbox", lambda _readable, _room: None)
        yield patch


def _draw(
    module: str,
    *arguments: str,
    room: Path,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    readable: Sequence[Path] = (),
    prepared: str | None = None,
) -> int:
    assert (module, arguments) == ("intake.dossiers.child", (str(room),))
    del seconds, readable, prepared
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (environment or {}).items():
            patch.setenv(name, value)
        child.main(room)
    return 0


def _read(module: str, *arguments: str, room: Path, seconds: float) -> int:
    assert (module, arguments) == ("intake.dossiers.child.receipt_reader", (str(room),))
    del seconds
    receipt_reader.main(room)
    return 0
