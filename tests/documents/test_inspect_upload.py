"""The command prints the inspection of a file as one JSON object, without a database."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from intake.documents.inspection import Inspection
from intake.documents.management.commands import inspect_upload
from tests.factories.documents import active_parts
from tests.factories.files import HOSTILE, pdf_bytes


def run(*arguments: object) -> tuple[dict[str, Any], int]:
    out, code = io.StringIO(), 0
    try:
        call_command("inspect_upload", *map(str, arguments), stdout=out)
    except SystemExit as left:
        code = int(left.code or 0)
    return json.loads(out.getvalue()), code


def test_an_accepted_file_is_described_and_written_clean(tmp_path: Path) -> None:
    sent, out = tmp_path / "sent", tmp_path / "clean.pdf"
    sent.write_bytes(HOSTILE["launch"][0]())
    told, code = run(sent, "--name", "Mon CV.pdf", "--kind", "CV", "--out", out)
    assert code == 0
    assert told == {
        "outcome": "ACCEPTED",
        "reason_code": None,
        "reason": "Fichier accepté\u00a0: 1\u00a0page. Par sécurité, nous avons retiré ces éléments\u00a0: action à "
        "l’ouverture et lancement d’un programme. Vérifiez l’aperçu.",
        "stored_name": "Mon-CV.pdf",
        "media_type": "application/pdf",
        "pages": 1,
        "neutralised": ["LAUNCH", "OPEN_ACTION"],
        "warnings": [],
    }
    assert active_parts(out.read_bytes()) == []


def test_a_refused_file_exits_1_and_writes_no_pdf(tmp_path: Path) -> None:
    sent, out = tmp_path / "sent", tmp_path / "clean.pdf"
    sent.write_bytes(pdf_bytes(3))
    told, code = run(sent, "--name", "lettre.pdf", "--kind", "MOTIVATION_LETTER", "--out", out)
    assert code == 1
    assert (told["outcome"], told["reason_code"], told["pages"]) == ("REFUSED", "TOO_MANY_PAGES", 3)
    assert "2\u00a0pages au plus" in told["reason"]
    assert not out.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("absent.pdf", "--name", "cv.pdf", "--kind", "CV"),
        (".", "--name", "cv.pdf", "--kind", "CV"),
        (__file__, "--name", "cv.pdf", "--kind", "CV", "--out", "absent/clean.pdf"),
        (__file__, "--name", "cv.pdf", "--kind", "PORTRAIT"),
    ],
)
def test_bad_input_exits_2_with_one_line(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as refused:
        run(*arguments)
    assert "\n" not in str(refused.value)
    assert refused.value.returncode == 2


def test_the_command_reports_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def fail(path: Path, **options: Any) -> Inspection:
        asked.update(options, path=path)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(inspect_upload, "inspect_file", fail)
    (tmp_path / "x").touch()
    with pytest.raises(CommandError) as stopped:
        call_command(
            "inspect_upload", str(tmp_path / "x"), "--name", "n", "--kind", "TRANSCRIPT", stdout=io.StringIO()
        )
    assert (str(stopped.value), stopped.value.returncode) == ("[Errno 28] No space left on device", 2)
    assert asked.pop("into").name.startswith("inspect-")
    assert asked == {"path": tmp_path / "x", "name": "n", "max_pages": 20, "max_bytes": 10 * 1024**2}
