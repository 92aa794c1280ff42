"""Every kept installation is restored by this version, and every verifier answers as it did."""

from pathlib import Path

import pytest

from .archive import KEPT, answers, restored

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("kept", sorted(KEPT.iterdir()), ids=lambda kept: kept.name)
def test_an_earlier_installation_is_migrated_and_verified_as_it_was(kept: Path, tmp_path: Path) -> None:
    with restored(kept, tmp_path / "data") as archive:
        assert answers(tmp_path / "data") == archive.answers
        assert archive.created_anew == archive.schema, "a released migration or function is not as it was"
