"""What every test may rely on: real servers, started when the first test needs them and stopped at the end.

The suite's habits are in `tests/strict_mode.py`.
"""

import gc
import os
from collections.abc import Generator, Iterator
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
from intake.settings import services
from tests import (
    chromium,
    database_cleaning,
    frame_block,
    migrated_database,
    order,
    servers,
    slow,
    strict_mode,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# For the tests' own database alone: what they start finds none in its environment. The workers of a run find it under
# the other name, for they start after this process has read it.
_DATABASE_URL = os.environ.setdefault("TESTS_DATABASE_URL", os.environ.pop("DATABASE_URL", ""))
# The quick form tries the same examples at every run, and so fails for the change at hand alone; the exhaustive form
# draws new ones, and more. Chosen by `scripts/test`.
hypothesis.settings.register_profile("steady", derandomize=True, database=None)
hypothesis.settings.register_profile("drawn", max_examples=500)

frame_block.run_in_large_frame()
strict_mode.shuffle_unordered_rows()
strict_mode.refuse_undefined_variables()
strict_mode.refuse_the_network()
servers.refuse_unmarked()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what starts servers and what takes long, before `-m` leaves any out."""
    servers.mark([item])
    slow.mark([item])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the workers of a run, where there are several, begin with what takes longest."""
    if hasattr(config, "workerinput"):
        items[:] = order.longest_first(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Refuse that a test starts servers without its mark."""
    with servers.started_only_if(allowed=servers.is_marked(item)):
        return (yield)


def pytest_collection_finish() -> None:
    """Leave what was collected out of every later search for garbage: it stays, and is most of what there is."""
    gc.collect()
    gc.freeze()
    # A test leaves little behind, and the searches of the usual threshold cost a twentieth of its time.
    gc.set_threshold(50_000, 20, 50)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Keep which tests took long, where that is asked for."""
    slow.rewrite_if_asked(terminalreporter.stats)


@pytest.fixture(autouse=True)
def nobody_reached_the_network() -> Iterator[None]:
    """Fail the test that tried to reach another machine, even if what it called swallowed the refusal."""
    strict_mode.network_attempts.clear()
    yield
    assert not strict_mode.network_attempts


@pytest.fixture(scope="session")
def embedded_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Urls]:
    """A PostgreSQL and a Valkey of this run alone, whose rows need not outlive the machine: no disk is waited for.

    Those of the folder that `TESTS_DATA_DIR` names, where it is set: the run then shares them with who started them.
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
            # Vacuumed between two tests, a table is planned for as an empty one, whatever a test puts in it.
            superuser.execute("ALTER SYSTEM SET autovacuum = off")
            superuser.execute("SELECT pg_reload_conf()")
        yield urls


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    embedded_servers: embedded.Urls, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Point Django at the run's PostgreSQL, as the owner: it makes the tests' database from one that is migrated.

    On a server that was given there is none: Django then migrates.

    Tests of what the application's role may not do open their own connection with `embedded_servers.database`,
    in the database that Django made.
    """
    del django_db_modify_db_settings_parallel_suffix  # a server that is given serves every worker
    address = services.database(embedded_servers.database_owner)
    for key in ("USER", "PASSWORD", "HOST", "PORT"):
        connections["default"].settings_dict[key] = address[key]
    if embedded_servers.is_ours:
        connections["default"].settings_dict["TEST"]["TEMPLATE"] = migrated_database.DATABASE
    database_cleaning.install_cleaner(embedded_servers.database_superuser)


@pytest.fixture(scope="session")
def django_db_keepdb(embedded_servers: embedded.Urls, *, django_db_keepdb: bool) -> bool:
    """Leave the tests' database to go with a PostgreSQL of this run alone: none can drop it while somebody uses it."""
    is_of_this_run = embedded_servers.is_ours and "TESTS_DATA_DIR" not in os.environ
    return django_db_keepdb or is_of_this_run


@pytest.fixture(scope="module")
def module_db(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The database, for the rows that a module of tests makes once; they go with the module.

    Each test undoes what it changes of them, as it does of its own rows. Their Python objects it would share: give each
    test a deep copy. The module's tests commit nothing, for these rows wait for their end in one open transaction.
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
    """Let a web server that is started with this process's environment serve the tests' database.

    As the application's own role. What is written here must be committed to be seen there.
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
    """A Chromium, for one module: Django minds the event loop that Playwright keeps while it runs."""
    with chromium.launched() as browser:
        yield browser
