"""What `/metrics` says: gauges read anew at each scrape, of no person, by few statements, within a deadline."""

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn, override
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from intake.devtools.embedded import Urls
from intake.operations import metrics
from intake.operations.invariants import CHECK_INVARIANT, CHECK_INVARIANTS, InvariantViolatedError
from intake.operations.management.commands import serve_metrics
from intake.operations.metrics import GAUGES, PortalCollector, Reader, Sample
from intake.operations.models import Backup
from intake.outbox.heartbeats import Heart
from intake.outbox.models import Delivery, Message, Outage
from intake.outbox.selectors import database_instant
from intake.outbox.services import post
from intake.signing.services import current_key
from intake.submissions.delivery_kinds import DOSSIER, RECEIPT_MAIL
from intake.submissions.filing.arrivals import file_arrival
from intake.submissions.models import Arrival, PendingUpload
from tests.factories.arrivals import make_refused_arrival
from tests.factories.everything import make_everything
from tests.factories.submissions import make_arrival, make_draft, make_filing, make_waiting_upload
from tests.outbox.conftest import application_address

PAGE = Path(__file__).parents[2] / "docs" / "operations" / "metrics.md"
type Values = dict[tuple[str, ...], float]


def values_of(samples: list[Sample]) -> Values:
    """Return the samples by name and labels."""
    return {(name, *labels): value for name, labels, value in samples}


def read(group: str, *, later: float = 0) -> Values:
    """Read a group of the database, `later` seconds from now."""
    at = database_instant() + timedelta(seconds=later)
    return values_of(list(metrics._OF_DATABASE[group](at)))


# -- The database -------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_what_waits_is_measured_by_queue_and_kind() -> None:
    with transaction.atomic():
        for key, kind in (("1", DOSSIER), ("2", DOSSIER), ("3", RECEIPT_MAIL)):
            post(kind=kind, key=key, subject="x")
        post(kind=RECEIPT_MAIL, key="4", subject="x", at=timezone.now() + timedelta(days=1))
    Delivery.objects.filter(kind=DOSSIER, key="1").update(
        state="LEASED",
        leased_until=Now() + timedelta(minutes=3),
        lease_token="0" * 32,
        due_at=F("created_at"),
    )
    found = read("deliveries", later=90)
    assert found["intake_queue_waiting", "documents"] == 1, "the other is under way"
    assert found["intake_queue_waiting", "mail"] == 1, "the other is of tomorrow"
    assert found["intake_queue_waiting", "uploads"] == found["intake_queue_oldest_seconds", "uploads"] == 0
    assert found["intake_queue_oldest_seconds", "mail"] == pytest.approx(90, abs=5)
    assert found["intake_deliveries", "documents", DOSSIER, "PENDING"] == 1
    assert found["intake_deliveries", "documents", DOSSIER, "LEASED"] == 1
    assert found["intake_delivery_oldest_seconds", "documents", DOSSIER] == pytest.approx(90, abs=5)


@pytest.mark.django_db
def test_a_mail_whose_server_is_away_counts_although_its_next_try_is_later() -> None:
    with transaction.atomic():
        mail = post(kind=RECEIPT_MAIL, key="1", subject="x")
    Delivery.objects.filter(pk=mail.pk).update(outages=1, due_at=F("due_at") + timedelta(hours=1))
    found = read("deliveries", later=70)
    assert found["intake_queue_waiting", "mail"] == 1
    assert found["intake_delivery_oldest_seconds", "mail", RECEIPT_MAIL] == pytest.approx(70, abs=5)


@pytest.mark.django_db
def test_failed_and_returned_mails_are_counted() -> None:
    with transaction.atomic():
        mail = post(kind=RECEIPT_MAIL, key="1", subject="x")
        Delivery.objects.create(kind="FORGOTTEN", key="1", subject_id="x", due_at=Now(), created_at=Now())
    Message.objects.create(delivery=mail, message_id="<1@x>", to_address="a@x.invalid", created_at=Now())
    assert read("deliveries")["intake_mails_returned",] == 0
    Message.objects.update(returned_at=Now())
    Delivery.objects.filter(pk=mail.pk).update(state="DEAD")
    found = read("deliveries")
    assert found["intake_mails_returned",] == found["intake_deliveries", "mail", RECEIPT_MAIL, "DEAD"] == 1
    assert found["intake_deliveries", "-", "FORGOTTEN", "PENDING"] == 1, "of a version that knew it"


