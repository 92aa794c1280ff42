"""The rules on the portal's own tables, and its triggers on others, as PostgreSQL's catalogue lists them."""

from typing import Any

import psycopg

type Connection = psycopg.Connection[tuple[Any, ...]]

OTHERS = {
    "account_emailaddress": "django-allauth's: its own tests hold its rules",
    "account_emailconfirmation": "django-allauth's",
    "auth_group": "Django's own, made and tested there",
    "auth_group_permissions": "Django's own",
    "auth_permission": "Django's own",
    "django_admin_log": "Django's own",
    "django_content_type": "Django's own",
    "django_migrations": "Django's own",
    "django_session": "Django's own",
    "mfa_authenticator": "django-allauth's: its own tests hold its rules",
}
"""Tables of libraries, each with the reason. Every other table is ours."""

_OURS = (
    "c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> ALL (%(others)s)"
)
_ANY = "c.relnamespace = 'public'::regnamespace"
# A CHECK has its table in `condition_tables`; Django names by `_key` a column that a model declares unique.
_CONSTRAINTS = f"""
SELECT k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.contype IN ('u', 'x') AND k.conname !~ '_key$' AND {_OURS}
UNION ALL
SELECT i.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
    WHERE x.indisunique AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid) AND {_OURS}
"""
_TRIGGERS = f"""
SELECT t.tgname || ' ' || event.name
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid,
        (VALUES (4, 'INSERT'), (8, 'DELETE'), (16, 'UPDATE'), (32, 'TRUNCATE')) AS event (bit, name)
    WHERE NOT t.tgisinternal AND t.tgtype & event.bit <> 0 AND {_ANY}
"""
_RAISED = f"""
SELECT DISTINCT t.tgname || ': ' || raised.name[1]
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid,
        regexp_matches(p.prosrc, 'CONSTRAINT = ''([^'']+)''', 'g') AS raised (name)
    WHERE NOT t.tgisinternal AND {_ANY}
"""
_CONDITIONS = f"""
SELECT k.conname, coalesce((SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid
    AND a.attnum = ANY (k.conkey) AND k.conname = c.relname || '_' || a.attname || '_check'), '')
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype = 'c' AND {_OURS}
"""


def conditions(connection: Connection) -> dict[str, str]:
    """Return the name of every CHECK, with its column if Django generated it for a positive number."""
    return dict(connection.execute(_CONDITIONS, {"others": list(OTHERS)}).fetchall())


def constraints(connection: Connection) -> list[str]:
    """Return the names of every UNIQUE with a name of ours, EXCLUDE and unique index."""
    return _names(connection, _CONSTRAINTS)


def triggers(connection: Connection) -> list[str]:
    """Return the name of every trigger, once per operation that fires it."""
    return _names(connection, _TRIGGERS)


def raised(connection: Connection) -> list[str]:
    """Return the name of every trigger, once per constraint that its function's text contains."""
    return _names(connection, _RAISED)


def tables(connection: Connection) -> list[str]:
    """Return the names of our own tables."""
    return _names(connection, f"SELECT c.relname FROM pg_class c WHERE {_OURS}")


def _names(connection: Connection, query: str) -> list[str]:
    found = connection.execute(query, {"others": list(OTHERS)})
    return sorted(name for (name,) in found)
