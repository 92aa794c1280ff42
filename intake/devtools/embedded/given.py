"""The database of `DATABASE_URL`, which `make run` and the tests use instead of the embedded one."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import NoReturn
from urllib.parse import urlsplit, urlunsplit

from .places import EmbeddedError

LOCK = 0x1A7A4E
"""Key of the advisory lock that lets one process at a time create the roles."""


@dataclass(frozen=True, kw_only=True)
class DatabaseUrls:
    """Addresses of a database, by the roles that use them."""

    database: str
    """The application's role `intake_app`, which owns nothing."""
    database_owner: str
    """The role `intake_owner`, which migrates, and which creates the databases of tests."""
    database_superuser: str
    """For server administration, in tests of faults and privileges. Empty if `DATABASE_OWNER_URL` was given."""


def external_database(environ: Mapping[str, str]) -> DatabaseUrls | None:
    """Return the database that the environment names, or None.

    With `DATABASE_OWNER_URL` too, the two addresses are used unchanged. `DATABASE_URL` alone is the address of a
    superuser, on a server where the roles `intake_owner` and `intake_app` and the database `intake` are created.
    Their passwords are derived from the address, so that every process with this address computes the same ones.

    :raises EmbeddedError: if the server does not answer or is too old, if the address is not a superuser's, or if the
        roles exist with other passwords.
    """
    url = environ.get("DATABASE_URL", "")
    if not url:
        return None
    if owner_url := environ.get("DATABASE_OWNER_URL", ""):
        return DatabaseUrls(database=url, database_owner=owner_url, database_superuser="")
    return _prepare(url)


def _prepare(url: str) -> DatabaseUrls:
    import psycopg  # noqa: PLC0415 -- slow to import, and rarely needed

    from intake.settings.services import derived_secret  # noqa: PLC0415 -- slow to import, and rarely needed

    from . import postgres  # noqa: PLC0415 -- slow to import, and rarely needed

    passwords = {role: derived_secret(url, role) for role in ("intake_owner", "intake_app")}
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            version = connection.info.server_version // 10000
            if version < postgres.MIN_VERSION:
                _refuse(f"its server is PostgreSQL {version}, and {postgres.MIN_VERSION} or later is needed.")
            row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
            if row != (True,):
                _refuse(
                    "give a superuser's address, which makes the portal's roles, or DATABASE_OWNER_URL with it."
                )
            connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            there = connection.execute("SELECT FROM pg_roles WHERE rolname = ANY(%s)", [list(passwords)])
            if there.rowcount and not _can_connect(
                psycopg, _address(url, "intake_owner", passwords, path=urlsplit(url).path)
            ):
                _refuse(
                    "its server has the roles of another installation already, whose passwords are not changed."
                )
            info = connection.info
            postgres.run_roles(
                {
                    "PGHOST": info.host,
                    "PGPORT": str(info.port),
                    "PGUSER": info.user,
                    "PGDATABASE": "postgres",
                    "PGPASSWORD": info.password,
                },
                owner_password=passwords["intake_owner"],
                app_password=passwords["intake_app"],
            )
    except psycopg.Error as error:
        _refuse(str(error).strip().split("\n")[0])
    return DatabaseUrls(
        database=_address(url, "intake_app", passwords),
        database_owner=_address(url, "intake_owner", passwords),
        database_superuser=url,
    )


def _address(url: str, role: str, passwords: Mapping[str, str], *, path: str = "/intake") -> str:
    """Return a role's address of a database, with the server and the options of `url`."""
    parts = urlsplit(url)
    server = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{passwords[role]}@{server}", path=path))


def _can_connect(psycopg: ModuleType, url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def _refuse(reason: str) -> NoReturn:
    message = f"DATABASE_URL: {reason}"
    raise EmbeddedError(message)