@pytest.mark.django_db
def test_arrivals_are_measured_while_they_wait_and_when_they_are_refused() -> None:
    assert read("arrivals") == {
        ("intake_arrivals_waiting",): 0,
        ("intake_arrivals_oldest_seconds",): 0,
        ("intake_arrivals_refused", "ARRIVAL_EXPIRED"): 0,
    }
    make_arrival()
    make_arrival()
    make_refused_arrival(make_draft(), reason="ARRIVAL_EXPIRED")
    make_refused_arrival(make_draft(), reason="NOT_ELIGIBLE")
    found = read("arrivals", later=90)
    assert found["intake_arrivals_waiting",] == 2
    assert found["intake_arrivals_oldest_seconds",] == pytest.approx(90, abs=20)
    assert (
        found["intake_arrivals_refused", "ARRIVAL_EXPIRED"]
        == found["intake_arrivals_refused", "NOT_ELIGIBLE"]
        == 1
    )
    assert ("intake_arrivals_refused", "NOT_ELIGIBLE") not in read("arrivals", later=16 * 60)


@pytest.mark.django_db
def test_the_time_from_arrival_to_receipt_is_that_of_the_last_filings() -> None:
    assert ("intake_arrival_to_receipt_seconds", "1") not in read("arrivals")
    make_filing()  # at once, by a command: without an arrival
    arrival = make_arrival()
    assert arrival.draft is not None
    file_arrival(arrival=arrival, actor=arrival.draft.submission.candidate)
    settled = Arrival.objects.get(pk=arrival.pk)
    assert settled.settled_at is not None
    found = read("arrivals")
    taken = (settled.settled_at - settled.arrived_at).total_seconds()
    for quantile in ("0.5", "0.95", "1"):
        assert found["intake_arrival_to_receipt_seconds", quantile] == pytest.approx(taken)
    assert ("intake_arrival_to_receipt_seconds", "1") not in read("arrivals", later=301)


@pytest.mark.django_db
def test_received_files_are_measured_while_they_wait_and_when_they_are_refused() -> None:
    upload = make_waiting_upload(make_draft(documents=False))
    make_waiting_upload(make_draft(documents=False))
    PendingUpload.objects.filter(pk=upload.pk).update(
        state="REFUSED", reason_code="DAMAGED", file="", settled_at=Now()
    )
    found = read("uploads", later=30)
    assert found["intake_uploads_waiting",] == found["intake_uploads_refused", "DAMAGED"] == 1
    assert found["intake_uploads_oldest_seconds",] == pytest.approx(30, abs=20)
    assert ("intake_uploads_refused", "DAMAGED") not in read("uploads", later=16 * 60)


@pytest.mark.django_db
def test_an_outage_and_each_silent_process_are_measured() -> None:
    for server, ended in (("MAIL", None), ("CACHE", Now())):
        Outage.objects.create(
            server=server, started_at=Now() - timedelta(minutes=2), seen_at=Now(), reason="x", ended_at=ended
        )
    found = read("outages")
    assert found["intake_outage_seconds", "MAIL"] == pytest.approx(120, abs=5)
    assert {name[1] for name in found} == set(Outage.Server.values)
    assert found["intake_outage_seconds", "CACHE"] == found["intake_outage_seconds", "STORAGE"] == 0
    Heart("sweeper").beat()
    beats = read("beats")
    assert beats["intake_beat_age_seconds", "sweeper"] == pytest.approx(0, abs=5)
    assert (
        beats["intake_beat_age_seconds", "filing-sweeper"]
        == beats["intake_beat_age_seconds", "beat"]
        == float("inf")
    )


@pytest.mark.django_db
def test_violated_invariants_of_the_last_daily_check_are_counted() -> None:
    assert "intake_invariants_age_seconds" not in {name for name, *_labels in read("daily")}
    violated = InvariantViolatedError.code
    with transaction.atomic():
        for kind, keys in ((CHECK_INVARIANTS, ["1"]), (CHECK_INVARIANT, ["1/a", "1/b", "1/c", "0/a"])):
            for key in keys:
                post(kind=kind, key=key, subject="x")
    asked = Delivery.objects.filter(kind=CHECK_INVARIANT)
    asked.filter(key="1/a").update(state="DONE", done_at=Now())
    asked.filter(key__in=["1/b", "0/a"]).update(state="DEAD", last_error=violated)
    found = read("daily", later=60)
    del found["intake_backup_age_seconds",]
    assert found.pop(("intake_invariants_age_seconds",)) == pytest.approx(60, abs=5)
    assert found == {
        ("intake_invariants", "held"): 1,
        ("intake_invariants", "violated"): 1,
        ("intake_invariants", "unknown"): 1,
    }


