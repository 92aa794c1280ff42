"""The portal's own programme exists in every test, even after one that emptied the tables."""

import pytest

from offers.services.creating import default_programme


@pytest.fixture(autouse=True)
def the_portals_own_programme(request: pytest.FixtureRequest) -> None:
    """Make the portal's programme in tests that use the database."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        default_programme()
