"""Reads of the register."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from offers.models import Programme

from .errors import NameWithoutLettersError
from .keys import all_keys
from .models import Participation, Removal
from .people import Person


def is_known(*, last_name: str, first_name: str, birth_date: date, programme: Programme) -> bool:
    """Say whether this person took part in `programme`, as far as the register knows; one query, whatever the keys.

    Case, accents, hyphens and given names left out at the end are overlooked; see `people`.

    :raises NamelessError: if a name has no letter.
    :raises NoKeyError: if the installation has no key.
    """
    person = Person(last_name=last_name, first_name=first_name, birth_date=birth_date)
    return entries_of(person, programme).exists()


def entries_of(person: Person, programme: Programme) -> QuerySet[Participation]:
    """Return the rows that may be this person's, unordered.

    :raises NamelessError: if a name has no letter.
    :raises NoKeyError: if the installation has no key.
    """
    keys = all_keys()
    whole = [key.whole(person, programme) for key in keys]
    shorter = [digest for key in keys for digest in key.shorter(person, programme)]
    return Participation.objects.filter(Q(whole__in=[*whole, *shorter]) | Q(shorter__overlap=whole))


def latest_entries[Name: Hashable](people: Mapping[Name, tuple[Person, Programme]]) -> dict[Name, datetime]:
    """Return when the newest row that may be each person's was entered; whoever has none is not in it.

    One query whatever their number, none for nobody. A person whose names have no letter has none.

    :raises NoKeyError: if the installation has no key.
    """
    keys = all_keys()
    asked: dict[Name, tuple[set[str], set[str]]] = {}
    for name, (person, programme) in people.items():
        try:
            whole = {key.whole(person, programme) for key in keys}
            shorter = {digest for key in keys for digest in key.shorter(person, programme)}
        except NameWithoutLettersError:
            continue
        asked[name] = whole, whole | shorter
    if not asked:
        return {}
    wholes = [digest for whole, _forms in asked.values() for digest in whole]
    every = [digest for _whole, forms in asked.values() for digest in forms]
    rows = Participation.objects.filter(Q(whole__in=every) | Q(shorter__overlap=wholes))
    found: dict[Name, datetime] = {}
    for row in rows.order_by("created_at", "pk"):
        for name, (whole, forms) in asked.items():
            if row.whole in forms or not whole.isdisjoint(row.shorter):
                found[name] = row.created_at
    return found


@dataclass(frozen=True, slots=True)
class YearCount:
    """How many rows a year has, for each source in the order of `Participation.Source`."""

    year: int
    by_source: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of the year's rows."""
        return sum(self.by_source)


def counts_by_year() -> list[YearCount]:
    """Return how many rows there are of each year, latest first; one query."""
    rows = Participation.objects.order_by().values_list("year", "source").annotate(count=Count("pk"))
    counts = Counter({(year, source): count for year, source, count in rows})
    years = sorted({year for year, _source in counts}, reverse=True)
    return [
        YearCount(year, tuple(counts[year, source] for source in Participation.Source.values))
        for year in years
    ]


def count_rows_without_key() -> int:
    """Count the rows made with a key that the installation no longer has: they recognise nobody."""
    return Participation.objects.exclude(key_name__in=list(settings.REGISTER_KEYS)).count()


def count_rows_with_older_keys() -> int:
    """Count the rows made with another key than the current one, lost ones aside."""
    older = list(settings.REGISTER_KEYS)[1:]
    return Participation.objects.filter(key_name__in=older).count()


def latest_removals(number: int) -> Iterable[Removal]:
    """Return the `number` latest removals, latest first."""
    return Removal.objects.select_related("programme").order_by("-removed_at", "-pk")[:number]
