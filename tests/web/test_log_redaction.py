"""If the database refuses a row, the log has the message, the place and the constraint, without the row's values."""

import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import (
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.http import HttpRequest
from django.test import Client
from django.urls import path

from intake.accounts.models import User
from intake.web.log_redaction import describe_database_error
from tests.database_roles import as_owner
from tests.web import sample

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
PLANTED = "Maïté Côté-L’Écuyer"
ADDRESS = f"{PLANTED}@exemple.ca"  # the capitals violate the constraint


def write_badly(_request: HttpRequest) -> NoReturn:
    with transaction.atomic():
        User.objects.create(email=ADDRESS)
    raise AssertionError


urlpatterns = [path("depot/", write_badly), *sample.urlpatterns]
handler500 = "intake.web.errors.server_error"


@pytest.fixture
def printed() -> Iterator[io.StringIO]:
    """Output of a handler without a formatter, so that the standard library's default formats it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def database_error_of(sql: str, *parameters: str) -> Error:
    """Return the error of a statement that the database refuses."""
    with (
        pytest.raises(Error) as raised,
        transaction.atomic(),
        as_owner(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, parameters)
    return raised.value


def raised_again(error: Error) -> BaseException:
    """Return an exception that quotes `error`, has it as cause, and is grouped with it."""
    try:
        try:
            raise error
        except Error as cause:
            raise ValueError(str(cause)) from cause
    except ValueError as quoting:
        return ExceptionGroup("several", [quoting, error])


def test_a_refused_row_is_absent_from_the_log_of_a_request(printed: io.StringIO) -> None:
    assert Client(raise_request_exception=False).post("/depot/").status_code == 500
    said = printed.getvalue()
    assert said.startswith("Internal Server Error: /depot/\nTraceback (most recent call last):\n")
    assert "in write_badly\n" in said
    assert "SQLSTATE 23514, constraint accounts_user_email_is_lower_case, table accounts_user" in said
    assert "django.db.utils.IntegrityError: SQLSTATE" in said
    assert "psycopg.errors.CheckViolation: SQLSTATE" in said
    for personal in (PLANTED, "exemple.ca", "DETAIL", "Failing row"):
        assert personal not in said


@pytest.mark.parametrize(
    "sql, sort, state",
    [
        (
            "INSERT INTO auth_group (name) SELECT given FROM (SELECT %s AS given), generate_series(1, 2)",
            IntegrityError,
            "23505",
        ),
        ("SELECT %s::integer", DataError, "22P02"),
        ("SELECT left(%s, 5)::date", DataError, "22007"),
    ],
)
@pytest.mark.parametrize("way", ["traced", "in words", "repeated", "in a group"])
def test_a_row_quoted_by_the_database_is_not_logged(
    sql: str, sort: type[Error], state: str, way: str, printed: io.StringIO
) -> None:
    error = database_error_of(sql, PLANTED)
    assert isinstance(error, sort)
    assert PLANTED[:5] in str(error)
    log = logging.getLogger("intake.essai")
    if way == "traced":
        log.error("it failed", exc_info=error)
    elif way == "in words":
        log.error("it failed: %s (%r)", error, error)
    elif way == "repeated":
        log.error(f"it failed: {error}", exc_info=error)  # noqa: G004 -- the quoted error must be redacted too
    else:
        log.error("it failed", exc_info=raised_again(error))
    said = printed.getvalue()
    assert f"SQLSTATE {state}" in said
    assert said.startswith("it failed")
    assert PLANTED[:5] not in said
    assert "DETAIL" not in said


def test_a_database_error_is_hidden_in_every_position_of_a_record(printed: io.StringIO) -> None:
    error = database_error_of("SELECT %s::integer", PLANTED)
    short = "SQLSTATE 22P02"
    log = logging.getLogger("intake.essai")
    log.error("%s (%r)", error, error)
    log.error("%(what)s", {"what": error})
    log.error("%s", psycopg.DataError(PLANTED))
    log.error("%s", DataError(PLANTED))
    log.error("it says nothing: %s.", Error())
    for link in ("__cause__", "__context__"):
        around = ValueError(str(error))
        setattr(around, link, error)
        log.error("%s", around)
    hidden = "(what it says may quote a row)"
    assert printed.getvalue().splitlines() == [
        f"{short} (DataError({short}))",
        short,
        hidden,
        hidden,
        "it says nothing: .",
        short,
        short,
    ]


def test_a_quoted_row_of_many_lines_is_removed_completely(printed: io.StringIO) -> None:
    words = "Première ligne\nDETAIL: deuxième\n\n  troisième"
    with as_owner():
        Group.objects.create(name=words)
    error = database_error_of("INSERT INTO auth_group (name) VALUES (%s)", words)
    logging.getLogger("intake.essai").error("it failed", exc_info=raised_again(error))
    for line in ("Première", "deuxième", "troisième"):
        assert line in str(error)
        assert line not in printed.getvalue()


def test_a_constraint_error_is_described_by_its_names() -> None:
    assert describe_database_error(OperationalError("connection refused")) == "connection refused"
    assert describe_database_error(InterfaceError("no answer")) == "no answer"
    quoting = OperationalError("no answer")
    quoting.__cause__ = ValueError(PLANTED)
    assert describe_database_error(quoting) == "no answer"
    given = database_error_of("INSERT INTO accounts_user (email) VALUES (NULL)")
    assert describe_database_error(given) == "SQLSTATE 23502, table accounts_user"
    assert describe_database_error(database_error_of("SELECT 1 / 0")) == "SQLSTATE 22012"
    again = database_error_of("INSERT INTO auth_group (name) SELECT 'a' FROM generate_series(1, 2)")
    assert (
        describe_database_error(again) == "SQLSTATE 23505, constraint auth_group_name_key, table auth_group"
    )
    assert describe_database_error(again.__cause__ or again) == describe_database_error(again)


def test_an_uncaught_database_error_is_printed_without_its_row(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plain = ValueError(PLANTED)
    sys.excepthook(ValueError, plain, None)
    assert capsys.readouterr().err == f"ValueError: {PLANTED}\n"
    error = database_error_of("SELECT %s::integer", PLANTED)
    sys.excepthook(type(error), error, error.__traceback__)
    printed = capsys.readouterr().err
    assert printed.startswith("Traceback (most recent call last):\n")
    assert printed.endswith("django.db.utils.DataError: SQLSTATE 22P02\n")
    assert PLANTED not in printed


def test_a_failing_command_prints_no_row_either() -> None:
    program = (
        "import psycopg; from intake.web.log_redaction import install_log_redaction; install_log_redaction()\n"
        "raise psycopg.errors.CheckViolation('refused\\nDETAIL:  Failing row contains (Tremblay)')"
    )
    done: Any = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.endswith("psycopg.errors.CheckViolation: SQLSTATE 23514\n")
    assert "Tremblay" not in done.stderr.partition("psycopg.errors")[2]
