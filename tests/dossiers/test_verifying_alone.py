"""Verification with only the published keys and the file: without database and without the servers' settings."""

import json
import os
import subprocess
import sys
from pathlib import Path

from intake.signing.services import published_keys
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


def test_a_receipt_is_verified_offline(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(json.dumps(published_keys()))
    (tmp_path / "receipt.pdf").write_bytes(receipts.signed())
    done = verify(tmp_path, "receipt.pdf", "--keys", "keys.json")
    assert done.returncode == 0, done.stderr
    said, facts = json.loads(done.stdout), receipts.facts()
    assert (said["authentic"], said["checked"]) == (True, "SIGNATURE")
    assert (said["number"], said["received_at"]) == (facts.number, facts.received_at)
    assert not (tmp_path / "data" / "embedded").exists()  # no server was started
