"""Lines of a shortlist, current or frozen, its fingerprint, and the digest that proves a frozen one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from functools import partial
from itertools import batched, chain
from typing import Any, overload, override

from django.db.models import (
    Avg,
    BigIntegerField,
    BitXor,
    Count,
    DecimalField,
    Exists,
    Expression,
    F,
    Func,
    Q,
    QuerySet,
    Value,
)

from eligibility.canonical import digest
from intake.review.marks.queries import countable_assessments, counted_marks, with_marks
from intake.review.models import Assessment, Shortlist
from intake.submissions.models import Filing, Ruling, Submission
from intake.submissions.states import State
from offers.models import Offer

_RECEIPT_NUMBER = "standing_filing__receipt__number"
_CURRENT: tuple[str, ...] = (
    "standing_filing",
    _RECEIPT_NUMBER,
    "standing_filing__seal__digest",
    "mean_mark",
    "marks",
    "reserve",
)
"""Columns of a shortlisted submission, read through `with_marks`, that make an entry after its place."""
_FROZEN: tuple[str, ...] = (
    "rank",
    "filing",
    "filing__receipt__number",
    "filing__seal__digest",
    "score",
    "marks",
    "reserve",
)
"""Columns of a frozen row that make an entry."""
_SEALED: tuple[str, ...] = (
    "received_at",
    "verdict__outcome",
    "seal__canonical",
    "seal__dossier__file",
    "seal__dossier__sha256",
)
"""Columns of a filing that make a line after its entry and rulings."""
_THOUSANDTH = Decimal("0.001")
_CHUNK = 500
"""Filings read from the database at a time, which bounds memory."""


class MissingFilingError(Exception):
    """A shortlisted submission has no filing: a database constraint was removed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One place on a shortlist, with the data that its digest covers. One query reads the whole list."""

    place: int
    """Position in the list, from 1: the order, not a rank."""
    filing: int
    """Primary key of the filing that was current."""
    number: str
    """Receipt number."""
    seal: str
    """Digest of the seal."""
    score: Decimal | None
    """Mean, from 0 to 5, truncated to three decimals, so that it rounds like the mean. None without a mark."""
    marks: int
    reserve: str
    """A code of `intake.submissions.states.HumanReview`."""

    @property
    def rank(self) -> int | None:
        """The place, if the submission has a mark. None otherwise: its place does not reflect merit."""
        return self.place if self.marks else None


@dataclass(frozen=True, slots=True)
class Line:
    """One place on a shortlist with what an export reads of its filing.

    Values, not rows: a row and its seal refer to each other, so that a long list would keep thousands of sealed
    payloads until the garbage collector looks for such cycles.
    """

    entry: Entry
    rulings: Sequence[Ruling]
    """Ordered by position, then oldest first."""
    received_at: datetime
    outcome: str
    """A code of `VERDICTS`."""
    sealed: str | None
    """Canonical payload; None once anonymised."""
    dossier: str | None
    """Name of the stored PDF dossier; None until it is generated."""
    dossier_sha256: str | None


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Identifies the content of a list, through `str`. Equal for the current list and for the same list frozen.

    It covers the filings, their human review codes, and the mean and number of their marks. The order follows from
    these, and a filing never changes its number or seal. It detects changes while a user reads; the proof of a list is
    `digest_of`.
    """

    rows: int
    """Number of submissions on the list."""
    marked: int
    """Number of these with a mark that counts: they come first."""
    files: int
    """Hash of the filings and their human review codes: 64 bits, signed. 0 for an empty list."""
    means: int
    """Hash of the filings, means and numbers of marks: 64 bits, signed. 0 if there is no mark."""

    def __str__(self) -> str:
        bits = (1 << 64) - 1
        return f"{self.rows}-{self.marked}-{self.files & bits:016x}-{self.means & bits:016x}"


