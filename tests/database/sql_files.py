"""Each function of the database as one file of SQL: its text on the server, and the triggers that call it."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from tests.database.attempts import Connection

BASE = Path(settings.BASE_DIR)
OF_MANY_TABLES = ("refuse_change", "refuse_emptying")
"""Functions of `append_only`, which writes their triggers: `tests/house/test_migrations.py` lists those."""
_FUNCTIONS = """
SELECT p.oid, p.proname, pg_get_functiondef(p.oid) FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    ORDER BY p.proname
"""
_TRIGGERS = """
SELECT t.tgfoid, pg_get_triggerdef(t.oid) FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND p.proname <> ALL (%s) ORDER BY c.relname, t.tgname
"""


def written(connection: Connection) -> dict[str, str]:
    """Return what the file of each function must hold, by the function's name."""
    triggers = defaultdict(list)
    for function, definition in connection.execute(_TRIGGERS, [list(OF_MANY_TABLES)]):
        triggers[function].append(f"\n{definition};\n")
    return {
        name: f"{body.rstrip()};\n{''.join(triggers[oid])}"
        for oid, name, body in connection.execute(_FUNCTIONS)
    }


def paths() -> dict[str, Path]:
    """Return the files that there are, by the names of their functions."""
    return {path.stem: path for path in [*BASE.glob("intake/*/sql/*.sql"), *BASE.glob("offers/sql/*.sql")]}


def kept() -> dict[str, str]:
    """Return the texts of the files, by the names of their functions."""
    return {name: path.read_text(encoding="utf-8") for name, path in paths().items()}


def rewrite(texts: Mapping[str, str]) -> None:
    """Write these texts to the files that there are."""
    for name, path in paths().items():
        path.write_text(texts[name], encoding="utf-8")
