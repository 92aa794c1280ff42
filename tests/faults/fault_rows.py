"""The faults that a portal must tell of, one row each: how it is put in and lifted, and what must say so, where."""

import secrets
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tests.faults.installation import SPARE, Installation

type Act = Callable[[Installation], object]
_A_MINUTE_AHEAD: Final = {
    "LD_PRELOAD": "".join(map(str, list(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))[:1])),
    "FAKETIME": "+60s",
}
"""Variables of a process whose clock is wrong: Debian's package `faketime`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `probe`: the check of `/readyz` that fails. `alerts`: by name, each with labels that it must have.

    `page`: the line of *État du portail*. `log`: a process, and what its log says. `no answer` where no web serves.
    Faults of one `lane` follow one another; those that are `alone` hide others.
    """

    name: str
    lane: str
    put_in: Act
    lift: Act
    probe: str = ""
    alerts: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    page: str = ""
    log: tuple[str, str] | None = None
    web: str = "web"
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """A process that must not start with some `variables`, and the words of its one line."""

    name: str
    command: tuple[str, ...]
    variables: Mapping[str, str]
    says: tuple[str, ...]


# -- Servers ------------------------------------------------------------------------------------------------------
def _away(server: str) -> Mapping[str, Mapping[str, str]]:
    needed = server in {"MAIL", "STORAGE"}
    return {"NeededServerAway" if needed else "OtherServerAway": {"server": server}}


def _ask_for_a_mail() -> None:
    """Send again the mail of a receipt: it needs no file."""
    from intake.accounts.models import User  # noqa: PLC0415 -- needs the portal's settings
    from intake.outbox.models import Delivery  # noqa: PLC0415 -- needs the portal's settings
    from intake.outbox.services import resend_mail  # noqa: PLC0415 -- needs the portal's settings
    from intake.submissions.delivery_kinds import RECEIPT_MAIL  # noqa: PLC0415 -- needs the portal's settings

    mail = Delivery.objects.filter(kind=RECEIPT_MAIL).earliest("pk")
    resend_mail(delivery=mail, actor=User.objects.get(is_staff=True))


def _mail(name: str, put_in: Act, lift: Act, *alerts: str) -> Fault:
    told = dict(_away("MAIL")) | {alert: {} for alert in alerts}
    log = ("sweeper", "outage of MAIL begins")
    return Fault(name, "mail", put_in, lift, "mail", told, "Serveur de courriel", log)


def _storage(name: str, put_in: Act, lift: Act, *alerts: str) -> Fault:
    told = dict(_away("STORAGE")) | {"NotReady": {"web": "web"}} | {alert: {} for alert in alerts}
    return Fault(
        name,
        "storage",
        put_in,
        lift,
        "storage",
        told,
        "Espace de fichiers",
        ("sweeper", "outage of STORAGE begins"),
    )


def _broker(name: str, put_in: Act, lift: Act) -> Fault:
    log = ("sweeper", "outage of BROKER begins")
    return Fault(name, "valkey", put_in, lift, "broker", _away("BROKER"), "File des messages", log)


def _stop_mail_and_ask(site: Installation) -> None:
    site.mail.stop()
    _ask_for_a_mail()


def _start_first_mail(site: Installation) -> None:
    site.mail.start()
    if not site.other_mail.taken:
        message = "the second mail server took no mail"
        raise RuntimeError(message)


