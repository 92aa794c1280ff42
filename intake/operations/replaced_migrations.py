"""Databases made by the migrations that those of the first release replace. Remove it with the lists `replaces`.

Django takes a new migration for applied once the old ones that it lists are. Where an app has several new ones, each
lists other old ones, so that the second is applied after an interruption. A list does not say which tables its
migration creates: a database has all the old migrations of an app, or none.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.core.checks import Error
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def check_replaced_migrations(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[Error]:
    """Return an error for each app of which a database has some of the replaced migrations, and not all.

    Django would leave out the migrations that replace them, without a word.
    """
    return [
        Error(
            f"The database has only some of the migrations of {app} that were replaced.",
            hint="Migrate it with the last version that had them, or start with an empty database.",
            id="intake.E001",
        )
        for alias in databases or ()
        for app in _partly_applied(connections[alias])
    ]


def _partly_applied(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the apps of which some replaced migrations are applied, among those not yet recorded as replaced."""
    applied = MigrationRecorder(connection).applied_migrations().keys()
    replaced: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for (app, name), migration in MigrationLoader(None).replacements.items():
        if (app, name) not in applied:
            replaced[app].update(migration.replaces)
    return sorted(app for app, names in replaced.items() if 0 < len(names & applied) < len(names))
