"""What Prometheus reads at `/metrics` of `manage.py serve_metrics`: gauges that are read anew at each scrape.

None is about a person: labels are names of queues, kinds, states, reasons, servers and processes. Each group of gauges
is read apart, and what is not read by the deadline is left out and said in `intake_scrape_errors`.
`docs/operations/metrics.md` says what each means.
"""

import json
import logging
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from time import monotonic
from typing import Any, Final, override
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection, transaction
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Coalesce
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from intake.documents.virus_scan import scanner_answers
from intake.outbox import kinds
from intake.outbox.heartbeats import last_beats
from intake.outbox.models import Delivery, Message, Outage
from intake.outbox.policy import QUEUES
from intake.outbox.reports import RECENT_BOUNCE
from intake.outbox.selectors import database_instant, waits_for_server, workable
from intake.submissions.filing.operations import ArrivalExpiredError
from intake.submissions.models import Arrival, PendingUpload

from .invariants import last_daily_check
from .models import Backup

logger = logging.getLogger(__name__)

type Sample = tuple[str, tuple[str, ...], float]
"""Name, values of the labels, value."""
type Read = Callable[[datetime], Iterator[Sample]]

DEADLINE_SECONDS: Final = 8.0
"""Of a scrape; Prometheus gives up after ten seconds by default."""
WEB_SECONDS: Final = 3.0
"""Of the question to all web servers: `/readyz` answers within two."""
REFUSED_WITHIN: Final = timedelta(minutes=15)
FILED_WITHIN: Final = timedelta(minutes=5)
LAST_FILINGS: Final = 1000
"""Filings that are looked at: more in five minutes, and the figures are of the latest."""

GAUGES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "intake_queue_waiting": (
        "Deliveries that a worker could take, or that wait for a server that is away",
        ("queue",),
    ),
    "intake_queue_oldest_seconds": (
        "Seconds for which the oldest that a worker could take is due",
        ("queue",),
    ),
    "intake_deliveries": ("Deliveries that are not done", ("queue", "kind", "state")),
    "intake_delivery_oldest_seconds": (
        "Seconds since the oldest delivery that is due, under way or tried was asked for",
        ("queue", "kind"),
    ),
    "intake_mails_returned": (f"Mails that came back in the last {RECENT_BOUNCE.days} days", ()),
    "intake_arrivals_waiting": ("Arrivals that wait to be filed", ()),
    "intake_arrivals_oldest_seconds": ("Seconds since the oldest of them arrived", ()),
    "intake_arrivals_refused": ("Arrivals that were not filed, in the last 15 minutes", ("reason",)),
    "intake_arrival_to_receipt_seconds": (
        "From arrival to receipt, of filings of the last 5 minutes",
        ("quantile",),
    ),
    "intake_uploads_waiting": ("Received files that wait for their inspection", ()),
    "intake_uploads_oldest_seconds": ("Seconds since the oldest of them was received", ()),
    "intake_uploads_refused": ("Files that were refused, in the last 15 minutes", ("reason",)),
    "intake_outage_seconds": ("Seconds for which a server has been away; 0 if it answers", ("server",)),
    "intake_beat_age_seconds": ("Seconds since the last sign of life of a process", ("process",)),
    "intake_invariants": ("Invariants by the result of the last daily check", ("result",)),
    "intake_invariants_age_seconds": ("Seconds since the last daily check", ()),
    "intake_backup_age_seconds": ("Seconds since the last backup that `note_backup` was told of", ()),
    "intake_clock_timestamp_seconds": ("Clock of the database when it was read, in seconds since 1970", ()),
    "intake_storage_free_bytes": ("Free bytes of the folder of the files", ()),
    "intake_storage_size_bytes": ("All bytes of its file system", ()),
    "intake_virus_scanner_answers": ("1 if the virus scanner answers, if one is set", ()),
    "intake_ready": ("1 if every web server at this address is ready to take a filing", ("web",)),
    "intake_check": (
        "1 if the check of /readyz passes at every web server of this address",
        ("web", "check"),
    ),
    "intake_certificate_ends_timestamp_seconds": (
        "When the certificate that this address shows ends, in seconds since 1970",
        ("address",),
    ),
    "intake_scrape_errors": ("1 if this group could not be read at this scrape", ("group",)),
    "intake_scrape_seconds": ("Seconds that the reading of this group took", ("group",)),
}
"""What is said of each, and its labels."""
COUNTERS: Final = {
    "intake_arrivals_total": "submissions_arrival",
    "intake_filings_total": "submissions_filing",
    "intake_uploads_total": "submissions_pendingupload",
}
"""Tables whose inserted rows are counted, since the start of the database's server; what was rolled back too."""