_SERVERS: Final = [
    _mail("mail server stopped", _stop_mail_and_ask, lambda site: site.mail.start(), "MailStuck"),
    _mail("mail server frozen", lambda site: site.mail.freeze(), lambda site: site.mail.thaw()),
    _mail(
        "mail server refuses the password",
        lambda site: site.mail.refuse("password"),
        lambda site: site.mail.refuse(""),
    ),
    _mail(
        "mail server refuses the sender",
        lambda site: site.mail.refuse("sender"),
        lambda site: site.mail.refuse(""),
    ),
    _broker("broker and cache stopped", lambda site: site.kill_broker(), lambda site: site.start_broker()),
    _broker(
        "broker and cache frozen",
        lambda site: site.signal_broker(signal.SIGSTOP),
        lambda site: site.signal_broker(signal.SIGCONT),
    ),
    Fault(
        "cache refuses the password",
        "valkey",
        lambda site: site.allow_cache(password="another"),  # noqa: S106 -- a wrong one
        lambda site: site.allow_cache(),
        "cache",
        _away("CACHE"),
        "Cache",
        ("sweeper", "outage of CACHE begins"),
    ),
    _storage(
        "storage full", lambda site: site.fill_storage(), lambda site: site.empty_storage(), "StorageFull"
    ),
    _storage("storage not mounted", lambda site: site.lose_storage(), lambda site: site.find_storage()),
    _storage(
        "storage read-only", lambda site: site.remount_storage("ro"), lambda site: site.remount_storage("rw")
    ),
    Fault(
        "virus scanner stopped",
        "scanner",
        lambda site: site.kill("scanner"),
        lambda site: site.start_scanner(),
        "scanned",
        {"ScannerAway": {}},
        "Antivirus",
    ),
    Fault(
        "certificate ends in ten days",
        "certificate",
        lambda site: site.certificate.show(days=10),
        lambda site: site.certificate.show(days=60),
        alerts={"CertificateEnds": {}},
    ),
]


# -- Processes ----------------------------------------------------------------------------------------------------
def _silent(name: str, number: signal.Signals, *, alone: bool = False, alert: str = "ProcessSilent") -> Fault:
    frozen = number is signal.SIGSTOP
    return Fault(
        f"{name} {'frozen' if frozen else 'killed'}",
        name,
        lambda site: site.signal(name, number),
        (lambda site: site.signal(name, signal.SIGCONT)) if frozen else (lambda site: site.start(name)),
        name,
        {alert: {"process": name}},
        name,
        alone=alone,
    )


_WORKERS: Final = ("mailer", "filer", "receipts", "worker", "exporter", "inspector")
_PROCESSES: Final = [
    _silent("beat", signal.SIGKILL),
    _silent("beat", signal.SIGSTOP),
    _silent("filing-sweeper", signal.SIGKILL),
    _silent("inspection-sweeper", signal.SIGKILL),
    _silent("inspection-sweeper", signal.SIGSTOP),
    *[_silent(name, signal.SIGKILL, alert="WorkerSilent") for name in _WORKERS],
    _silent("inspector", signal.SIGSTOP, alert="WorkerSilent"),
    _silent("sweeper", signal.SIGKILL, alone=True),
    Fault(
        "metrics killed",
        "metrics",
        lambda site: site.kill("metrics"),
        lambda site: site.start("metrics"),
        alerts={"MetricsSilent": {}},
        alone=True,
    ),
]


# -- The second web server ----------------------------------------------------------------------------------------
def _spare(
    name: str, probe: str, put_in: Act, *, log: str = "", lift: Act | None = None, alert: str = "NotReady"
) -> Fault:
    lift = lift or (lambda site: site.restart(SPARE))
    told = {alert: {"web": SPARE}}
    return Fault(
        f"a web server {name}",
        "spare",
        put_in,
        lift,
        probe,
        told,
        web=SPARE,
        log=(SPARE, log) if log else None,
    )


def _blank(site: Installation) -> None:
    site.execute("CREATE DATABASE blank OWNER intake_owner", "GRANT CONNECT ON DATABASE blank TO intake_app")
    site.restart(SPARE, DATABASE_URL=site.urls.database.replace("/intake", "/blank"))


def _unmigrated(site: Installation) -> None:
    site.execute(
        "CREATE TABLE kept_migrations AS SELECT * FROM django_migrations WHERE app = 'operations'",
        "DELETE FROM django_migrations WHERE app = 'operations' AND id = (SELECT max(id) FROM kept_migrations)",
    )


def _migrated(site: Installation) -> None:
    site.execute(
        "INSERT INTO django_migrations SELECT * FROM kept_migrations WHERE id = (SELECT max(id) FROM kept_migrations)",
        "DROP TABLE kept_migrations",
    )


