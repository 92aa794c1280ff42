"""What a shortlist says: its lines, as they stand today or as they were frozen, and the digest that proves them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from functools import partial
from itertools import batched, chain
from typing import Any, overload, override

from django.db.models import DecimalField, Exists, Prefetch, QuerySet, Value

from eligibility.canonical import digest
from intake.review.marks.queries import counted_marks, with_marks
from intake.review.models import Shortlist
from intake.submissions.models import Filing, Ruling, Submission
from intake.submissions.states import State
from offers.models import Offer

from .fingerprint import Fingerprint
from .queries import shortlisted

_THOUSANDTH = Decimal("0.001")
_CHUNK = 500
"""Filings read from the database at a time: memory does not grow with what they hold."""


class MissingFilingError(Exception):
    """A shortlisted submission has no filing: the database's own constraints were removed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One place on a shortlist, in what proves it: read for the whole list at once, in one query."""

    place: int
    """In the list, from 1: what proves the order, and no rank."""
    filing: int
    """The primary key of the one that stood."""
    number: str
    """Of its receipt."""
    seal: str
    """The digest of its seal."""
    score: Decimal | None
    """From 0 to 5, None without a mark. Cut off at the thousandth: it still rounds as the mean does."""
    marks: int
    reserve: str
    """A code of `intake.submissions.states.HumanReview`."""

    @property
    def rank(self) -> int | None:
        """Return the place of a candidature with a mark; None without one, whose place says nothing of merit."""
        return self.place if self.marks else None


@dataclass(frozen=True, slots=True)
class Line:
    """One place on a shortlist with all that is filed there: what pages and files say of it."""

    entry: Entry
    filing: Filing
    """Read with its submission, receipt, seal, dossier, verdict and rulings."""


def entries_of(offer: Offer, shortlist: Shortlist | None) -> list[Entry]:
    """Return the places of `shortlist` as they were frozen or, without one, of the offer's list as it stands."""
    return _current(offer) if shortlist is None else _frozen(shortlist)


def shortlist_lines(offer: Offer, shortlist: Shortlist | None) -> Iterator[Line]:
    """Yield the lines of `shortlist` as they were frozen or, without one, those of the offer's list as it stands."""
    for some in batched(entries_of(offer, shortlist), _CHUNK):
        yield from lines_of_entries(some)


def lines_of_entries(entries: Sequence[Entry]) -> list[Line]:
    """Return the lines of these places, in their order, read together."""
    found = (
        Filing.objects.select_related("submission", "receipt", "seal__dossier", "verdict")
        .prefetch_related(Prefetch("rulings", Ruling.objects.order_by("position", "pk")))
        .in_bulk([entry.filing for entry in entries])
    )
    return [Line(entry, found[entry.filing]) for entry in entries]


@dataclass(frozen=True)
class LazyEntries(Sequence[Entry]):
    """The places of a list, of which a slice reads no more than its own."""

    length: int
    read: Callable[[int, int], list[Entry]]
    """Returns the places from one index, from 0, to before another."""

    @override
    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, wanted: int) -> Entry: ...

    @overload
    def __getitem__(self, wanted: slice) -> list[Entry]: ...

    @override
    def __getitem__(self, wanted: int | slice) -> Entry | list[Entry]:
        """Return one place or, for a slice without a step, several."""
        if isinstance(wanted, int):
            first = wanted if wanted >= 0 else self.length + wanted
            return self[first : first + 1][0]
        first, last, _step = wanted.indices(self.length)
        return self.read(first, last) if last > first else []


def lazy_entries_of(offer: Offer, known: Fingerprint, *, by_number: bool = False) -> LazyEntries:
    """Return the places of the offer's list as it stands; `known` is its fingerprint, read before.

    Were the list to change since, its fingerprint would too. `by_number` gives them by receipt number, each with its
    place in that order: for a reader who may not read all the means that make the other.
    """
    read = partial(_by_number, offer) if by_number else partial(_current_between, offer, known.marked)
    return LazyEntries(known.rows, read)


def lazy_frozen_entries_of(shortlist: Shortlist, *, by_number: bool = False) -> LazyEntries:
    """Return the places of a frozen list; `by_number` gives them by receipt number, with the places that they have."""
    order = "filing__receipt__number" if by_number else "rank"
    rows = shortlist.rows.order_by(order).values_list(*_FROZEN)
    return LazyEntries(shortlist.rows_count, lambda first, last: [Entry(*row) for row in rows[first:last]])