# -- The database -----------------------------------------------------------------------------------------------
def read_deliveries(at: datetime) -> Iterator[Sample]:
    """Read what is not done, by queue and kind. Two queries, by the small indexes of what is open and what failed."""
    rows = list(
        Delivery.objects.filter(state__in=[Delivery.State.PENDING, Delivery.State.LEASED])
        .values("kind", "state")
        .annotate(
            number=Count("pk"),
            waiting=Count("pk", filter=workable(at) | waits_for_server()),
            due=Min("due_at", filter=workable(at)),
            oldest=Min(
                Coalesce("asked_again_at", "created_at"),
                filter=Q(due_at__lte=at) | Q(attempts__gt=0) | Q(outages__gt=0),
            ),
        )
    )
    for queue in QUEUES:
        mine = [row for row in rows if _queue_of(row["kind"]) == queue]
        yield "intake_queue_waiting", (queue,), sum(row["waiting"] for row in mine)
        yield "intake_queue_oldest_seconds", (queue,), _oldest((row["due"] for row in mine), at)
    for row in rows:
        yield "intake_deliveries", (_queue_of(row["kind"]), row["kind"], row["state"]), row["number"]
    for kind in sorted({row["kind"] for row in rows}):
        asked = (row["oldest"] for row in rows if row["kind"] == kind)
        yield "intake_delivery_oldest_seconds", (_queue_of(kind), kind), _oldest(asked, at)
    dead = Delivery.objects.filter(state=Delivery.State.DEAD).values_list("kind").annotate(Count("pk"))
    for kind, number in dead:
        yield "intake_deliveries", (_queue_of(kind), kind, Delivery.State.DEAD), number
    returned = Message.objects.filter(returned_at__gte=at - RECENT_BOUNCE, is_to_go_again=False)
    yield "intake_mails_returned", (), returned.count()


def _queue_of(kind: str) -> str:
    """Return the queue of a kind; `-` if this version does not know it."""
    try:
        return kinds.get(kind).queue
    except kinds.UnknownKindError:
        return "-"


def _oldest(instants: Iterator[datetime | None], at: datetime) -> float:
    """Return the seconds from the first of `instants` to `at`; 0 if there is none."""
    first = min((instant for instant in instants if instant is not None), default=at)
    return max(0.0, (at - first).total_seconds())


def read_arrivals(at: datetime) -> Iterator[Sample]:
    """Read what waits to be filed, what was refused, and how long the last filings took. Three queries."""
    waiting = Arrival.objects.filter(state=Arrival.State.WAITING)
    found = waiting.aggregate(number=Count("pk"), oldest=Min("arrived_at"))
    yield "intake_arrivals_waiting", (), found["number"]
    yield "intake_arrivals_oldest_seconds", (), _oldest(iter([found["oldest"]]), at)
    refused = Arrival.objects.filter(state=Arrival.State.REFUSED, settled_at__gt=at - REFUSED_WITHIN)
    reasons = {ArrivalExpiredError.code: 0} | dict(refused.values_list("reason").annotate(Count("pk")))
    for reason, number in reasons.items():
        yield "intake_arrivals_refused", (reason,), number
    with connection.cursor() as cursor:
        cursor.execute(_FILED, [LAST_FILINGS, at - FILED_WITHIN])
        (seconds,) = cursor.fetchone()
    for quantile, value in zip(("0.5", "0.95", "1"), seconds or (), strict=False):
        yield "intake_arrival_to_receipt_seconds", (quantile,), value


_FILED: Final = """
SELECT percentile_disc(ARRAY[0.5, 0.95, 1])
    WITHIN GROUP (ORDER BY extract(epoch FROM a.settled_at - a.arrived_at)::float)
FROM (SELECT arrival_id FROM submissions_filing ORDER BY id DESC LIMIT %s) f
    JOIN submissions_arrival a ON a.id = f.arrival_id
WHERE a.settled_at > %s
"""


def read_uploads(at: datetime) -> Iterator[Sample]:
    """Read which received files wait, and which were refused. Two queries."""
    waiting = PendingUpload.objects.filter(state=PendingUpload.State.RECEIVED)
    found = waiting.aggregate(number=Count("pk"), oldest=Min("received_at"))
    yield "intake_uploads_waiting", (), found["number"]
    yield "intake_uploads_oldest_seconds", (), _oldest(iter([found["oldest"]]), at)
    refused = PendingUpload.objects.filter(
        state=PendingUpload.State.REFUSED, settled_at__gt=at - REFUSED_WITHIN
    )
    for reason, number in refused.values_list("reason_code").annotate(Count("pk")):
        yield "intake_uploads_refused", (reason,), number


