"""Participations for tests, entered by the operation that staff use."""

import datetime as dt
import itertools

from intake.register.models import Participation
from intake.register.people import Person
from intake.register.selectors import entries_of
from intake.register.services import enter_participation
from offers.models import Programme
from offers.services.creating import default_programme

_serial = itertools.count(1)


def portal_programme() -> Programme:
    """Return the portal's own programme."""
    return default_programme()


def make_participation(
    *,
    programme: Programme | None = None,
    last_name: str = "Participante",
    first_name: str = "Ancienne",
    birth_date: str = "1990-05-04",
    year: int = 0,
) -> Participation:
    """Enter a person in the register, in another year at each call unless `year` is given."""
    return enter_participation(
        last_name=last_name,
        first_name=first_name,
        birth_date=dt.date.fromisoformat(birth_date),
        programme=programme or portal_programme(),
        year=year or 1980 + next(_serial) % 100,
        actor=None,
    )


def is_known(*, last_name: str, first_name: str, birth_date: dt.date, programme: Programme) -> bool:
    """Return whether the register has a row that may be this person's in `programme`."""
    person = Person(last_name=last_name, first_name=first_name, birth_date=birth_date)
    return entries_of(person, programme).exists()
