"""The portal's own programme exists in every test, even after one that emptied the tables."""

import datetime as dt
from collections.abc import Iterator

import pytest

from intake.register import services
from intake.register.people import Participant, Person
from offers.models import Programme
from offers.services.creating import default_programme
from tests.factories.participants import portal_programme

BORN = dt.date(1990, 5, 4)


def participant(first_name: str = "Marie-Ève", year: int = 2014) -> Participant:
    """Return a person of a list, of the portal's programme."""
    person = Person(last_name="Roy", first_name=first_name, birth_date=BORN)
    return Participant(person=person, programme=portal_programme(), year=year)


@pytest.fixture(autouse=True)
def the_portals_own_programme(request: pytest.FixtureRequest) -> None:
    """Make the portal's programme in tests that use the database."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        default_programme()


@pytest.fixture
def told() -> Iterator[list[Programme]]:
    """The programmes for which change listeners were called."""
    programmes: list[Programme] = []
    for _twice in range(2):  # registered twice, called once
        services.register_change_listener(programmes.append)
    yield programmes
    services._listeners.remove(programmes.append)


@pytest.fixture
def placements() -> Iterator[list[Participant]]:
    """People that an app above `register` reports as completed; the test fills the list."""
    people: list[Participant] = []
    source: services.Source = lambda: people  # noqa: E731 -- one expression
    for _twice in range(2):
        services.register_completed_source(source)
    yield people
    services._sources.remove(source)