def read_outages(at: datetime) -> Iterator[Sample]:
    """Read the outages that last. One query."""
    away = dict(Outage.objects.filter(ended_at=None).values_list("server", "started_at"))
    for server in Outage.Server.values:
        yield "intake_outage_seconds", (server,), _oldest(iter([away.get(server)]), at)


def read_beats(_at: datetime) -> Iterator[Sample]:
    """Read the signs of life; infinite for a process that never gave one. One query."""
    for beat in last_beats():
        yield (
            "intake_beat_age_seconds",
            (beat.process,),
            float("inf") if beat.seconds is None else beat.seconds,
        )


def read_daily(at: datetime) -> Iterator[Sample]:
    """Read the last backup, and the last check of the invariants unless there was none. Three queries."""
    backup = Backup.objects.aggregate(last=Max("at"))["last"]
    yield "intake_backup_age_seconds", (), float("inf") if backup is None else (at - backup).total_seconds()
    last = last_daily_check()
    if last is not None:
        for result in ("held", "violated", "unknown"):
            yield "intake_invariants", (result,), getattr(last, result)
        yield "intake_invariants_age_seconds", (), (at - last.at).total_seconds()


def read_counters(at: datetime) -> Iterator[Sample]:
    """Read the clock, and how many rows the tables of `COUNTERS` were given. One query, of no row of theirs."""
    yield "intake_clock_timestamp_seconds", (), at.timestamp()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins FROM pg_stat_user_tables WHERE relname = ANY(%s)",
            [list(COUNTERS.values())],
        )
        inserted = dict(cursor.fetchall())
    for name, table in COUNTERS.items():
        yield name, (), inserted.get(table, 0)


_OF_DATABASE: Final[Mapping[str, Read]] = {
    "deliveries": read_deliveries,
    "arrivals": read_arrivals,
    "uploads": read_uploads,
    "outages": read_outages,
    "beats": read_beats,
    "daily": read_daily,
    "counters": read_counters,
}


def _within_deadline(read: Read) -> Callable[[float], list[Sample]]:
    """Return a function that reads from the database, whose statements end at its argument, of `monotonic`."""

    def run(until: float) -> list[Sample]:
        with transaction.atomic(), connection.cursor() as cursor:
            left = max(1, round(1000 * (until - monotonic())))
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(left)])
            return list(read(database_instant()))

    return run


# -- The others -------------------------------------------------------------------------------------------------
def read_storage(_until: float) -> list[Sample]:
    """Read the space of the folder of the files; nothing for a bucket."""
    if not isinstance(default_storage, FileSystemStorage):
        return []
    found = os.statvfs(default_storage.location)
    return [
        ("intake_storage_free_bytes", (), found.f_bavail * found.f_frsize),
        ("intake_storage_size_bytes", (), found.f_blocks * found.f_frsize),
    ]


def read_scanner(_until: float) -> list[Sample]:
    """Ask the virus scanner, if one is set."""
    return [("intake_virus_scanner_answers", (), scanner_answers())] if settings.VIRUS_SCANNER else []


def ask_webs(address: tuple[str, int], until: float) -> list[Sample]:
    """Ask `/readyz` of every web server that a name leads to. What does not answer is not ready."""
    host, port = address
    name = f"{host}:{port}"
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError:
        found = set()
    said = [_ask_web((each, port), until) for each in sorted(found)]
    checks: dict[str, bool] = {}
    for answer in said:
        for check, passed in answer.items():
            checks[check] = checks.get(check, True) and passed
    ready = bool(said) and all(answer.get("ready") for answer in said)
    checks.pop("ready", None)
    return [
        ("intake_ready", (name,), ready),
        *(("intake_check", (name, each), checks[each]) for each in checks),
    ]


def _ask_web(address: tuple[str, int], until: float) -> dict[str, bool]:
    """Return the checks of the answer that are known; none if there is no answer by `until`, of `monotonic`."""
    host = settings.ALLOWED_HOSTS[0].lstrip(".") if settings.ALLOWED_HOSTS else "localhost"
    asked = HTTPConnection(*address, timeout=max(0.1, until - monotonic()))
    try:
        asked.request("GET", "/readyz", headers={"Host": host})
        answer = asked.getresponse()
        said: Any = json.loads(answer.read(100_000))
        if answer.status not in {HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE} or not isinstance(said, dict):
            return {}
        return {str(name): passed for name, passed in said.items() if isinstance(passed, bool)}
    except (OSError, HTTPException, ValueError):
        return {}
    finally:
        asked.close()


