"""Verification with only the published keys and the file: without database and without the servers' settings."""

import json
import os
import subprocess
import sys
from pathlib import Path

from intake.dossiers.receipts.receipt_file import make_json_receipt
from intake.signing.services import published_keys, sign
from tests.factories import receipts

ROOT = Path(__file__).resolve().parents[2]


def clean_environment(folder: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return clean | {"DATA_DIR": str(folder / "data")}


def verify(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "verify_receipt", *arguments],
        env=clean_environment(folder),
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


VERIFY_EACH = """
import contextlib, io, json, sys
import manage

ended = []
for arguments in json.loads(sys.argv[1]):
    out = io.StringIO()
    sys.argv = ["manage.py", "verify_receipt", *arguments]
    with contextlib.redirect_stdout(out):
        try:
            manage.main()
            code = 0
        except SystemExit as stopped:
            code = stopped.code
    ended.append([code, out.getvalue()])
print(json.dumps(ended))
"""


def verify_each(folder: Path, *commands: list[str]) -> list[tuple[int, str]]:
    """Run several commands in one process. Return the exit code and the output of each."""
    done = subprocess.run(
        [sys.executable, "-c", VERIFY_EACH, json.dumps(commands)],
        env=clean_environment(folder) | {"PYTHONPATH": str(ROOT)},
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return [(code, said) for code, said in json.loads(done.stdout)]


def test_a_receipt_is_verified_offline(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(json.dumps(published_keys()))
    (tmp_path / "receipt.pdf").write_bytes(receipts.signed())
    facts = receipts.facts()
    (tmp_path / "receipt.json").write_text(make_json_receipt(facts, sign(facts.canonical())))
    content = (tmp_path / "receipt.pdf").read_bytes()
    (tmp_path / "changed.pdf").write_bytes(content.replace(b"/Lang (fr-CA)", b"/Lang (fr-FR)"))
    done = verify(tmp_path, "receipt.pdf", "--keys", "keys.json")
    assert done.returncode == 0, done.stderr
    twin, changed, missing = verify_each(
        tmp_path,
        ["receipt.json", "--keys", "keys.json"],
        ["changed.pdf", "--keys=keys.json"],
        ["missing.pdf", "--keys", "keys.json"],
    )
    assert (twin[0], changed[0], missing[0]) == (0, 1, 2)
    for authentic in (done.stdout, twin[1]):
        said = json.loads(authentic)
        assert (said["authentic"], said["number"], said["received_at"]) == (
            True,
            facts.number,
            facts.received_at,
        )
        assert said["checked"] == "SIGNATURE"
    assert json.loads(changed[1]) == {"authentic": False, "reason": "BYTES", "checked": "SIGNATURE"}
    assert not (tmp_path / "data" / "embedded").exists()  # no server was started
