"""Check the migrations since the last release, for `make lint`, on any database of the portal.

squawk reads their SQL for long locks; django-migration-linter asks whether the previous version serves on their tables.
"""

import subprocess
import sys
from io import StringIO
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django_migration_linter.migration_linter import MigrationLinter

ARCHIVES = Path("tests/archives/kept")
SQUAWK = [str(Path(sys.executable).with_name("squawk")), "--pg-version=17"]
OTHER_CONVENTIONS = (
    "prefer-robust-stmts",  # a migration is one transaction: nothing is half there
    "require-timeout-settings",  # the owner of the tables has a lock_timeout: roles.sql
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-text-field",
)
"""Rules of squawk that Django's own SQL does not follow, or for which the portal has another answer."""


def main() -> None:
    """Print what is found.

    :raises SystemExit: if something is found.
    """
    loader = MigrationLoader(connection)
    linter = MigrationLinter(no_cache=True, quiet=("ok", "ignore"))
    found = False
    for app, name in new_migrations(loader, released=released()):
        linter.lint_migration(loader.disk_migrations[app, name])
        sql = StringIO()
        call_command("sqlmigrate", app, name, stdout=sql)
        command = [*SQUAWK, f"--exclude={','.join(OTHER_CONVENTIONS)}", f"--stdin-filepath={app}/{name}.sql"]
        asked = subprocess.run(command, input=sql.getvalue(), text=True, check=False)  # noqa: S603 -- a program of the locks
        found |= asked.returncode != 0
    if found or linter.has_errors:
        raise SystemExit(1)


def released() -> set[tuple[str, str]]:
    """Return the migrations of the last release, by app and name."""
    last = max(ARCHIVES.iterdir(), key=lambda kept: [int(part) for part in kept.name.split(".")])
    lines = (last / "migrations.txt").read_text().splitlines()
    return {(app, name) for app, name in (line.split() for line in lines)}


def new_migrations(loader: MigrationLoader, *, released: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the portal's own migrations that are not `released`, by app and name."""
    return sorted(
        (app, name)
        for app, name in loader.disk_migrations.keys() - released
        if not Path(apps.get_app_config(app).path).is_relative_to(sys.prefix)
    )
