"""Retention in tests: every period over, files held."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from intake.accounts.models import User
from intake.privacy.models import LegalHold
from intake.submissions.models import Submission
from tests.database_roles import as_owner
from tests.factories.people import make_administrator

_CHECKS = ("a_retention_rule_leaves_time_to_contest", "privacy_retentionrule_months_check")
_OVER = "Période terminée pour le test"


def let_every_period_pass() -> None:
    """Make every file, draft and account due: each period ends twenty years before its start.

    The clock of the database decides, and a test cannot move it; rows with earlier instants would break invariants. The
    constraints come back with the rollback of the test; a test that commits uses `every_period_over`.
    """
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for check in _CHECKS:
            cursor.execute(f"ALTER TABLE privacy_retentionrule DROP CONSTRAINT {check}")
        cursor.execute("ALTER TABLE privacy_retentionrule DISABLE TRIGGER USER")
        cursor.execute(
            "INSERT INTO privacy_retentionrule (outcome, months, reason)"
            " SELECT DISTINCT outcome, -240, %s FROM privacy_retentionrule",
            [_OVER],
        )
        cursor.execute("ALTER TABLE privacy_retentionrule ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def every_period_over() -> Iterator[None]:
    """Make all due within the block, in a test that commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = ANY (%s)",
            [list(_CHECKS)],
        )
        checks = cursor.fetchall()
    let_every_period_pass()
    try:
        yield
    finally:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE privacy_retentionrule DISABLE TRIGGER USER")
            cursor.execute("DELETE FROM privacy_retentionrule WHERE reason = %s", [_OVER])
            cursor.execute("ALTER TABLE privacy_retentionrule ENABLE TRIGGER USER")
            for name, condition in checks:
                cursor.execute(f"ALTER TABLE privacy_retentionrule ADD CONSTRAINT {name} {condition}")


def make_hold(submission: Submission, *, by: User | None = None) -> LegalHold:
    return LegalHold.objects.create(
        submission=submission, reason="Recours devant le tribunal.", put_by=by or make_administrator()
    )


@contextmanager
def database_clock(at: datetime) -> Iterator[None]:
    """Make `transaction_timestamp()` return `at` to queries of the block, and to the function that erases a file.

    Functions that fix their search path read the real clock, and an erasure there fails: only what refuses it is seen.
    """
    erasing = "ALTER FUNCTION erase_submission(bigint) SET search_path TO"
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "RESET SESSION AUTHORIZATION"
        )  # the superuser, if the owner may not create in `public`
        cursor.execute(
            "CREATE FUNCTION public.transaction_timestamp() RETURNS timestamptz LANGUAGE sql STABLE"
            f" AS $$ SELECT '{at.isoformat()}'::timestamptz $$"
        )
        cursor.execute(f"{erasing} public, pg_catalog, pg_temp")
        cursor.execute("SET LOCAL search_path TO public, pg_catalog")
    yield
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("RESET SESSION AUTHORIZATION")
        cursor.execute("SET LOCAL search_path TO DEFAULT")
        cursor.execute(f"{erasing} public, pg_temp")
        cursor.execute("DROP FUNCTION public.transaction_timestamp()")
