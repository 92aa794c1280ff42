"""Rules for every test; `tests/house/test_strict_mode.py` tests each rule.

Querysets without an order return rows in a random order, a template of the portal that uses an undefined variable
fails, and no connection leaves this machine. Warnings are errors by `pyproject.toml`. All of it applies to the tests'
process.
"""

import ipaddress
import socket
import sys
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models.expressions import OrderBy
from django.db.models.functions import Random
from django.db.models.sql.compiler import SQLCompiler
from django.template import Context, base
from django.template.base import FilterExpression, Parser, Variable, VariableDoesNotExist
from django.template.defaultfilters import default
from pytest_django.fixtures import validate_django_db


# -- Random order of rows without an order -----------------------------------------------------------------
def shuffle_unordered_rows() -> None:
    """Order rows at random in every queryset without an order.

    Unchanged: queries whose rows have no order to lose (aggregates, GROUP BY, subqueries), and those that SQL may
    order only by selected columns (DISTINCT, UNION).
    """
    original: Any = SQLCompiler._order_by_pairs

    def order_by_pairs(compiler: "SQLCompiler") -> Iterator[tuple[OrderBy, bool]]:
        ordered = False
        for pair in original(compiler):
            ordered = True
            yield pair
        query = compiler.query
        if (
            not ordered
            and type(compiler) is SQLCompiler
            and not (query.distinct or query.combinator or query.subquery)
            and query.group_by is None
            and not any(shown.contains_aggregate for shown in query.annotation_select.values())
        ):
            yield OrderBy(Random()), False

    setattr(SQLCompiler, original.__name__, order_by_pairs)


# -- Undefined variables in templates of the portal -----------------------------------------------------------
class UndefinedVariable(Exception):
    """A template of the portal uses an undefined variable."""


class _StrictVariable(Variable):
    """A variable whose absence is an error, wherever its template is rendered."""

    origin: base.Origin | None

    def resolve(self, context: Any) -> Any:
        """Return its value.

        :raises UndefinedVariable: if it is not defined.
        """
        try:
            return super().resolve(context)
        except VariableDoesNotExist as error:
            message = f"{self.origin}: nobody gave {{{{ {self.var} }}}}"
            raise UndefinedVariable(message) from error


class _Expression(FilterExpression):
    """An expression that is strict in templates of the portal.

    Django's own `string_if_invalid` would not do: it also changes templates of libraries, which rely on undefined
    variables. Tags that test a variable (`if`, `for`, `firstof`) still may, and so may `{{ name|default:"…" }}`.
    """

    def __init__(self, token: str, parser: Parser) -> None:
        super().__init__(token, parser)
        self.strict: FilterExpression | None = None
        tries = bool(self.filters) and self.filters[0][0] is default
        if self.is_var and not tries and _is_ours(parser.origin):
            variable = _StrictVariable(self.var.var)
            variable.origin = parser.origin
            self.strict = copy(self)
            self.strict.var = variable

    def resolve(self, context: Context, ignore_failures: bool = False) -> Any:  # noqa: FBT001, FBT002 -- Django's signature
        """Return the value, or raise in a template of the portal if it is undefined."""
        if self.strict is None or ignore_failures:
            return super().resolve(context, ignore_failures)
        return self.strict.resolve(context)


def _is_ours(origin: base.Origin | None) -> bool:
    folders = [Path(folder) for folder in settings.TEMPLATES[0]["DIRS"]]
    return origin is not None and any(Path(origin.name).is_relative_to(folder) for folder in folders)


def refuse_undefined_variables() -> None:
    """Raise if a template of the portal uses a variable that neither the view nor an `include` defines."""
    base.FilterExpression = _Expression  # type: ignore[misc]  # -- the parser looks the class up there


# -- Tests that commit ------------------------------------------------------------------------------------------
def uses_real_transactions(item: pytest.Item) -> bool:
    """True if a test commits its rows: the database is emptied after it, because no rollback removes them."""
    marker = item.get_closest_marker("django_db")
    fixtures = set(getattr(item, "fixturenames", ()))
    asks = bool(fixtures & {"transactional_db", "live_server", "django_db_reset_sequences"})
    return asks or (marker is not None and validate_django_db(marker)[0])


# -- No connection to another machine --------------------------------------------------------------------------
class NetworkUsed(Exception):
    """The process tried to reach another machine."""


network_attempts: list[str] = []
"""Attempts refused since the test began: code that catches the exception fails its test all the same."""
# The last one is this machine: a mail client sends its host name in its greeting.
_LOCAL_NAMES = {"", "localhost", "0.0.0.0", "::", socket.gethostname()}  # noqa: S104 -- compared only, no socket listens


def refuse_the_network() -> None:
    """Raise on every connection, datagram and look-up except this machine's own. Permanent: an audit hook."""
    sys.addaudithook(_judge_event)


def _judge_event(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""  # a path is a Unix socket
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0] or ""
    else:
        return
    if not _is_local(host):
        network_attempts.append(f"{event} {host!r}")
        message = f"{event}: tests do not leave this machine, and {host!r} is elsewhere"
        raise NetworkUsed(message)


def _is_local(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in _LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