def read_certificate(address: tuple[str, int], until: float) -> list[Sample]:
    """Read when the certificate that an address shows for the name of the site ends. It may have ended."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    name = urlsplit(settings.SITE_URL).hostname
    with (
        socket.create_connection(address, timeout=max(0.1, until - monotonic())) as plain,
        context.wrap_socket(plain, server_hostname=name) as encrypted,
    ):
        shown = encrypted.getpeercert(binary_form=True)
    assert shown is not None  # noqa: S101 -- a TLS server shows one
    ends = x509.load_der_x509_certificate(shown).not_valid_after_utc
    return [("intake_certificate_ends_timestamp_seconds", (f"{address[0]}:{address[1]}",), ends.timestamp())]


# -- A scrape ---------------------------------------------------------------------------------------------------
class Reader:
    """Reads some groups in a thread, one after the other, so that what hangs delays no other reader.

    A thread that hangs is not started again before it ends; its groups are errors meanwhile.
    """

    def __init__(self, groups: Mapping[str, Callable[[float], list[Sample]]], *, seconds: float) -> None:
        self.groups = groups
        self._seconds = seconds
        self._thread: threading.Thread | None = None
        self._read: dict[str, list[Sample]] = {}

    def start(self) -> None:
        """Begin to read, unless the last reading is still under way."""
        self._read = {}
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, args=(self._read,), daemon=True)
            self._thread.start()

    def samples(self, *, until: float) -> Mapping[str, list[Sample]]:
        """Return the groups that were read since `start`, by `until` of `monotonic`."""
        if self._thread is not None:
            self._thread.join(max(0.0, until - monotonic()))
        return dict(self._read)

    def _run(self, read: dict[str, list[Sample]]) -> None:
        until = monotonic() + self._seconds
        try:
            for group, read_group in self.groups.items():
                began = monotonic()
                try:
                    found = read_group(until)
                except Exception as error:  # noqa: BLE001 -- each library fails with its own exceptions
                    logger.warning("metrics of %s cannot be read: %s", group, type(error).__name__)
                else:
                    read[group] = [*found, ("intake_scrape_seconds", (group,), round(monotonic() - began, 3))]
        finally:
            connection.close()  # of this thread: back to the pool


class PortalCollector(Collector):
    """Collects all metrics of the portal. One scrape at a time."""

    def __init__(
        self, *, webs: Sequence[tuple[str, int]] = (), certificates: Sequence[tuple[str, int]] = ()
    ) -> None:
        self._lock = threading.Lock()
        seconds = DEADLINE_SECONDS - 1
        database = {group: _within_deadline(read) for group, read in _OF_DATABASE.items()}
        self.readers = [
            Reader(database, seconds=seconds),
            Reader({"storage": read_storage}, seconds=seconds),
            Reader({"virus scanner": read_scanner}, seconds=seconds),
            *(Reader({f"web {web[0]}": partial(ask_webs, web)}, seconds=WEB_SECONDS) for web in webs),
            *(
                Reader({f"certificate {each[0]}": partial(read_certificate, each)}, seconds=WEB_SECONDS)
                for each in certificates
            ),
        ]

    @override
    def collect(self) -> Iterator[Metric]:
        """Read everything, for at most `DEADLINE_SECONDS`."""
        with self._lock:
            until = monotonic() + DEADLINE_SECONDS
            for reader in self.readers:
                reader.start()
            samples: list[Sample] = []
            for reader in self.readers:
                read = reader.samples(until=until)
                for group in reader.groups:
                    samples += read.get(group, [])
                    samples.append(("intake_scrape_errors", (group,), group not in read))
        yield from _families(samples)

    def describe(self) -> Iterator[Metric]:
        """Return nothing: to register the collector reads nothing."""
        return iter(())


def _families(samples: Sequence[Sample]) -> Iterator[Metric]:
    families: dict[str, GaugeMetricFamily | CounterMetricFamily] = {
        **{name: GaugeMetricFamily(name, said, labels=labels) for name, (said, labels) in GAUGES.items()},
        **{
            name: CounterMetricFamily(name, f"Rows that {table} was given", labels=())
            for name, table in COUNTERS.items()
        },
    }
    for name, labels, value in samples:
        families[name].add_metric(labels, value)
    return iter(families.values())