@pytest.mark.django_db
def test_the_age_of_the_last_backup_is_measured() -> None:
    assert read("daily") == {("intake_backup_age_seconds",): float("inf")}
    for hours in (27, 3):
        Backup.objects.create(at=Now() - timedelta(hours=hours))
    assert read("daily")["intake_backup_age_seconds",] == pytest.approx(3 * 3600, abs=5)


@pytest.mark.django_db
def test_the_clock_of_the_database_is_read() -> None:
    assert read("counters")["intake_clock_timestamp_seconds",] == pytest.approx(time.time(), abs=5)


def _read_database() -> list[Sample]:
    return [sample for group in metrics._OF_DATABASE.values() for sample in group(database_instant())]


@pytest.mark.django_db
def test_a_scrape_needs_the_same_few_statements_whatever_is_stored() -> None:
    _read_database()
    with CaptureQueriesContext(connection) as before:
        _read_database()
    make_everything()
    make_arrival()
    with CaptureQueriesContext(connection) as after:
        _read_database()
    assert len(after) == len(before) <= 20


@pytest.mark.django_db
def test_a_scrape_reads_no_large_table_from_end_to_end() -> None:
    make_everything()
    with CaptureQueriesContext(connection) as queries:
        _read_database()
    large = ("outbox_delivery", "outbox_message", "submissions_arrival", "submissions_filing")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # where an index serves, it is used
        for query in list(queries):
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            for table in (*large, "submissions_pendingupload"):
                assert f"Seq Scan on {table}" not in plan, plan


@pytest.mark.django_db
def test_no_sample_is_about_a_person() -> None:
    whole = make_everything()
    read_now = _read_database()
    allowed = {"queue", "kind", "state", "reason", "quantile", "server", "process", "result"}
    for name, labels, value in read_now:
        assert isinstance(value, int | float)
        if name in GAUGES:
            assert set(GAUGES[name][1]) <= allowed
            assert len(labels) == len(GAUGES[name][1])
    said = repr(read_now)
    person = whole.selected.candidate
    for word in (
        person.email,
        str(person.public_id),
        str(whole.selected.pk),
        whole.selected.candidate.email.split("@")[0],
    ):
        assert f"'{word}'" not in said


# -- The storage and the servers -----------------------------------------------------------------------------------
def test_the_space_of_the_folder_is_measured_and_none_of_a_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "default_storage", FileSystemStorage(location=tmp_path))
    found = values_of(metrics.read_storage(0))
    assert 0 < found["intake_storage_free_bytes",] <= found["intake_storage_size_bytes",]
    monkeypatch.setattr(metrics, "default_storage", InMemoryStorage())
    assert metrics.read_storage(0) == []


def test_a_virus_scanner_is_measured_if_one_is_set(settings: Settings) -> None:
    settings.VIRUS_SCANNER = None
    assert metrics.read_scanner(0) == []
    settings.VIRUS_SCANNER = object()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "scanner_answers", lambda: True)
        assert metrics.read_scanner(0) == [("intake_virus_scanner_answers", (), True)]