def entries_of(offer: Offer, shortlist: Shortlist | None) -> Iterator[Entry]:
    """Yield the entries of `shortlist`, or of the offer's current list if it is None. One query, read in parts."""
    if shortlist is None:
        return _entries(_by_mean(offer).values_list(*_CURRENT).iterator(_CHUNK), first=1)
    rows = shortlist.rows.order_by("rank").values_list(*_FROZEN)
    return (Entry(*row) for row in rows.iterator(_CHUNK))


def shortlist_lines(offer: Offer, shortlist: Shortlist | None) -> Iterator[Line]:
    """Yield the lines of `shortlist`, or of the offer's current list if it is None."""
    for some in batched(entries_of(offer, shortlist), _CHUNK):
        keys = [entry.filing for entry in some]
        values = {key: row for key, *row in Filing.objects.filter(pk__in=keys).values_list("pk", *_SEALED)}
        rulings: defaultdict[int, list[Ruling]] = defaultdict(list)
        for ruling in Ruling.objects.filter(filing__in=keys).order_by("position", "pk"):
            rulings[ruling.filing_id].append(ruling)
        for entry in some:
            yield Line(entry, rulings[entry.filing], *values.pop(entry.filing))


def filings_of(entries: Sequence[Entry]) -> list[Filing]:
    """Return the filings of these entries, in their order, with their submission, seal and verdict."""
    rows = Filing.objects.select_related("submission", "seal", "verdict")
    filings = rows.in_bulk([entry.filing for entry in entries])
    return [filings[entry.filing] for entry in entries]


@dataclass(frozen=True)
class LazyEntries(Sequence[Entry]):
    """The entries of a list. A slice reads only its own rows."""

    length: int
    read: Callable[[int, int], list[Entry]]
    """Returns the entries from one index, from 0, to another, exclusive."""

    @override
    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, wanted: int) -> Entry: ...

    @overload
    def __getitem__(self, wanted: slice) -> list[Entry]: ...

    @override
    def __getitem__(self, wanted: int | slice) -> Entry | list[Entry]:
        """Return one entry or, for a slice without a step, a list."""
        if isinstance(wanted, int):
            first = wanted if wanted >= 0 else self.length + wanted
            return self[first : first + 1][0]
        first, last, _step = wanted.indices(self.length)
        return self.read(first, last) if last > first else []


def lazy_entries_of(offer: Offer, known: Fingerprint, *, by_number: bool = False) -> LazyEntries:
    """Return the entries of the offer's current list; `known` is its fingerprint, read before.

    A later change of the list also changes its fingerprint. `by_number` orders by receipt number, each entry with its
    place in that order: for a reader who may not read all the means of the other order.
    """
    read = partial(_by_number, offer) if by_number else partial(_current_between, offer, known.marked)
    return LazyEntries(known.rows, read)


def lazy_frozen_entries_of(shortlist: Shortlist, *, by_number: bool = False) -> LazyEntries:
    """Return the entries of a frozen list. `by_number` orders by receipt number and keeps the frozen places."""
    order = "filing__receipt__number" if by_number else "rank"
    rows = shortlist.rows.order_by(order).values_list(*_FROZEN)
    return LazyEntries(shortlist.rows_count, lambda first, last: [Entry(*row) for row in rows[first:last]])


def submissions_on(offer: Offer, shortlist: Shortlist | None) -> QuerySet[Submission]:
    """Return the submissions on `shortlist`, or on the offer's current list if it is None. Unordered."""
    if shortlist is None:
        return Submission.objects.filter(offer=offer, state=State.SHORTLISTED)
    return Submission.objects.filter(pk__in=shortlist.rows.values("filing__submission"))


