"""World for the tests of access, security headers and other people's data."""

import pytest
from django.db import connection

from tests.house.world import World, make_world


@pytest.fixture(scope="module")
def world(module_db: None) -> World:
    """One world for a module. `World.ask` undoes the effects of each request."""
    made = make_world()
    # Statistics from tables that earlier tests filled give plans that make an administration list five times slower.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return made
