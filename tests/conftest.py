"""Fixtures of all tests: real servers, started when the first test needs them and stopped at the end.

The rules that apply to every test are in `tests/strict_mode.py`.
"""

import gc
import math
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections, transaction
from pytest_django import DjangoDbBlocker

from intake.devtools import embedded
from intake.outbox import policy
from tests import (
    accessibility,
    chromium,
    database_cleaning,
    database_roles,
    forced_login,
    frame_block,
    migrated_database,
    order,
    security_log,
    servers,
    slow,
    strict_mode,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# The tests alone use this address: processes that they start must not find it in their environment. The workers of a
# run start after this line, so they read the second variable.
_DATABASE_URL = os.environ.setdefault("TESTS_DATABASE_URL", os.environ.pop("DATABASE_URL", ""))
# The quick form tries the same examples in every run, so a failure comes from the change under test; the exhaustive
# form draws new examples, and more. `scripts/test` chooses.
hypothesis.settings.register_profile("steady", derandomize=True, database=None)
hypothesis.settings.register_profile("drawn", max_examples=500)

# With the default policy the kernel switches between workers often, and each evicts the other's caches: on two cores,
# four workers took a third longer.
if hasattr(os, "SCHED_BATCH"):
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))

frame_block.run_in_large_frame()
strict_mode.shuffle_unordered_rows()
strict_mode.refuse_undefined_variables()
strict_mode.refuse_the_network()
servers.refuse_unmarked()
forced_login.check_second_factor_too()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark tests that start servers and slow tests, before `-m` deselects any."""
    servers.mark([item])
    slow.mark([item])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a worker of a parallel run, start with the longest files."""
    if hasattr(config, "workerinput"):
        items[:] = order.longest_first(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that starts servers without the mark."""
    with servers.started_only_if(allowed=servers.is_marked(item)):
        return (yield)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Import every page, as a web server does before its first request, unless no collected test needs the database.

    Then exclude the collected tests from garbage collections: they stay, and are most of the objects.
    """
    if any(
        item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ())
        for item in session.items
    ):
        import intake.urls  # noqa: F401, PLC0415 -- half a second, which tests of functions save
    gc.collect()
    gc.freeze()
    # A test creates little garbage; with the default threshold, collections cost a twentieth of its time.
    gc.set_threshold(50_000, 20, 50)


def pytest_sessionfinish() -> None:
    """Forget the security events that were counted: at its exit the process would write them to a closed stream."""
    security_log.forget()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the list of slow tests and the results of the checks of accessibility, if requested."""
    slow.rewrite_if_asked(terminalreporter.stats)
    accessibility.rewrite_if_asked(terminalreporter.stats)


@pytest.fixture(scope="session", autouse=True)
def priority_is_kept() -> Iterator[None]:
    """Leave this process its priority: the command of a worker lowers its own for good, and later tests would wait."""
    change, lower, ours = os.setpriority, policy._lower_session, os.getpid()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "setpriority", lambda which, who, niceness: who and change(which, who, niceness))
        patch.setattr(policy, "_lower_session", lambda who, niceness: who == ours or lower(who, niceness))
        yield


@pytest.fixture(autouse=True)
def nobody_reached_the_network() -> Iterator[None]:
    """Fail a test that tried to reach another machine, even if the code under test caught the exception."""
    strict_mode.network_attempts.clear()
    yield
    assert not strict_mode.network_attempts


@pytest.fixture
def security_events(monkeypatch: pytest.MonkeyPatch) -> Iterator[security_log.SecurityLog]:
    """The security events of the test, as the lines of the log."""
    with security_log.reading(monkeypatch) as log:
        yield log


@pytest.fixture(autouse=True)
def english_is_offered() -> None:
    """Remember, as a process does, that staff offer English: a page of a test without a database cannot read it."""
    from intake.operations import preferences  # noqa: PLC0415 -- models are ready after the first lines of this module

    preferences.memory.english_offered, preferences.memory.stale_at = True, math.inf


@pytest.fixture
def reported_checks(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Iterator[None]:
    """Report the checks with axe of a test that has a page, its parameter `shown`, under the page's address."""
    parameters: dict[str, Any] = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    checks = accessibility.begin(str(parameters.get("shown", "")).partition(" ")[0].partition("@")[0])
    if "shown" in parameters:
        record_property(accessibility.PROPERTY, checks)
    yield
    accessibility.begin("")  # checks of tests without this fixture are not this test's


