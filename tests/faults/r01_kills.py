"""R1, R2 and R5 (`docs/targets.md`): a thousand kills, in portals side by side; answers given, times of mails."""

import json
import subprocess
import sys
from collections import Counter
from typing import Any

from intake.devtools import embedded
from tests.faults.failure_points import ONE_OF_EACH_KIND, POINTS
from tests.faults.measuring import Measured, Options, measured, percentile

KEYS = ("R1", "R2", "R5")
ENOUGH_KILLS, ENOUGH_POINTS = 1000, 18
RECEIPT_P99, RECEIPT_MOST, DOSSIER_P99 = 10, 30, 60  # seconds
MIN_FILED = 0.8
"""Minimum share of rounds with a filing: some rounds kill a candidate's only click. Fewer would test too little."""
SMOKE_KILLS = len(ONE_OF_EACH_KIND)


def measure(options: Options) -> dict[str, Measured]:
    """Kill `options.kills` times, divided among portals; each lane has its own schedule, derived from the seed."""
    kills, lanes = (SMOKE_KILLS, 1) if options.smoke else (options.kills, options.lanes)
    started = []
    for lane in range(lanes):
        folder = options.folder / f"lane{lane}"
        share = kills // lanes + (lane < kills % lanes)
        command = [sys.executable, "-m", "tests.faults.kill_rounds", "--kills", str(share)]
        command += ["--seed", str(options.seed), "--lane", str(lane), "--folder", str(folder)]
        command += ["--each-kind"] if options.smoke else []
        started.append((folder, subprocess.Popen(command, cwd=embedded.BASE_DIR)))
    results = []
    for folder, process in started:
        if process.wait() != 0:
            message = f"a lane ended badly; see {folder}"
            raise RuntimeError(message)
        results.append(json.loads((folder / "lane.json").read_text(encoding="utf-8")))
    return figures(results, seed=options.seed)


def figures(results: list[dict[str, Any]], *, seed: int) -> dict[str, Measured]:
    """Return the figures of all lanes together."""
    kills: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for result in results:
        kills.update(result["kills"])
        missed.update(result["missed"])
    violations = [line for result in results for line in result["violations"]]
    receipts = [seconds for result in results for _point, seconds in result["receipt_seconds"]]
    dossiers = [seconds for result in results for _point, seconds in result["dossier_seconds"]]
    filings = sum(result["filings"] for result in results)
    rounds = kills.total() + missed.total()
    enough_filed = bool(filings) and filings >= MIN_FILED * rounds
    every_time = len(receipts) == len(dossiers) == filings
    uploads = [seconds for result in results for _point, seconds in result["upload_seconds"]]
    again = sum(len(result["refused_uploads"]) for result in results)
    duplicates = Counter(point for result in results for point in result["duplicates"])
    twice = [line for line in violations if line.startswith("twice:")]
    allowed = {point.name for point in POINTS if point.may_send_twice}
    for line in violations:
        sys.stderr.write(f"violation: {line}\n")
    receipt, dossier, most = (
        percentile(receipts, 0.99),
        percentile(dossiers, 0.99),
        max(receipts, default=0.0),
    )
    return {
        "R1": measured(
            len(violations),
            f"0 over >= {ENOUGH_KILLS} kills at >= {ENOUGH_POINTS} points",
            holds=not violations
            and enough_filed
            and kills.total() >= ENOUGH_KILLS
            and len(kills) >= ENOUGH_POINTS,
            note=f"{kills.total()} kills at {len(kills)} of {len(POINTS)} points, seed {seed}, "
            f"{filings} filings in {rounds} rounds, {missed.total()} points not reached in time; "
            f"{len(uploads)} uploads answered, said to be added or refused after p50 "
            f"{percentile(uploads, 0.5):.1f} s, at most {max(uploads, default=0.0):.1f} s; {again} to be sent again"
            + "".join(f"; {line}" for line in violations[:3]),
            values=[float(len(result["violations"])) for result in results],
        ),
        "R2": measured(
            receipt,
            f"receipt <= {RECEIPT_P99} s p99, <= {RECEIPT_MOST} s at most; dossier <= {DOSSIER_P99} s p99",
            holds=enough_filed
            and every_time
            and receipt <= RECEIPT_P99
            and most <= RECEIPT_MOST
            and dossier <= DOSSIER_P99,
            note=f"seconds from filing to mail: receipt p50 {percentile(receipts, 0.5):.2f}, p99 {receipt:.2f}, "
            f"most {most:.2f}; dossier p50 {percentile(dossiers, 0.5):.2f}, p99 {dossier:.2f}; "
            f"{len(receipts)} receipts and {len(dossiers)} dossiers of {filings} filings",
            values=receipts,
        ),
        "R5": measured(
            len(twice),
            "0 duplicates but for kills between 250 and our commit",
            holds=not twice and enough_filed,
            note=f"{duplicates.total()} mails came twice, all with their first Message-ID: "
            + (", ".join(f"{name} ({count})" for name, count in sorted(duplicates.items())) or "none")
            + f"; {sum(kills[name] for name in allowed)} kills where that is allowed",
        ),
    }
