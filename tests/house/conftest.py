"""World for the tests of access, security headers and other people's data."""

from collections.abc import Iterator

import pytest
from django.db import connection

from intake.privacy.own_data import archive
from tests.database_roles import as_owner
from tests.house.world import World, make_world


@pytest.fixture(scope="module", autouse=True)
def nothing_drawn() -> Iterator[None]:
    """The PDF in each person's archive is not drawn: the process takes two seconds, for each kind of visitor."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "render_html", lambda html: html.encode())
        yield


@pytest.fixture(scope="module")
def world(module_db: None) -> World:
    """One world for a module. `World.ask` undoes the effects of each request."""
    made = make_world()
    # Statistics from tables that earlier tests filled give plans that make an administration list five times slower.
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return made
