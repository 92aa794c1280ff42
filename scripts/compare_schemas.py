"""Compare the databases that two versions of the migrations create: `scripts/compare_schemas BEFORE AFTER`.

A version is a git revision, migrated from nothing on an embedded PostgreSQL; `.`, this working tree; or the address of
a database, as a superuser. Compared are the entries of `pg_dump` (tables, constraints, indexes, functions, triggers,
extensions, comments, with owners and privileges) and all rows but those of `django_migrations`. Their order and the
numbers of rows do not count. Neither does the order of columns: a table that has another one is only named.
"""

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from intake.devtools import embedded
from intake.devtools.embedded.postgres import binaries

ROOT = Path(__file__).resolve().parents[1]
ENTRY = re.compile(r"^--\n-- Name: (.*)\n--\n", re.MULTILINE)
UNORDERED = re.compile(r"; Type: (TABLE|ACL|DEFAULT ACL);")
"""Entries whose lines come in the order in which columns were added or privileges given."""
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
ROWS = {
    "django_migrations": "SELECT WHERE false",
    "django_content_type": "SELECT app_label, model FROM django_content_type",
    "auth_permission": "SELECT app_label, model, codename, name FROM auth_permission p"
    " JOIN django_content_type t ON t.id = content_type_id",
    "auth_group_permissions": "SELECT g.name, app_label, codename FROM auth_group_permissions"
    " JOIN auth_group g ON g.id = group_id JOIN auth_permission p ON p.id = permission_id"
    " JOIN django_content_type t ON t.id = content_type_id",
    "privacy_retentionrule": "SELECT to_jsonb(t) - '{id,at,applies_at}'::text[] FROM privacy_retentionrule t",
}
"""Queries of the tables whose rows have numbers by the order of the migrations, or the instant of the migration."""


def main(before: str, after: str) -> int:
    """Print the differences; return 1 if there are any."""
    with tempfile.TemporaryDirectory() as folder, embedded.servers(Path(folder)) as urls:
        addresses = [_address(version, Path(folder), urls) for version in (before, after)]
        first, second = (_entries(address) for address in addresses)
        rows = [_rows(address) for address in addresses]
    old, new = [*_lines(first), *rows[0]], [*_lines(second), *rows[1]]
    changes = list(difflib.unified_diff(old, new, before, after, n=0, lineterm=""))
    for name in sorted(first.keys() & second.keys()):
        if first[name] != second[name] and sorted(first[name]) == sorted(second[name]):
            print(f"in another order: {name}")
    print("\n".join(changes) or f"the same: {len(old)} lines")
    return 1 if changes else 0


def schema(address: str) -> list[str]:
    """Return the lines of a database's schema in an order that does not depend on how it was made."""
    return _lines(_entries(address))


def _address(version: str, folder: Path, urls: embedded.Urls) -> str:
    """Return the address of a version's database, as a superuser; create and migrate it if there is none."""
    if "://" in version:
        return version
    name = f"version_{time.monotonic_ns()}"
    tree = ROOT if version == "." else folder / name
    if version != ".":
        archive = f"{tree}.zip"
        subprocess.run(["git", "archive", f"--output={archive}", version], cwd=ROOT, check=True)  # noqa: S603, S607 -- a developer's own command
        shutil.unpack_archive(archive, tree)
    with psycopg.connect(urls.database_superuser, dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} OWNER intake_owner TEMPLATE template1")
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0", "--no-input", "--skip-checks"],
        cwd=tree,
        env=os.environ | {"DATABASE_URL": urls.database_owner.removesuffix("intake") + name},
        check=True,
    )
    print(f"{version}: migrated in {time.monotonic() - began:.1f} s", file=sys.stderr)
    return urls.database_superuser.removesuffix("intake") + name


def _entries(address: str) -> dict[str, list[str]]:
    """Return the lines of each entry of a dump, by its name, type, schema and owner."""
    dump = subprocess.run(  # noqa: S603 -- our own binary
        [binaries() / "pg_dump", "--schema-only", address], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    _start, *parts = ENTRY.split(dump.partition("\n-- PostgreSQL database dump complete")[0])
    return {
        name: [line.removesuffix(",") for line in text.splitlines() if line.strip("- ")]
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def _lines(entries: dict[str, list[str]]) -> list[str]:
    """Return the lines of all entries, those without an order sorted."""
    return [
        line
        for name, text in sorted(entries.items())
        for line in (name, *(sorted(text) if UNORDERED.search(name) else text))
    ]


def _rows(address: str) -> list[str]:
    """Return all rows of a database, sorted."""
    with psycopg.connect(address) as connection:
        tables = [table for (table,) in connection.execute(TABLES)]
        found = {
            table: connection.execute(ROWS.get(table, f"SELECT to_jsonb(t) - 'id' FROM {table} t"))  # noqa: S608 -- the name of a table
            for table in tables
        }
        return sorted(f"{table}: {row}" for table, rows in found.items() for row in rows)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
