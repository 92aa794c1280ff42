"""Queries on the register."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from offers.models import Programme

from .errors import NameWithoutLettersError
from .models import Participation, Removal
from .people import Key, Person, all_keys


def entries_of(person: Person, programme: Programme) -> QuerySet[Participation]:
    """Return the rows that may be this person's, unordered. One query for all keys.

    Ignores case, accents, hyphens and omitted last given names; see `people`.

    :raises NameWithoutLettersError: if a name has no letter.
    :raises NoKeyError: if the installation has no key.
    """
    return entries_with(digests_of(person, programme))


IS_IN_REGISTER: Final = (
    "(SELECT count(*) > 0 FROM register_participation WHERE whole = ANY(%s) OR shorter && %s::varchar[])"
)
"""SQL of `entries_with(digests).count() > 0`; the parameters are the two lists of `digests_of`.

For a statement that runs thousands of times in the last minute: building the queryset takes longer than running it.
Not EXISTS: PostgreSQL expects that one row in two hundred has the digest, and would look for the first of them through
the whole table. Almost always there is none."""


def digests_of(person: Person, programme: Programme) -> tuple[list[str], list[str]]:
    """Return the digests, by every key, that full names of matching rows have, and those that shortened names have.

    :raises NameWithoutLettersError: if a name has no letter.
    :raises NoKeyError: if the installation has no key.
    """
    whole, forms = _digests(person, programme, all_keys())
    return list(forms), list(whole)


def entries_with(digests: tuple[list[str], list[str]]) -> QuerySet[Participation]:
    """Return the rows with one of these `digests_of` a person, unordered."""
    whole, shorter = digests
    return Participation.objects.filter(Q(whole__in=whole) | Q(shorter__overlap=shorter))


def latest_entries[Name: Hashable](people: Mapping[Name, tuple[Person, Programme]]) -> dict[Name, datetime]:
    """Return for each person the instant when the newest row that may be theirs was entered.

    A person without a row, or whose name has no letter, is left out. One query for any number; none for no person.

    :raises NoKeyError: if the installation has no key.
    """
    keys = all_keys()
    digests: dict[Name, tuple[set[str], set[str]]] = {}
    for name, (person, programme) in people.items():
        with suppress(NameWithoutLettersError):
            digests[name] = _digests(person, programme, keys)
    if not digests:
        return {}
    wholes = [digest for whole, _forms in digests.values() for digest in whole]
    every = [digest for _whole, forms in digests.values() for digest in forms]
    rows = Participation.objects.filter(Q(whole__in=every) | Q(shorter__overlap=wholes))
    latest: dict[Name, datetime] = {}
    for row in rows.order_by("created_at", "pk"):
        for name, (whole, forms) in digests.items():
            if row.whole in forms or not whole.isdisjoint(row.shorter):
                latest[name] = row.created_at
    return latest


def _digests(person: Person, programme: Programme, keys: tuple[Key, ...]) -> tuple[set[str], set[str]]:
    """Return a person's digests by every key: of the full names, and of these and the shortened ones."""
    whole = {key.whole(person, programme) for key in keys}
    return whole, whole | {digest for key in keys for digest in key.shorter(person, programme)}


@dataclass(frozen=True, slots=True)
class YearCount:
    """Number of rows of a year, per source in the order of `Participation.Source`."""

    year: int
    by_source: tuple[int, ...]

    @property
    def total(self) -> int:
        """Number of rows of the year."""
        return sum(self.by_source)


def counts_by_year() -> list[YearCount]:
    """Return the number of rows per year, latest first. One query."""
    rows = Participation.objects.order_by().values_list("year", "source").annotate(count=Count("pk"))
    counts = Counter({(year, source): count for year, source, count in rows})
    years = sorted({year for year, _source in counts}, reverse=True)
    return [
        YearCount(year, tuple(counts[year, source] for source in Participation.Source.values))
        for year in years
    ]


def count_rows_without_key() -> int:
    """Count the rows whose key is no longer in `REGISTER_KEYS`: they match no person."""
    return Participation.objects.exclude(key_name__in=list(settings.REGISTER_KEYS)).count()


def count_rows_with_older_keys() -> int:
    """Count the rows that use an older key of `REGISTER_KEYS`."""
    older = list(settings.REGISTER_KEYS)[1:]
    return Participation.objects.filter(key_name__in=older).count()


def latest_removals(number: int) -> Iterable[Removal]:
    """Return the `number` latest removals, latest first."""
    return Removal.objects.select_related("programme").order_by("-removed_at", "-pk")[:number]