@pytest.fixture(scope="session")
def embedded_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Urls]:
    """A PostgreSQL and a Valkey for this run only, without fsync: their rows need not survive a crash.

    With `TESTS_DATA_DIR`, the servers of that folder, shared with the process that started them.
    """
    given, shared = (
        embedded.external_database({"DATABASE_URL": _DATABASE_URL}),
        os.environ.get("TESTS_DATA_DIR"),
    )
    data_dir = Path(shared) if shared else tmp_path_factory.mktemp("data")
    with ExitStack() as running:
        with servers.started_only_if(allowed=True):
            if not (given or shared):
                migrated_database.copy_migrated_database(data_dir)
            urls = running.enter_context(embedded.servers(data_dir, database=given))
        if not urls.is_ours:
            yield urls
            return
        with psycopg.connect(urls.database_superuser, autocommit=True) as superuser:
            superuser.execute("ALTER SYSTEM SET fsync = off")
            superuser.execute("ALTER SYSTEM SET full_page_writes = off")
            # A vacuum between two tests records a table as empty, and plans then ignore the rows of a test.
            superuser.execute("ALTER SYSTEM SET autovacuum = off")
            superuser.execute("SELECT pg_reload_conf()")
        yield urls


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    embedded_servers: embedded.Urls,
    django_db_modify_db_settings_parallel_suffix: None,
    *,
    django_db_keepdb: bool,
) -> Iterator[None]:
    """Point Django at the run's PostgreSQL, as the owner, with a migrated database as template of the tests' database.

    A server that was given has no such template: Django migrates there.
    """
    del django_db_modify_db_settings_parallel_suffix  # a server that was given serves every worker
    database_roles.log_in(embedded_servers.database_owner)
    if embedded_servers.is_ours:
        connections["default"].settings_dict["TEST"]["TEMPLATE"] = migrated_database.DATABASE
    cleaner = database_cleaning.install_cleaner(embedded_servers, keeps=django_db_keepdb)
    yield
    cleaner.close()


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, embedded_servers: embedded.Urls, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The tests' database, made by the owner; tests then connect as the role that serves in production."""
    with django_db_blocker.unblock():
        database_roles.connect_as_application(embedded_servers.database_superuser)
    with pytest.MonkeyPatch.context() as patch:
        # Invented staff get their role as the owner: here on the test's own connection, whose rows nobody else sees.
        patch.setattr("intake.devtools.synthetic.service_steps.as_owner", database_roles.as_owner)
        yield
    with django_db_blocker.unblock():
        database_roles.connect_as_owner(embedded_servers.database_owner)


@pytest.fixture(scope="session")
def django_db_keepdb(embedded_servers: embedded.Urls, *, django_db_keepdb: bool) -> bool:
    """Keep the tests' database if the PostgreSQL is only of this run: a database in use cannot be dropped."""
    is_of_this_run = embedded_servers.is_ours and "TESTS_DATA_DIR" not in os.environ
    return django_db_keepdb or is_of_this_run


@pytest.fixture(scope="module")
def module_db(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The database, for rows that a module of tests creates once and shares; rolled back after the module.

    Each test rolls back its changes to these rows. Give each test a deep copy of their Python objects. No test of the
    module may commit: the rows are in one open transaction.
    """
    here = [item for item in request.session.items if item.path == request.path]
    assert not [item.nodeid for item in here if strict_mode.uses_real_transactions(item)], (
        "a test that commits goes to a file of its own"
    )
    cache.clear()
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
    cache.clear()


@pytest.fixture
def app_connection(
    embedded_servers: embedded.Urls, transactional_db: None
) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection of the application's own role to the tests' database, each statement its own transaction."""
    del transactional_db
    name = connections["default"].settings_dict["NAME"]
    with psycopg.connect(embedded_servers.database, dbname=name, autocommit=True) as connection:
        yield connection


@pytest.fixture
def served(
    embedded_servers: embedded.Urls, transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Environment for a web server of this process that serves the tests' database.

    It connects as the application's role, and sees only committed rows.
    """
    del transactional_db
    address, _slash, _name = embedded_servers.database.rpartition("/")
    for name, value in {
        "DJANGO_SETTINGS_MODULE": "intake.settings.embedded",
        "DATABASE_URL": f"{address}/{connections['default'].settings_dict['NAME']}",
        "CACHE_URL": embedded_servers.cache,
        "CELERY_BROKER_URL": "memory://",
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": settings.SECRET_KEY,
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """A Chromium for one module: while it runs, Playwright's event loop makes Django reject queries."""
    with chromium.launched() as browser:
        yield browser
