"""R12 (`docs/targets.md`): a dump and files restored on empty servers: invariants hold, a missing file is found."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from intake.devtools import embedded
from tests.faults.figures_from_tests import write_figures

FILE_SOME = """
from intake.outbox.models import Delivery
from intake.outbox.tasks import deliver
for kind in ("DOSSIER", "RECEIPT_PDF"):
    for delivery in Delivery.objects.filter(kind=kind).order_by("pk")[:2]:
        deliver(delivery.pk)
from intake.transparency.services import append_leaves, publish_root
append_leaves()
publish_root()
"""


def run(folder: Path, *command: str) -> tuple[int, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "DJANGO"))}
    answer = subprocess.run(
        [sys.executable, *command],
        cwd=embedded.BASE_DIR,
        env=kept | {"DATA_DIR": str(folder)},
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    return answer.returncode, answer.stdout


def drill(folder: Path) -> tuple[int, dict[str, Any]]:
    status, said = run(folder, "-m", "intake.devtools.embedded.restore_drill")
    return status, json.loads(said)


@pytest.mark.full
@pytest.mark.servers
def test_a_restored_portal_passes_its_checks_and_a_missing_file_fails_them(tmp_path: Path) -> None:
    source = tmp_path / "data"
    assert run(source, "manage.py", "load_demonstration_offers")[0] == 0
    _status, offers = run(
        source,
        "manage.py",
        "shell",
        "-v",
        "0",
        "-c",
        "from offers.models import Offer; print(Offer.objects.order_by('-closes_at')[0].number)",
    )
    generated = ["generate_submissions", "--offer", offers.split()[-1], "--count", "12"]
    assert run(source, "manage.py", *generated, "--through", "services")[0] == 0
    assert run(source, "manage.py", "shell", "-v", "0", "-c", FILE_SOME)[0] == 0

    status, said = drill(source)
    faults = [status]
    write_figures(
        "R12",
        faults,
        target="dump and files restored on an empty machine, invariants hold",
        note=f"{said['rows']['submissions_filing']} filings, {said['rows']['dossiers_dossier']} dossiers; "
        f"{said['check_invariants']['checked']} invariants, chains, digests, verdicts, files; {said['seconds']} s",
    )
    assert (status, said["holds"], said["lost"], said["failed"]) == (0, True, [], [])
    assert said["rows"]["dossiers_dossier"] == 2
    assert said["verify_dossiers"]["checked"] == said["rows"]["submissions_filing"] > 0

    assert said["rows"]["dossiers_signedreceipt"] == 2
    assert (
        said["verify_log"]["leaves"]
        == said["rows"]["transparency_leaf"]
        == said["rows"]["submissions_receipt"]
    )
    assert said["verify_log"]["roots"] == 1

    receipt = next((source / "media" / "receipts").iterdir())
    kept = receipt.read_bytes()
    receipt.unlink()
    status, said = drill(source)
    assert (status, said["failed"]) == (1, ["check_invariants"])
    assert said["check_invariants"]["violations"] == [
        {"invariant": "a_receipt_file_is_the_one_made", "id": receipt.stem}
    ]
    receipt.write_bytes(kept)

    next((source / "media" / "documents" / "received").iterdir()).unlink()
    status, said = drill(source)
    assert (status, said["holds"]) == (1, False)
    assert said["failed"] == ["check_invariants", "verify_dossiers"]
