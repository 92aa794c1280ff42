"""The world that the tests of access, of headers and of other people's data look at."""

import pytest
from django.db import connection

from tests.house.world import World, make_world


@pytest.fixture(scope="module")
def world(module_db: None) -> World:
    """One world for a whole module; `World.ask` undoes what each request did."""
    made = make_world()
    # Planned by what earlier tests left in the tables, a list of the administration takes five times as long.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return made