@contextmanager
def web_server(answer: Callable[[], tuple[int, Any]]) -> Iterator[tuple[str, int]]:
    """A web server of this machine that answers each request so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, said = answer()
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status if self.headers["Host"] == "portail.exemple" else 400)
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, *_given: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield "127.0.0.1", server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_web_server_is_ready_if_its_own_probe_passes(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = [".portail.exemple"]
    said: list[tuple[int, Any]] = [(200, {"ready": True, "storage": True, "intake_invariants": None})]
    with web_server(lambda: said[0]) as web:
        name = f"127.0.0.1:{web[1]}"

        def ask() -> Values:
            return values_of(metrics.ask_webs(web, time.monotonic() + 3))

        assert ask() == {("intake_ready", name): True, ("intake_check", name, "storage"): True}
        said[0] = (503, {"ready": False, "storage": False})
        assert ask() == {("intake_ready", name): False, ("intake_check", name, "storage"): False}
        for wrong in ((500, {"ready": True}), (200, b"<html>"), (200, ["ready"])):
            said[0] = wrong
            assert ask() == {("intake_ready", name): False}
    assert ask() == {("intake_ready", name): False}, "it is stopped"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", _find_nothing)
        assert ask() == {("intake_ready", name): False}, "its name leads nowhere"


def _find_nothing(*_given: Any, **_options: Any) -> NoReturn:
    raise socket.gaierror


def test_the_end_of_the_certificate_of_the_site_is_read(tmp_path: Path, settings: Settings) -> None:
    settings.SITE_URL = "https://portail.exemple"
    key = current_key()
    for file, text in (
        ("key", key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())),
        ("certificate", key.certificate.public_bytes(Encoding.PEM)),
    ):
        (tmp_path / file).write_bytes(text)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate", tmp_path / "key")
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    web = ("127.0.0.1", server.server_port)
    ((name, labels, value),) = metrics.read_certificate(web, time.monotonic() + 3)
    thread.join(5)
    server.server_close()
    assert (name, labels) == ("intake_certificate_ends_timestamp_seconds", (f"127.0.0.1:{web[1]}",))
    assert value == key.certificate.not_valid_after_utc.timestamp()


# -- A scrape -----------------------------------------------------------------------------------------------------
def test_a_group_that_fails_or_hangs_is_named_and_delays_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = threading.Event()

    def hang(_until: float) -> list[Sample]:
        ends.wait(20)
        return [("intake_arrivals_waiting", (), 1)]

    def fail(_until: float) -> list[Sample]:
        raise OSError

    monkeypatch.setattr(metrics, "DEADLINE_SECONDS", 0.3)
    collector = PortalCollector()
    collector.readers = [
        Reader({"fails": fail, "good": lambda _until: [("intake_uploads_waiting", (), 7)]}, seconds=1),
        Reader({"hangs": hang}, seconds=1),
    ]
    registry = CollectorRegistry()
    registry.register(collector)
    for _scrape in range(2):
        began = time.monotonic()
        text = generate_latest(registry).decode()
        assert time.monotonic() - began < 2
        assert "intake_uploads_waiting 7.0" in text
        assert "\nintake_arrivals_waiting " not in text
        errors = {line for line in text.splitlines() if line.startswith("intake_scrape_errors{")}
        assert errors == {
            'intake_scrape_errors{group="fails"} 1.0',
            'intake_scrape_errors{group="good"} 0.0',
            'intake_scrape_errors{group="hangs"} 1.0',
        }
    waiting = [each for each in threading.enumerate() if each is collector.readers[1]._thread]
    ends.set()
    for each in waiting:
        each.join(5)
    assert "\nintake_arrivals_waiting 1.0" in generate_latest(registry).decode(), "it answers again"


# -- The process --------------------------------------------------------------------------------------------------
def _documented() -> set[tuple[str, ...]]:
    rows = re.findall(r"^\| `(intake_\w+)` \|(.*?)\|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {(name, *re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def test_the_page_of_metrics_lists_each_with_its_labels() -> None:
    gauges = {(name, *labels) for name, (_said, labels) in GAUGES.items()}
    assert _documented() == gauges | {(name,) for name in metrics.COUNTERS}


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_prometheus_reads_them_from_a_process_that_ends_at_its_signal(
    embedded_servers: Urls, tmp_path: Path
) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.outbox.worker.settings",
        "E2E_DATABASE": json.dumps(application_address(embedded_servers)),
        "E2E_BROKER": embedded_servers.broker,
        "E2E_SMTP": "smtp://127.0.0.1:9",
        "E2E_FOLDER": str(tmp_path),
        "DATABASE_URL": "named so that no server starts",
    }
    command = [
        sys.executable,
        "manage.py",
        "serve_metrics",
        "--address",
        "127.0.0.1:0",
        "--web",
        "127.0.0.1:9",
    ]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        asked = HTTPConnection(urlsplit(address).netloc, timeout=10)
        asked.request("GET", "/metrics")
        answer = asked.getresponse()
        text = answer.read().decode()
        asked.close()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert {name for name, family in families.items() if not family.name.startswith("intake_")} == set()
    errors = {sample.labels["group"]: sample.value for sample in families["intake_scrape_errors"].samples}
    assert errors.pop("storage") in {0, 1}, "the settings of this test have no storage"
    assert set(errors.values()) == {0}, errors
    assert [sample.value for sample in families["intake_ready"].samples] == [0], "no web server answers there"
    assert families["intake_arrivals_waiting"].samples[0].value == 0


@pytest.mark.parametrize("text", ["9101", "host", ":80", "host:port", "host:65536", "host:-1"])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="give a host and a port"):
        serve_metrics.address(text)
    assert serve_metrics.address("[::1]:9101") == ("::1", 9101)