def is_same_list(entries: Iterable[Entry], others: Iterable[Entry]) -> bool:
    """Say whether both are the same filings, in the same order, with the same means."""
    return list(entries) == list(others)


def submissions_on(offer: Offer, shortlist: Shortlist | None) -> QuerySet[Submission]:
    """Return the candidatures on `shortlist` or, without one, on the offer's list as it stands; in no order."""
    if shortlist is None:
        return Submission.objects.filter(offer=offer, state=State.SHORTLISTED)
    return Submission.objects.filter(pk__in=shortlist.rows.values("filing__submission"))


def digest_of(*, offer: str, number: int, entries: Iterable[Entry]) -> str:
    """Return `sha256:` and the hexadecimal SHA-256 of the canonical JSON (CONTRACTS) of a frozen list.

    Its shape, the rows in their order:
    `{"offer": "2027-020", "shortlist": 1, "rows": [{"rank": 1, "number": "2027-020-000123-K", "seal": "sha256:…",
    "score": "4.250", "reserve": "NONE"}]}`. A row's `rank` is its place, with a mark or without; its `number` is its
    receipt's, `seal` the digest of its filing's seal, `score` the mean cut off at three decimals, null without a mark,
    `reserve` a code of `Reserve`.
    """
    rows = [
        {
            "rank": entry.place,
            "number": entry.number,
            "seal": entry.seal,
            "score": None if entry.score is None else str(entry.score),
            "reserve": entry.reserve,
        }
        for entry in entries
    ]
    return digest({"offer": offer, "shortlist": number, "rows": rows})


_CURRENT: tuple[str, ...] = (
    "standing_filing",
    "standing_filing__receipt__number",
    "standing_filing__seal__digest",
    "mean_mark",
    "marks",
    "reserve",
)
"""What of a shortlisted submission, read by `with_marks`, makes an entry."""


def _current(offer: Offer) -> list[Entry]:
    return _entries(shortlisted(offer).values_list(*_CURRENT), first=1)


def _current_between(offer: Offer, marked: int, first: int, last: int) -> list[Entry]:
    """Read the marked by their means and the others by their numbers alone: of these, an index has the order."""
    has_mark = Exists(counted_marks())
    ranked = (
        shortlisted(offer).filter(has_mark).values_list(*_CURRENT)[min(first, marked) : min(last, marked)]
    )
    others = Submission.objects.filter(~has_mark, offer=offer, state=State.SHORTLISTED)
    unranked = (
        # All have a receipt: said here, PostgreSQL may begin with the numbers instead of sorting all the files.
        others.filter(standing_filing__receipt__isnull=False)
        .annotate(mean_mark=Value(None, DecimalField()), marks=Value(0))
        .order_by("standing_filing__receipt__number")
        .values_list(*_CURRENT)[max(first - marked, 0) : max(last - marked, 0)]
    )
    return _entries(chain(ranked, unranked), first=first + 1)


def _by_number(offer: Offer, first: int, last: int) -> list[Entry]:
    listed = Submission.objects.filter(
        offer=offer, state=State.SHORTLISTED, standing_filing__receipt__isnull=False
    )
    rows = with_marks(listed).order_by("standing_filing__receipt__number").values_list(*_CURRENT)
    return _entries(rows[first:last], first=first + 1)


def _entries(rows: Iterable[tuple[Any, ...]], *, first: int) -> list[Entry]:
    """Return the entries that these rows of `_CURRENT` make, their places counted from `first`."""
    return [
        Entry(
            place=place,
            filing=_require_filing(filing),
            number=number,
            seal=seal,
            score=None if mean is None else Decimal(mean).quantize(_THOUSANDTH, rounding=ROUND_DOWN),
            marks=marks or 0,
            reserve=reserve,
        )
        for place, (filing, number, seal, mean, marks, reserve) in enumerate(rows, start=first)
    ]


def _require_filing(filing: int | None) -> int:
    if filing is None:
        raise MissingFilingError
    return filing


_FROZEN: tuple[str, ...] = (
    "rank",
    "filing",
    "filing__receipt__number",
    "filing__seal__digest",
    "score",
    "marks",
    "reserve",
)


def _frozen(shortlist: Shortlist) -> list[Entry]:
    return [Entry(*row) for row in shortlist.rows.order_by("rank").values_list(*_FROZEN)]