def _reader(site: Installation) -> None:
    site.execute("CREATE ROLE reader LOGIN PASSWORD 'reader'", "GRANT pg_read_all_data TO reader")
    site.execute("GRANT CONNECT ON DATABASE intake TO reader", "GRANT USAGE ON SCHEMA public TO reader")
    site.restart(SPARE, DATABASE_URL=f"postgres://reader:reader@{site.urls.database.rpartition('@')[2]}")


_WEBS: Final = [
    _spare("killed", "no answer", lambda site: site.kill(SPARE), lift=lambda site: site.start(SPARE)),
    _spare(
        "frozen",
        "no answer",
        lambda site: site.signal(SPARE, signal.SIGSTOP),
        lift=lambda site: site.signal(SPARE, signal.SIGCONT),
    ),
    _spare("on a blank database", "migrated", _blank),
    _spare("with a role that may only read", "role", _reader),
    _spare(
        "whose clock is off by a minute",
        "clock",
        lambda site: site.restart(SPARE, **_A_MINUTE_AHEAD),
        alert="ClockOff",
    ),
    _spare(
        "with the role that owns the tables",
        "no answer",
        lambda site: site.restart(SPARE, DATABASE_URL=site.urls.database_owner),
        log="not serving: DATABASE_URL is of intake_owner",
    ),
    _spare(
        "with another SECRET_KEY",
        "no answer",
        lambda site: site.restart(SPARE, SECRET_KEY=secrets.token_hex(32)),
        log="not serving: SECRET_KEY is not that of another process",
    ),
]

# -- The database -------------------------------------------------------------------------------------------------
_UNREADABLE: Final = {"NotReady": {"web": "web"}, "MetricsUnread": {"group": "deliveries"}}
_DATABASE: Final = [
    Fault(
        "first mail server stopped, with a second one",
        "mail",
        _stop_mail_and_ask,
        _start_first_mail,
        "mail",
        _away("MAIL"),
        "Serveur de courriel",
        ("mailer", "outage of MAIL begins"),
        alone=True,
    ),
    Fault(
        "PostgreSQL stopped",
        "database",
        lambda site: site.stop_postgres(),
        lambda site: site.start_postgres(),
        "database",
        _UNREADABLE,
        "no answer",
        ("web", "the check of the database failed"),
        alone=True,
    ),
    Fault(
        "PostgreSQL frozen",
        "database",
        lambda site: site.signal_postgres(signal.SIGSTOP),
        lambda site: site.signal_postgres(signal.SIGCONT),
        "database",
        _UNREADABLE,
        "no answer",
        alone=True,
    ),
    Fault(
        "PostgreSQL read-only",
        "database",
        lambda site: site.execute(
            "ALTER DATABASE intake SET default_transaction_read_only = on",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'intake_app'",
        ),
        lambda site: site.execute(
            "SET default_transaction_read_only = off",
            "ALTER DATABASE intake RESET default_transaction_read_only",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'intake_app'",
        ),
        "database",
        {"NotReady": {"web": "web"}},
        "Base de données",
        ("sweeper", "the database takes no sign of life|does not answer the sweep"),
        alone=True,
    ),
    Fault(
        "clock of PostgreSQL's machine off by a minute",
        "database",
        lambda site: site.restart_postgres(**_A_MINUTE_AHEAD),
        lambda site: site.restart_postgres(),
        "clock",
        {"ClockOff": {}},
        "Horloge",
        alone=True,
    ),
    Fault(
        "database not migrated",
        "database",
        _unmigrated,
        _migrated,
        "migrated",
        {"NotReady": {"web": "web"}},
        "Migrations",
        alone=True,
    ),
]


# -- What is stored -----------------------------------------------------------------------------------------------
def _check_today(name: str) -> None:
    from django.db import transaction  # noqa: PLC0415 -- needs the portal's settings

    from intake.operations.invariants import CHECK_INVARIANTS  # noqa: PLC0415 -- needs the portal's settings
    from intake.outbox.services import post  # noqa: PLC0415 -- needs the portal's settings

    with transaction.atomic():
        post(kind=CHECK_INVARIANTS, key=name, subject=CHECK_INVARIANTS)


