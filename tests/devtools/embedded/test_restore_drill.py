"""`scripts/restore_drill`: its options, refused in one line before any server starts. It is run in tests/faults."""

from pathlib import Path

import pytest

from intake.devtools.embedded import restore_drill


def test_a_folder_that_cannot_be_used_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a-file"
    file.touch()
    for folder, reason in [(file, "cannot be used: File exists"), (tmp_path, "is not empty")]:
        with pytest.raises(SystemExit) as ended:
            restore_drill.main(["--into", str(folder)])
        assert ended.value.code == 2
        assert f"{folder} {reason}" in capsys.readouterr().err


def test_an_installation_whose_files_are_in_a_bucket_needs_them_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://owner@db/intake")
    monkeypatch.setenv("STORAGE_URL", "s3://key:secret@bucket.exemple.ca/dossiers")
    with pytest.raises(SystemExit):
        restore_drill.main([])
    assert "--database and --files go together" in capsys.readouterr().err
