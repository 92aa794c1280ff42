"""Each function of the database as one file of SQL: its text on the server, and the triggers that call it."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.apps import apps
from django.conf import settings

from tests.database.attempts import Connection

BASE = Path(settings.BASE_DIR)
_FUNCTIONS = """
SELECT p.oid, p.proname, pg_get_functiondef(p.oid) FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    ORDER BY p.proname
"""
_TRIGGERS = """
SELECT t.tgfoid, c.relname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal ORDER BY c.relname, t.tgname
"""


def written(connection: Connection) -> dict[Path, str]:
    """Return what each file of `<app>/sql/` must hold, by its path from the root."""
    triggers, tables = defaultdict(list), defaultdict(list)
    for function, table, definition in connection.execute(_TRIGGERS):
        triggers[function].append(f"{definition};\n")
        tables[function].append(table)
    return {
        _app_of(name, tables[oid]) / "sql" / f"{name}.sql": f"{body.rstrip()};\n"
        + "".join(f"\n{one}" for one in triggers[oid])
        for oid, name, body in connection.execute(_FUNCTIONS)
    }


def kept() -> dict[Path, str]:
    """Return the files that there are, by their paths from the root."""
    found = [*BASE.glob("intake/*/sql/*.sql"), *BASE.glob("offers/sql/*.sql")]
    return {path.relative_to(BASE): path.read_text(encoding="utf-8") for path in found}


def rewrite(files: Mapping[Path, str]) -> None:
    """Write these files, and remove every other one."""
    for path in kept():
        (BASE / path).unlink()
    for path, text in files.items():
        (BASE / path).parent.mkdir(exist_ok=True)
        (BASE / path).write_text(text, encoding="utf-8")


def _app_of(name: str, tables: Sequence[str]) -> Path:
    """Return the folder of the app whose migrations name the function as they create it, else of its first table."""
    creates = re.compile(rf"CREATE (?:OR REPLACE )?FUNCTION (?:public\.)?{name}\b")
    for migrations in sorted([*BASE.glob("intake/*/migrations"), BASE / "offers" / "migrations"]):
        if any(creates.search(path.read_text(encoding="utf-8")) for path in migrations.glob("*.py")):
            return migrations.parent.relative_to(BASE)
    owners = {
        model._meta.db_table: model._meta.app_config for model in apps.get_models(include_auto_created=True)
    }
    owner = owners[tables[0]]
    return Path(owner.path).relative_to(BASE)