def _change_a_row(site: Installation) -> None:
    site.execute(
        "SET session_replication_role = replica; UPDATE dossiers_seal SET canonical = canonical || ' '"
    )
    _check_today("broken")


def _restore_the_row(site: Installation) -> None:
    site.execute(
        "SET session_replication_role = replica; UPDATE dossiers_seal SET canonical = rtrim(canonical)"
    )
    _check_today("restored")


def _file_hostile(_site: Installation) -> None:
    """File, replace the document by one that kills its renderer, and let the next attempt be the last."""
    from django.db import transaction  # noqa: PLC0415 -- needs the portal's settings

    from intake.outbox.models import Delivery  # noqa: PLC0415 -- needs the portal's settings
    from intake.outbox.policy import MAX_ATTEMPTS  # noqa: PLC0415 -- needs the portal's settings
    from intake.submissions.delivery_kinds import DOSSIER  # noqa: PLC0415 -- needs the portal's settings
    from tests.factories.submissions import make_filing  # noqa: PLC0415 -- needs the portal's settings
    from tests.faults.hostile import memory_bomb  # noqa: PLC0415 -- needs the portal's settings

    with transaction.atomic():
        receipt = make_filing()
        for document in receipt.filing.documents.select_related("upload"):
            with document.upload.file.storage.open(str(document.upload.file.name), "wb") as file:
                file.write(memory_bomb())
        Delivery.objects.filter(kind=DOSSIER, key=receipt.number).update(attempts=MAX_ATTEMPTS - 1)


def _set_aside(site: Installation) -> None:
    site.execute("SET session_replication_role = replica; DELETE FROM outbox_delivery WHERE state = 'DEAD'")


_STORED: Final = [
    Fault(
        "last backup 27 hours ago",
        "backup",
        lambda site: site.execute("UPDATE operations_backup SET at = now() - interval '27 hours'"),
        lambda site: site.manage("note_backup"),
        alerts={"BackupLate": {}},
        page="Dernière sauvegarde",
    ),
    Fault(
        "a sealed row changed by the owner, at the daily check",
        "storage",
        _change_a_row,
        _restore_the_row,
        "invariants",
        {"InvariantsViolated": {}},
        "Invariants, à la vérification du jour",
        ("worker", "invariant .* is broken"),
    ),
    Fault(
        "a document kills its renderer, at the last attempt",
        "storage",
        _file_hostile,
        _set_aside,
        alerts={"DeliveriesFailed": {"queue": "documents"}},
        page="Envois en échec",
        log=("worker", r"\(DOSSIER\) (is dead|failed, attempt 5)"),
    ),
]
FAULTS: Final = (*_SERVERS, *_PROCESSES, *_WEBS, *_DATABASE, *_STORED)

# -- What ends a process at its start -------------------------------------------------------------------------------
_WEB: Final = ("-m", "gunicorn", "--bind", "127.0.0.1:0")
_RECEIPTS: Final = ("-m", "celery", "--app", "intake.celery", "worker", "--queues", "receipts")
STARTS: Final = (
    Start("signing key missing", _RECEIPTS, {"SIGNING_KEYS": ""}, ("SIGNING_KEYS",)),
    Start("EMAIL_URL without scheme", _WEB, {"EMAIL_URL": "mail.exemple.ca"}, ("EMAIL_URL", "smtp+tls://")),
    Start(
        "REVIEW_CLAIM_MINUTES=abc",
        _WEB,
        {"REVIEW_CLAIM_MINUTES": "abc"},
        ("REVIEW_CLAIM_MINUTES", "such as 15"),
    ),
    Start("COMPLEMENT_DAYS=1", _WEB, {"COMPLEMENT_DAYS": "1"}, ("COMPLEMENT_DAYS", "such as 10")),
    Start(
        "SITE_URL=localhost",
        _WEB,
        {"SITE_URL": "localhost"},
        ("SITE_URL", "such as https://stages.exemple.ca"),
    ),
    Start(
        "a sender under .invalid",
        _WEB,
        {"DEFAULT_FROM_EMAIL": "Stages <stages@exemple.invalid>"},
        ("DEFAULT_FROM_EMAIL", ".invalid", "such as stages@exemple.ca"),
    ),
)
