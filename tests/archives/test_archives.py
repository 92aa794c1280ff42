"""Every kept installation is restored by this version, and every verifier answers as it did."""

from pathlib import Path

import pytest

from .archive import KEPT, answers, restored

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("kept", sorted(KEPT.iterdir()), ids=lambda kept: kept.name)
def test_each_verifier_answers_about_an_earlier_installation_as_it_did(kept: Path, tmp_path: Path) -> None:
    with restored(kept, tmp_path / "data") as before:
        assert answers(tmp_path / "data") == before
