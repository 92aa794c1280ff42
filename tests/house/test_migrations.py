"""Migrations are complete, named by hand and import no live code; append-only tables are enforced by the database."""

import ast
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests.database.test_privileges import ADDED_TO, COLUMNS

BASE = Path(settings.BASE_DIR)
OUR_APPS = [
    app
    for app in apps.get_app_configs()
    if Path(app.path).is_relative_to(BASE / "intake") or app.name == "offers"
]
MIGRATIONS = sorted(path for app in OUR_APPS for path in Path(app.path, "migrations").glob("[0-9]*.py"))
APPEND_ONLY = {*ADDED_TO.split(), "journal_link"} - COLUMNS.keys()
"""Tables to which the application may only add rows, and of which it may change no column."""
FROZEN = {"intake.journal.privileges", "intake.base.sql_files"}
"""The only modules of ours that a migration may import: they write SQL and import no model."""
WRITTEN_BY_DJANGO = re.compile(
    r"_auto_|_and_more|_initial$|^\d{4}_(alter|remove|delete|rename|create|add)_\w+_(field|model|options|index)|"
    r"^\d{4}_(alter|remove|rename)_"
)


def _ids(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(BASE)) for path in paths]


# -- Their text ----------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, stderr=said)
    except SystemExit:
        pytest.fail(said.getvalue())


def _named_by_hand(name: str) -> bool:
    return re.match(r"^\d{4}_[a-z]", name) is not None and WRITTEN_BY_DJANGO.search(name) is None


@pytest.mark.parametrize("path", MIGRATIONS, ids=_ids(MIGRATIONS))
def test_a_migration_has_a_descriptive_name(path: Path) -> None:
    assert _named_by_hand(path.stem)


def test_a_generated_name_of_a_migration_is_found() -> None:
    names = (
        "0002_auto_20260101_1200",
        "0003_alter_offer_number",
        "0004_offer_x_and_more",
        "0001_initial",
        "2_offers",
    )
    assert [name for name in names if _named_by_hand(name)] == []
    assert len(MIGRATIONS) >= 10


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def _live(source: str) -> set[str]:
    ours = {
        name
        for name in _imports(ast.parse(source))
        if name.startswith(("intake", "offers", "eligibility", "."))
    }
    return {
        name for name in ours if not any(name == frozen or name.startswith(f"{frozen}.") for frozen in FROZEN)
    }


@pytest.mark.parametrize("path", MIGRATIONS, ids=_ids(MIGRATIONS))
def test_a_migration_imports_no_live_code(path: Path) -> None:
    assert _live(path.read_text(encoding="utf-8")) == set()


def test_live_code_in_a_migration_is_found() -> None:
    assert _live("from offers.models import Offer") == {"offers.models.Offer"}
    assert _live("def forwards(apps, editor):\n    from ..services import file") == {"..services.file"}
    assert _live("from intake.journal import privileges\nimport uuid") == set()


# -- Their result in the database ------------------------------------------------------------------------------
@pytest.fixture
def rows(db: None) -> Iterator[Any]:
    """Query of PostgreSQL's catalogue."""
    del db
    with connection.cursor() as cursor:

        def ask(sql: str, *values: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

        yield ask


def test_the_append_only_tables_are_the_listed_ones(rows: Any) -> None:
    triggers = rows(
        """SELECT c.relname, array_agg(p.proname::text ORDER BY p.proname) FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE p.proname IN ('refuse_change', 'refuse_emptying') AND t.tgenabled IN ('O', 'A')
        GROUP BY c.relname"""
    )
    assert dict(triggers) == {
        **{table: ["refuse_change", "refuse_emptying"] for table in APPEND_ONLY},
        "submissions_arrival": ["refuse_emptying"],  # it is settled once: see `keep_arrival`
    }
    # `pg_trigger.tgtype`: BEFORE ROW UPDATE or DELETE is 2 + 8 + 16 + 1, BEFORE STATEMENT TRUNCATE is 2 + 32.
    kinds = rows(
        """SELECT DISTINCT p.proname::text, t.tgtype FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE p.proname IN ('refuse_change', 'refuse_emptying')"""
    )
    assert dict(kinds) == {"refuse_change": 27, "refuse_emptying": 34}


def test_the_role_of_the_application_owns_and_creates_no_object(rows: Any) -> None:
    role = settings.APPLICATION_ROLE
    assert rows(
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = %s", role
    ) == [(False, False, False, False)]
    assert rows("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = %s", role) == []
    assert rows("SELECT proname FROM pg_proc WHERE pg_get_userbyid(proowner) = %s", role) == []
    assert rows("SELECT has_schema_privilege(%s, 'public', 'CREATE')", role) == [(False,)]
    owners = "SELECT rolname FROM pg_roles WHERE pg_has_role(%s, oid, 'MEMBER') AND rolname <> %s"
    assert rows(owners, role, role) == []
