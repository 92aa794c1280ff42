"""The programme for which the portal was made is there, whatever a test before emptied."""

import pytest

from offers.services import default_programme


@pytest.fixture(autouse=True)
def the_portals_own_programme(request: pytest.FixtureRequest) -> None:
    """Make it wherever there is a database to make it in."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        default_programme()
