"""Rules of Prometheus: promtool takes them, each fires on its fault, in time, and not without it."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from intake.operations.metrics import COUNTERS, GAUGES
from intake.outbox.heartbeats import PROCESSES
from intake.outbox.models import Outage
from tests.settings.environment import ROOT

FILE = ROOT / "deploy" / "alerts" / "operations.yaml"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(FILE.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]
]
PROMTOOL = shutil.which("promtool")
DEADLINE: Final = 105
"""Seconds from a fault to a critical alert; Alertmanager takes ten more, and a look of Prometheus is up to 15 late."""

CASES: Final[dict[str, tuple[dict[str, str], dict[str, str], dict[str, str], int]]] = {
    # alert: (series of a portal without the fault, from the fault on, labels of the alert, seconds until it fires).
    # A series has a value each 15 seconds; `a+bxn`: from a on, b more each time.
    "MetricsSilent": (
        {'up{job="intake", instance="a"}': "1x40"},
        {'up{job="intake", instance="a"}': "0x40"},
        {},
        30,
    ),
    "MetricsUnread": (
        {'intake_scrape_errors{group="beats"}': "0x40"},
        {'intake_scrape_errors{group="beats"}': "1x40"},
        {"group": "beats"},
        60,
    ),
    "NotReady": (
        {'intake_ready{web="web:8000"}': "1x40"},
        {'intake_ready{web="web:8000"}': "0x40"},
        {"web": "web:8000"},
        30,
    ),
    "ClockOff": (
        {'intake_check{web="web:8000", check="clock"}': "1x40", "intake_clock_timestamp_seconds": "9+15x40"},
        {"intake_clock_timestamp_seconds": "-11+15x40"},
        {},
        30,
    ),
    "ArrivalsWait": (
        {"intake_arrivals_oldest_seconds": "60x40"},
        {"intake_arrivals_oldest_seconds": "0+15x40"},
        {},
        75,
    ),
    "ArrivalExpired": (
        {
            'intake_arrivals_refused{reason="ARRIVAL_EXPIRED"}': "0x40",
            'intake_arrivals_refused{reason="NOT_ELIGIBLE"}': "9x40",
        },
        {'intake_arrivals_refused{reason="ARRIVAL_EXPIRED"}': "1x40"},
        {"reason": "ARRIVAL_EXPIRED"},
        0,
    ),
    "ProcessSilent": (
        {f'intake_beat_age_seconds{{process="{name}"}}': "20x40" for name in PROCESSES},
        # The others give signs: one sweep does not hide another's silence.
        {
            f'intake_beat_age_seconds{{process="{name}"}}': "0+15x40" if name == "filing-sweeper" else "20x40"
            for name in PROCESSES
        },
        {"process": "filing-sweeper"},
        75,
    ),
    "WorkerSilent": (
        {
            'intake_beat_age_seconds{process="sweeper"}': "90x40",
            'intake_beat_age_seconds{process="filer"}': "20x40",
        },
        {'intake_beat_age_seconds{process="filer"}': "0+15x40"},
        {"process": "filer"},
        75,
    ),
    "NeededServerAway": (
        {
            'intake_outage_seconds{server="MAIL"}': "0x40",
            'intake_outage_seconds{server="CACHE"}': "9x40",
        },
        {'intake_outage_seconds{server="MAIL"}': "1+15x40"},
        {"server": "MAIL"},
        15,
    ),
    "OtherServerAway": (
        {'intake_outage_seconds{server="BROKER"}': "0x40"},
        {'intake_outage_seconds{server="BROKER"}': "1+15x40"},
        {"server": "BROKER"},
        15,
    ),
    "ScannerAway": (
        {"intake_virus_scanner_answers": "1x40"},
        {"intake_virus_scanner_answers": "0x40"},
        {},
        30,
    ),
    "MailStuck": (
        {
            'intake_delivery_oldest_seconds{queue="mail", kind="A"}': "60x40",
            'intake_delivery_oldest_seconds{queue="documents", kind="B"}': "900x40",
        },
        {
            'intake_delivery_oldest_seconds{queue="mail", kind="A"}': "0+15x40",
            'intake_delivery_oldest_seconds{queue="mail", kind="B"}': "3x40",
        },
        {"queue": "mail"},
        90,
    ),
    "UploadsWait": (
        {"intake_uploads_oldest_seconds": "75x40"},
        {"intake_uploads_oldest_seconds": "0+15x40"},
        {},
        90,
    ),
    "UploadsPileUp": ({"intake_uploads_waiting": "100x40"}, {"intake_uploads_waiting": "101x40"}, {}, 0),
    "QueueOld": (
        {
            'intake_queue_oldest_seconds{queue="receipts"}': "600x40",
            'intake_queue_oldest_seconds{queue="exports"}': "3600x40",
        },
        {
            'intake_queue_oldest_seconds{queue="receipts"}': "0x40",
            'intake_queue_oldest_seconds{queue="exports"}': "3601x40",
        },
        {"queue": "exports"},
        0,
    ),
    "DossiersLate": (
        {
            'intake_delivery_oldest_seconds{queue="documents", kind="DOSSIER"}': "14400x40",
            'intake_delivery_oldest_seconds{queue="documents", kind="OTHER"}': "99999x40",
        },
        {'intake_delivery_oldest_seconds{queue="documents", kind="DOSSIER"}': "14401x40"},
        {"queue": "documents", "kind": "DOSSIER"},
        0,
    ),
    "DeliveriesFailed": (
        {
            'intake_deliveries{queue="mail", kind="A", state="PENDING"}': "9x40",
            'intake_deliveries{queue="documents", kind="CHECK_INVARIANT", state="DEAD"}': "9x40",
        },
        {'intake_deliveries{queue="mail", kind="A", state="DEAD"}': "1x40"},
        {"queue": "mail"},
        0,
    ),
    "StorageFull": (
        {"intake_storage_free_bytes": "1000000000x40"},
        {"intake_storage_free_bytes": "999999999x40"},
        {},
        0,
    ),
    "StorageLow": (
        {"intake_storage_free_bytes": "2000000000x40", "intake_storage_size_bytes": "10000000000x40"},
        {"intake_storage_free_bytes": "2000000000x40", "intake_storage_size_bytes": "20000000000x40"},
        {},
        300,
    ),
    "CertificateEnds": (
        {'intake_certificate_ends_timestamp_seconds{address="proxy:443"}': "1300000x40"},
        {'intake_certificate_ends_timestamp_seconds{address="proxy:443"}': "1200000x40"},
        {"address": "proxy:443"},
        0,
    ),
    "InvariantsViolated": (
        {'intake_invariants{result="violated"}': "0x40", 'intake_invariants{result="held"}': "60x40"},
        {'intake_invariants{result="violated"}': "1x40"},
        {"result": "violated"},
        0,
    ),
    "InvariantsUnchecked": (
        {"intake_invariants_age_seconds": "172800x40"},
        {"intake_invariants_age_seconds": "172801x40"},
        {},
        0,
    ),
    "BackupLate": (
        {"intake_backup_age_seconds": "93600x40"},
        {"intake_backup_age_seconds": "93601x40"},
        {},
        0,
    ),
}


def _test(
    rule: dict[str, Any], series: dict[str, str], firing: dict[str, str] | None, at: int
) -> dict[str, Any]:
    """Return a test of promtool: at `at`, the alert fires with the labels `firing`, or does not if they are None."""
    expected = {"exp_labels": rule["labels"] | (firing or {}), "exp_annotations": rule["annotations"]}
    return {
        "interval": "15s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [
            {
                "eval_time": f"{at}s",
                "alertname": rule["alert"],
                "exp_alerts": [] if firing is None else [expected],
            }
        ],
    }


def _promtool(*arguments: str) -> "subprocess.CompletedProcess[str]":
    if PROMTOOL is None:
        pytest.skip("no promtool here; scripts/setup --tests installs Debian's")
    return subprocess.run([PROMTOOL, *arguments], check=False, capture_output=True, text=True)


def test_promtool_takes_the_rules() -> None:
    answer = _promtool("check", "rules", str(FILE))
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_each_rule_has_its_case() -> None:
    assert [rule["alert"] for rule in RULES] == [*CASES]


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alert_fires_on_its_fault_and_not_without_it(rule: dict[str, Any], tmp_path: Path) -> None:
    calm, fault, labels, after = CASES[rule["alert"]]
    if rule["labels"]["severity"] == "critical":
        assert after <= DEADLINE
    tests = [_test(rule, calm, None, 600), _test(rule, fault, labels, after)]
    if after:
        tests.append(_test(rule, fault, None, after - 15))
    file = tmp_path / "rules_test.yaml"
    said = {"rule_files": [str(FILE)], "evaluation_interval": "15s", "tests": tests}
    file.write_text(yaml.safe_dump(said), encoding="utf-8")
    answer = _promtool("test", "rules", str(file))
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_rules_read_metrics_and_labels_that_exist() -> None:
    for rule in RULES:
        read = set(re.findall(r"\bintake_\w+", rule["expr"]))
        assert read or rule["alert"] == "MetricsSilent"
        assert read <= GAUGES.keys() | COUNTERS.keys(), rule["alert"]
        labels = {label for name in read for label in GAUGES[name][1]} | {"job"}
        named = set(re.findall(r'(\w+)(?:=|!)~?"', rule["expr"])) | set(
            re.findall(r"by \((\w+)\)", rule["expr"])
        )
        assert named <= labels, rule["alert"]


def test_the_outage_of_each_server_has_an_alert() -> None:
    named = [set(found.split("|")) for found in re.findall(r'server=~"([\w|]+)"', FILE.read_text("utf-8"))]
    assert sorted(name for names in named for name in names) == sorted(Outage.Server.values)


def test_each_alert_has_its_page_and_its_advice() -> None:
    page = (ROOT / "docs" / "operations" / "metrics.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([A-Z]\w+)` \|", page, re.MULTILINE) == [rule["alert"] for rule in RULES]
    for rule in RULES:
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"].keys() == {"summary", "runbook"}
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["runbook"].startswith("docs/operations/")
        assert (ROOT / rule["annotations"]["runbook"]).is_file(), rule["alert"]
