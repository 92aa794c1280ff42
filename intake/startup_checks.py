"""Checks that a process runs before it serves requests."""

import sys
from pathlib import PurePath
from typing import Any, Literal

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from intake.outbox.keys_in_use import find_other_key
from intake.outbox.policy import SILENT_SECONDS

BYPASS_QUERY = """
SELECT bool_or(rolsuper) OR EXISTS (
    SELECT FROM pg_database WHERE datname = current_database() AND pg_has_role(session_user, datdba, 'MEMBER')
) OR EXISTS (
    SELECT FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
    AND pg_has_role(session_user, relowner, 'MEMBER')
)
FROM pg_roles WHERE rolname = session_user
"""
"""May this session change tables, or bypass their triggers? True for a superuser, for the owner of the database or of
a table, and for a member of such a role, which can become the owner."""
CONNECT_SECONDS = 5
OLDEST_SERVER = 17
_STATEMENT = "SELECT 1"


def check_settings_complete(*uses: Literal["WEB", "FILING", "SIGNING"]) -> None:
    """End this process, with the reason in one line, if settings are incomplete, weak, or of a role that owns tables.

    `uses`: what this process does that needs keys of its own. One line says which servers it reaches in clear.

    :raises SystemExit: if a variable is missing, a value is weak, or `DATABASE_URL` is of an older server,
        or not of the application's role, or leads to a pooler that does not follow prepared statements; or if a process
        that runs has another key.
    """
    lists = ("MISSING_FOR_SERVING", *(f"MISSING_FOR_{use}" for use in uses))
    missing = [name for each in lists for name in getattr(settings, each, ())]
    if missing:
        refuse(f"set {', '.join(missing)} (docs/operations/environment.md says how)")
    weak: tuple[str, ...] = getattr(settings, "WEAK_FOR_SERVING", ())
    if weak:
        refuse("; ".join(weak))
    if _connects_as_owner():
        user = settings.DATABASES["default"].get("USER", "")
        refuse(
            f"DATABASE_URL is of {user}, who may change the tables: give the role that owns nothing, intake_app"
        )
    version = _server_version()
    if version is not None and version < OLDEST_SERVER:
        refuse(f"DATABASE_URL is of a PostgreSQL {version}: the portal needs {OLDEST_SERVER} or later")
    if _pooler_loses_statements():
        refuse("the pooler of DATABASE_URL loses prepared statements (docs/several-machines.md says why)")
    if variable := _variable_of_other_key():
        older = "SECRET_KEY_FALLBACKS" if variable == "SECRET_KEY" else f"{variable}, after the first"
        refuse(
            f"{variable} is not that of another process, which runs or ended less than {SILENT_SECONDS} s ago: give "
            f"the same to all, or keep the older one in {older} (docs/operations/keys.md says how)"
        )
    in_clear: tuple[str, ...] = getattr(settings, "UNENCRYPTED_SERVERS", ())
    if in_clear:
        sys.stderr.write(
            f"intake: not encrypted: {', '.join(in_clear)} (docs/operations/environment.md says how)\n"
        )


def read_settings() -> None:
    """End this process, with the reason in one line, if a variable of the environment has no value of its form.

    :raises SystemExit: if the settings cannot be read.
    """
    try:
        settings.INSTALLED_APPS  # noqa: B018 -- the first use of a setting reads all
    except ImproperlyConfigured as malformed:
        refuse(str(malformed))


def check_static_files() -> None:
    """End a web server's process, with the reason in one line, if `collectstatic` did not collect a file.

    Without this check, every page would be an error 500. The apps must be loaded. Storages without hashed names pass.

    :raises SystemExit: if a file is not in the storage's manifest.
    """
    from django.contrib.staticfiles.finders import get_finders  # noqa: PLC0415 -- Django is ready only now
    from django.contrib.staticfiles.storage import staticfiles_storage  # noqa: PLC0415 -- Django is ready only now

    names: dict[str, str] | None = getattr(staticfiles_storage, "hashed_files", None)
    if names is None:
        return
    application: Any = apps.get_app_config("staticfiles")
    for finder in get_finders():
        for path, storage in finder.list(application.ignore_patterns):
            name = PurePath(getattr(storage, "prefix", None) or "", path).as_posix()
            if name not in names:
                refuse(f"{name} is not among the collected files: run manage.py collectstatic --no-input")


def _server_version() -> int | None:
    """Return the major version of PostgreSQL; None if it does not respond."""
    try:
        with connect() as connection:
            return connection.info.server_version // 10_000
    except psycopg.Error:
        return None


def _connects_as_owner() -> bool:
    """Ask the database. False if it does not respond."""
    try:
        with connect() as connection:
            return connection.execute(BYPASS_QUERY).fetchone() == (True,)
    except psycopg.Error:
        return False


def _pooler_loses_statements() -> bool:
    """Return whether a connection loses its prepared statements when another one takes its session of the server.

    Requests of signed-in people would then fail, now and then. Only a pooler that gives each transaction a session can
    do it. False if the database does not respond.
    """
    try:
        with connect() as first, connect() as other:
            first.execute(_STATEMENT, prepare=True)
            first.commit()
            other.execute(_STATEMENT)
            first.execute(_STATEMENT, prepare=True)
    except (psycopg.errors.InvalidSqlStatementName, psycopg.errors.DuplicatePreparedStatement):
        return True
    except psycopg.Error:
        return False
    return False


def _variable_of_other_key() -> str:
    """Return the variable whose key a running process has and this one does not accept.

    Empty if there is none, if the database does not respond, or before its migrations.
    """
    try:
        with connect() as connection:
            return find_other_key(connection)
    except psycopg.Error:
        return ""


def connect() -> psycopg.Connection:
    """Open a connection to the database that no forked process inherits."""
    address: dict[str, Any] = dict(settings.DATABASES["default"])
    options = {name: value for name, value in address.get("OPTIONS", {}).items() if name != "pool"}
    return psycopg.connect(
        dbname=address["NAME"],
        user=address.get("USER") or None,
        password=address.get("PASSWORD") or None,
        host=address.get("HOST") or None,
        port=address.get("PORT") or None,
        **(options | {"connect_timeout": CONNECT_SECONDS}),
    )


def refuse(reason: str) -> None:
    """End this process with `reason`, in one line.

    :raises SystemExit: always.
    """
    message = f"intake: not serving: {reason}"
    raise SystemExit(message)
