"""Drawing and reading may take longer in tests than in service."""

import pytest

from intake.dossiers import render
from intake.dossiers.receipts import receipt_file


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A longer time limit: on a busy machine a page takes longer than in service."""
    for module in (render, receipt_file):
        monkeypatch.setattr(module, "WALL_SECONDS", 300)
