"""R8 (`docs/targets.md`): 2,000 filings within two seconds of a closing instant, by `manage.py deadline_drill`."""

import json
import os
import subprocess
import sys

from intake.devtools import embedded
from tests.faults.measuring import Measured, Options, measured

KEYS = ("R8",)
FILINGS, SMOKE_FILINGS = 2000, 20
SPREAD = 2.0  # seconds
FAULTS = ("late_accepted", "on_time_refused", "lost", "double")


def measure(options: Options) -> dict[str, Measured]:
    """Run the drill once on its own servers, and count its faults."""
    count = SMOKE_FILINGS if options.smoke else FILINGS
    command = [
        sys.executable,
        "manage.py",
        "deadline_drill",
        "--submissions",
        str(count),
        "--spread",
        str(SPREAD),
    ]
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    answer = subprocess.run(
        command,
        cwd=embedded.BASE_DIR,
        env=kept | {"DATA_DIR": str(options.folder / "data"), "DJANGO_SETTINGS_MODULE": embedded.SETTINGS},
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    found = json.loads(answer.stdout)
    faults = sum(found[name] for name in FAULTS)
    note = (
        f"{found['attempted']} sent within ±{SPREAD:g} s: {found['accepted']} accepted, {found['refused_late']} refused"
        f" ({found['sent_in_time_refused']} of them sent in time and served after it), {found['receipts']} receipts; "
        f"answers p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms; "
        f"from sending to the database's instant p99 {found['send_to_received_p99_ms']} ms"
    )
    holds = answer.returncode == 0 and not faults and found["attempted"] == count
    return {"R8": measured(faults, "0 late accepted, on time refused, lost, double", holds=holds, note=note)}
