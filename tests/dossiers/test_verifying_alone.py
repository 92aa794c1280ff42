"""With the published keys and the file, and nothing else: neither database, nor settings of the portal's servers."""

import json
import os
import subprocess
import sys
from pathlib import Path

from intake.dossiers.receipts.reading import make_twin
from intake.signing.services import published_keys, sign
from tests.factories import receipts

ROOT = Path(__file__).resolve().parents[2]


def verify(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "verify_receipt", *arguments],
        env=clean | {"DATA_DIR": str(folder / "data")},
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_a_receipt_is_verified_offline(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(json.dumps(published_keys()))
    (tmp_path / "receipt.pdf").write_bytes(receipts.signed())
    facts = receipts.facts()
    (tmp_path / "receipt.json").write_text(make_twin(facts, sign(facts.canonical())))
    for name in ("receipt.pdf", "receipt.json"):
        done = verify(tmp_path, name, "--keys", "keys.json")
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        assert (said["authentic"], said["number"], said["received_at"]) == (
            True,
            facts.number,
            facts.received_at,
        )
        assert said["checked"] == "SIGNATURE"
    assert not (tmp_path / "data" / "embedded").exists()  # no server was started
    content = (tmp_path / "receipt.pdf").read_bytes()
    (tmp_path / "receipt.pdf").write_bytes(content.replace(b"/Lang (fr-CA)", b"/Lang (fr-FR)"))
    done = verify(tmp_path, "receipt.pdf", "--keys=keys.json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"authentic": False, "reason": "BYTES", "checked": "SIGNATURE"}
    assert verify(tmp_path, "missing.pdf", "--keys", "keys.json").returncode == 2
