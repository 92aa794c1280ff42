"""Whether this process can take a filing, and whether each server that the portal uses answers.

The checks run side by side, each in a thread, and what has not answered by the deadline has failed: a server that is
frozen, or whose machine drops packets, makes no probe wait.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from time import monotonic, time
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext_lazy as _

from intake.documents.isolated_process import is_confined
from intake.documents.virus_scan import scanner_answers
from intake.outbox import servers
from intake.outbox.heartbeats import LastBeat, last_beats
from intake.outbox.keys_in_use import sign_keys
from intake.outbox.policy import BEAT_SECONDS
from intake.startup_checks import BYPASS_QUERY, OLDEST_SERVER
from intake.submissions.models import Filing

from .invariants import invariants_hold

logger = logging.getLogger(__name__)

DEADLINE_SECONDS: Final = 1.5
"""Of all checks together: a probe is answered within two seconds."""
CLOCK_SECONDS: Final = 2.0
"""By which this machine's clock, which pages go by, may differ from the database's, which judges filings."""
NEEDED: Final = ("database", "version", "role", "migrated", "storage")
"""What a filing needs: the verdict."""
TO_DO: Final = {
    "database": _("Voyez si PostgreSQL fonctionne, accepte des écritures, et si DATABASE_URL y mène."),
    "version": _("Passez à une version de PostgreSQL que le portail accepte."),
    "role": _("Donnez le DATABASE_URL du rôle qui ne possède rien et écrit dans les tables, intake_app."),
    "migrated": _("Exécutez « manage.py migrate » de cette version."),
    "storage": _(
        "Libérez de l’espace ; voyez si le dossier ou le compartiment de STORAGE_URL existe et reçoit des fichiers."
    ),
    "clock": _(
        "Mettez à l’heure cette machine et celle de PostgreSQL : voyez si toutes suivent un serveur de temps."
    ),
    "broker": _(
        "Démarrez Valkey et voyez CELERY_BROKER_URL. Les dépôts continuent, et le balayage fait ce qui attend."
    ),
    "cache": _("Démarrez Valkey ; voyez CACHE_URL et son mot de passe. Les dépôts continuent."),
    "mail": _(
        "Voyez le serveur de courriel et EMAIL_URL. Les dépôts continuent ; les courriels attendent, ou partent par "
        "EMAIL_FALLBACK_URL."
    ),
    "invariants": _(
        "Exécutez « manage.py check_invariants » et trouvez la cause avant de changer quoi que ce soit."
    ),
    "encrypted": _("Donnez une adresse chiffrée aux serveurs des autres machines."),
    "confined": _("Il faut un noyau avec Landlock et seccomp pour ouvrir les fichiers reçus."),
    "scanned": _(
        "Réglez CLAMD_URL ou démarrez clamd : sans adresse, les fichiers sont acceptés sans analyse ; avec elle, ils "
        "attendent."
    ),
    "beats": _("Démarrez les processus qui se taisent."),
}
"""One sentence for each check, for when it fails; `docs/operations/probes.md` has a section for each."""


# -- The database -----------------------------------------------------------------------------------------------
@cache
def _migrations_of_code() -> Mapping[tuple[str, str], frozenset[tuple[str, str]]]:
    """Return the migrations of this version by app and name, each with those that it replaces."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return {key: frozenset(each.replaces) for key, each in loader.disk_migrations.items()}


def _is_migrated() -> bool:
    """True if the database has every migration of this version. A later version's do no harm."""
    applied = MigrationRecorder(connection).applied_migrations().keys()
    return all(
        key in applied or (replaced and replaced <= applied)
        for key, replaced in _migrations_of_code().items()
    )


_SERVER: Final = """
SELECT current_setting('server_version_num')::int / 10000, current_setting('transaction_read_only') = 'off',
    coalesce(has_table_privilege(to_regclass(%s), 'INSERT'), true), extract(epoch FROM clock_timestamp())::float"""
"""Its version; whether it takes writes at all, as a replica does not; whether this role may file; its clock."""


