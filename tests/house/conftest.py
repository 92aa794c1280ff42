"""The world that the tests of access, of headers and of other people's data look at."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from tests.house.world import World, make_world


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One world for a whole module, undone after it; `World.ask` undoes what each request did."""
    del django_db_setup
    cache.clear()
    with django_db_blocker.unblock(), transaction.atomic():
        made = make_world()
        # Planned by what earlier tests left in the tables, a list of the administration takes five times as long.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield made
        transaction.set_rollback(True)
    cache.clear()