def digest_of(*, offer: str, number: int, entries: Iterable[Entry]) -> str:
    """Return `sha256:` and the hexadecimal SHA-256 of the canonical JSON (`docs/contracts.md`) of a frozen list.

    Its shape, the rows in their order:
     `{"offer": "2027-020", "shortlist": 1, "rows": [{"rank": 1, "number": "2027-020-000123-K", "seal": "sha256:…",
     "score": "4.250", "reserve": "NONE"}]}`.

    A row's `rank` is its place, with a mark or without; `number` is the receipt number, `seal` the digest of the
    filing's seal, `score` the mean truncated to three decimals, null without a mark, `reserve` a code of `HumanReview`.
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


def fingerprint_of(offer: Offer) -> Fingerprint:
    """Return the fingerprint of the offer's current list. Two queries.

    For the files PostgreSQL reads only an index; for the marks, only those that count.
    """
    files = submissions_on(offer, None).aggregate(rows=Count("pk"), files=BitXor(_of_file("standing_filing")))
    about = Assessment.objects.filter(submission__offer=offer, submission__state=State.SHORTLISTED)
    counted = countable_assessments(about).filter(filing=F("submission__standing_filing")).order_by()
    by_file = counted.values("filing").annotate(mean=_cut(Avg("score")), number=Count("pk"))
    means = by_file.aggregate(marked=Count("filing"), means=BitXor(_of_mean("mean", "number")))
    return Fingerprint(files["rows"], means["marked"], files["files"] or 0, means["means"] or 0)


def fingerprint_of_frozen(shortlist: Shortlist) -> Fingerprint:
    """Return the fingerprint of a frozen list. Equal to its offer's until the list changes. One query."""
    marked = Q(marks__gt=0)
    rows = shortlist.rows.aggregate(
        rows=Count("pk"),
        marked=Count("pk", filter=marked),
        files=BitXor(_of_file("filing")),
        means=BitXor(_of_mean("score", "marks"), filter=marked),
    )
    return Fingerprint(rows["rows"], rows["marked"], rows["files"] or 0, rows["means"] or 0)


def _by_mean(offer: Offer) -> QuerySet[Submission]:
    """Return the current list: best mean first, without marks last, then by receipt number."""
    listed = with_marks(submissions_on(offer, None))
    return listed.order_by(F("mean_mark").desc(nulls_last=True), _RECEIPT_NUMBER)


def _current_between(offer: Offer, marked: int, first: int, last: int) -> list[Entry]:
    """Read marked files by mean and the others by number, because an index has the order of the others."""
    has_mark = Exists(counted_marks())
    by_mean = _by_mean(offer).filter(has_mark).values_list(*_CURRENT)
    ranked = by_mean[min(first, marked) : min(last, marked)]
    unranked = (
        _with_receipt(offer)
        .filter(~has_mark)
        .annotate(mean_mark=Value(None, DecimalField()), marks=Value(0))
        .order_by(_RECEIPT_NUMBER)
        .values_list(*_CURRENT)[max(first - marked, 0) : max(last - marked, 0)]
    )
    return list(_entries(chain(ranked, unranked), first=first + 1))


def _by_number(offer: Offer, first: int, last: int) -> list[Entry]:
    rows = with_marks(_with_receipt(offer)).order_by(_RECEIPT_NUMBER).values_list(*_CURRENT)
    return list(_entries(rows[first:last], first=first + 1))


def _with_receipt(offer: Offer) -> QuerySet[Any]:
    # All have a receipt. The condition lets PostgreSQL scan receipt numbers in order instead of sorting all files.
    return submissions_on(offer, None).filter(standing_filing__receipt__isnull=False)


def _entries(rows: Iterable[tuple[Any, ...]], *, first: int) -> Iterator[Entry]:
    """Yield the entries of these rows of `_CURRENT`, with places counted from `first`."""
    return (
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
    )


def _require_filing(filing: int | None) -> int:
    if filing is None:
        raise MissingFilingError
    return filing


def _of_file(filing: str) -> Expression:
    return _hash("hashint8extended", filing, _hash("hashtext", "reserve"))


def _of_mean(mean: str, marks: str) -> Expression:
    return _hash("hashint8extended", "filing", _hash("hash_numeric_extended", mean, marks))


def _hash(function: str, *of: str | Expression) -> Expression:
    """Return a PostgreSQL hash function's call: stable within a major version, which is longer than a page is open."""
    return Func(*of, function=function, output_field=BigIntegerField())


def _cut(mean: Avg) -> Expression:
    """Return the mean truncated to three decimals, as a frozen list stores it."""
    return Func(mean, Value(3), function="trunc", output_field=DecimalField())