def ask_database() -> dict[str, Any]:
    """Return what the database says of itself, of invariants and of processes.

    :raises django.db.Error: if it does not answer.
    """
    with connection.cursor() as cursor:
        before = time()
        cursor.execute(_SERVER, [Filing._meta.db_table])
        version, may_write, may_file, clock = cursor.fetchone()
        is_on_time = before - CLOCK_SECONDS <= clock <= time() + CLOCK_SECONDS
        cursor.execute(BYPASS_QUERY)
        (bypasses,) = cursor.fetchone()
    if bypasses:
        logger.error("DATABASE_URL is of a role that may change the tables")
    said = {
        "database": may_write,
        "version": version >= OLDEST_SERVER,
        "role": may_file and not bypasses,
        "clock": is_on_time,
        "migrated": _is_migrated(),
    }
    return said | ({"invariants": invariants_hold(), "beats": last_beats()} if said["migrated"] else {})


def _ask_database_in_thread() -> dict[str, Any]:
    try:
        return ask_database()
    finally:
        connection.close()  # of this thread: back to the pool


def _sign_keys_in_thread() -> dict[str, Any]:
    """Write that this process's keys are in use; it waits for no lock, and no check depends on it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
            sign_keys(cursor)
    finally:
        connection.close()
    return {}


# -- Running the checks -------------------------------------------------------------------------------------------
class Probe:
    """Runs one check in a thread, at most every `every` seconds; requests in between have its last answer.

    A check that hangs is not started again before it ends, and has failed meanwhile.
    """

    def __init__(self, name: str, ask: Callable[[], dict[str, Any]], *, every: float) -> None:
        self.name, self._ask, self._every = name, ask, every
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._said: dict[str, Any] = {}
        self._fresh_until = 0.0
        """Second of `monotonic`."""

    def start(self) -> None:
        """Ask, unless the last answer still serves or the check is under way."""
        with self._lock:
            if monotonic() < self._fresh_until or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._run, name="readiness", daemon=True)
            self._thread.start()

    def answer(self, *, until: float) -> dict[str, Any]:
        """Return the answer, which is empty if the check failed, or has not ended by `until`."""
        if self._thread is not None:
            self._thread.join(max(0.0, until - monotonic()))
            if self._thread.is_alive():
                return {}
        return self._said

    def _run(self) -> None:
        ends = monotonic() + DEADLINE_SECONDS
        try:
            said = self._ask()
        except Exception as error:  # noqa: BLE001 -- each library fails with its own exceptions
            logger.warning("the check of the %s failed: %s", self.name, type(error).__name__)
            said = {}
        self._said = said if monotonic() <= ends else {}
        self._fresh_until = monotonic() + self._every


def _probe(name: str, ask: Callable[[], bool | None], *, every: float) -> Probe:
    """Return the probe of one server: `ask` returns False, or raises, if it does not work."""
    return Probe(name, lambda: {name: ask() is not False}, every=every)


def make_probes() -> list[Probe]:
    """Return probes that have asked nothing yet. Those that cost more than a query are run less often."""
    return [
        Probe("database", _ask_database_in_thread, every=0.5),
        Probe("keys", _sign_keys_in_thread, every=BEAT_SECONDS),
        _probe("storage", servers.ask_storage, every=5),
        _probe("broker", servers.ask_broker, every=2),
        _probe("cache", servers.ask_cache, every=2),
        _probe("mail", servers.ask_mail_server, every=15),
        _probe("scanned", scanner_answers, every=5),
        _probe("confined", is_confined, every=5),
    ]


PROBES: Final = make_probes()
"""Of this process."""


# -- What is said -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Readiness:
    """What the checks found: by name True, False, or None where it is not known."""

    checks: Mapping[str, bool | None]
    beats: list[LastBeat]

    @property
    def is_ready(self) -> bool:
        """True if this process can take a filing."""
        return all(self.checks[name] for name in NEEDED)


def check_readiness() -> Readiness:
    """Run every check, for at most `DEADLINE_SECONDS`."""
    until = monotonic() + DEADLINE_SECONDS
    for probe in PROBES:
        probe.start()
    said: dict[str, Any] = {}
    for probe in PROBES:
        said |= probe.answer(until=until)
    beats: list[LastBeat] = said.get("beats", [])
    checks: dict[str, bool | None] = {name: bool(said.get(name)) for name in TO_DO}
    checks["invariants"] = said.get("invariants")
    checks["encrypted"] = not getattr(settings, "UNENCRYPTED_SERVERS", ())
    checks["beats"] = not any(beat.is_silent for beat in beats) if beats else None
    return Readiness(checks, beats)
