"""What a shortlist says: its lines, as they stand today or as they were frozen, and the digest that proves them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from itertools import batched

from django.db.models import Prefetch, QuerySet

from eligibility.canonical import digest
from intake.accounts.models import User
from intake.submissions.models import Filing, Ruling, Submission
from intake.submissions.states import State
from offers.models import Offer

from .models import Shortlist
from .selectors import shortlisted

_THOUSANDTH = Decimal("0.001")
_CHUNK = 500
"""Filings read from the database at a time: memory does not grow with what they hold."""


class NotFiledShapeError(Exception):
    """A shortlisted submission has no filing: the database's own constraints were removed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One place on a shortlist, in what proves it: read for the whole list at once, in one query."""

    rank: int
    """From 1."""
    filing: int
    """The primary key of the one that stood."""
    candidate: int
    number: str
    """Of its receipt."""
    seal: str
    """The digest of its seal."""
    score: Decimal | None
    """From 0 to 5, None without a mark. Cut off at the thousandth: it still rounds as the mean does."""
    marks: int
    reserve: str
    """A code of `intake.submissions.states.Reserve`."""


@dataclass(frozen=True, slots=True)
class Line:
    """One place on a shortlist with all that is filed there: what pages and files say of it."""

    entry: Entry
    filing: Filing
    """Read with its submission, receipt, seal, dossier, verdict and rulings."""


def entries_of(offer: Offer, shortlist: Shortlist | None) -> list[Entry]:
    """Return the places of `shortlist` as they were frozen or, without one, of the offer's list as it stands."""
    return _current(offer) if shortlist is None else _frozen(shortlist)


def lines_of(offer: Offer, shortlist: Shortlist | None) -> Iterator[Line]:
    """Yield the lines of `shortlist` as they were frozen or, without one, those of the offer's list as it stands."""
    for some in batched(entries_of(offer, shortlist), _CHUNK):
        yield from lines_at(some)


def lines_at(entries: Sequence[Entry]) -> list[Line]:
    """Return the lines of these places, in their order, read together."""
    found = (
        Filing.objects.select_related("submission", "receipt", "seal__dossier", "verdict")
        .prefetch_related(Prefetch("rulings", Ruling.objects.order_by("position", "pk")))
        .in_bulk([entry.filing for entry in entries])
    )
    return [Line(entry, found[entry.filing]) for entry in entries]


def same_list(entries: Iterable[Entry], others: Iterable[Entry]) -> bool:
    """Say whether both are the same filings, in the same order, with the same means."""
    return list(entries) == list(others)


def is_on_list(*, user: User, offer: Offer, shortlist: Shortlist | None) -> bool:
    """Say whether a candidature of `user` is on `shortlist` or, without one, on the offer's list as it stands."""
    return submissions_on(offer, shortlist).filter(candidate=user).exists()


def submissions_on(offer: Offer, shortlist: Shortlist | None) -> QuerySet[Submission]:
    """Return the candidatures on `shortlist` or, without one, on the offer's list as it stands; in no order."""
    if shortlist is None:
        return Submission.objects.filter(offer=offer, state=State.SHORTLISTED)
    return Submission.objects.filter(pk__in=shortlist.rows.values("filing__submission"))


def digest_of(*, offer: str, number: int, entries: Iterable[Entry]) -> str:
    """Return `sha256:` and the hexadecimal SHA-256 of the canonical JSON (CONTRACTS) of a frozen list.

    Its shape, the rows in their order:
    `{"offer": "2027-020", "shortlist": 1, "rows": [{"rank": 1, "number": "2027-020-000123-K", "seal": "sha256:…",
    "score": "4.250", "reserve": "NONE"}]}`. A row's `number` is its receipt's, `seal` the digest of its filing's seal,
    `score` the mean cut off at three decimals, null without a mark, `reserve` a code of `Reserve`.
    """
    rows = [
        {
            "rank": entry.rank,
            "number": entry.number,
            "seal": entry.seal,
            "score": None if entry.score is None else str(entry.score),
            "reserve": entry.reserve,
        }
        for entry in entries
    ]
    return digest({"offer": offer, "shortlist": number, "rows": rows})


def fingerprint_of(offer: Offer, entries: Iterable[Entry]) -> str:
    """Return the digest of a list that has no number yet: what a page showed is what is frozen."""
    return digest_of(offer=offer.number or "", number=0, entries=entries)


_CURRENT: tuple[str, ...] = (
    "standing_filing",
    "candidate",
    "standing_filing__receipt__number",
    "standing_filing__seal__digest",
    "mean_mark",
    "marks",
    "reserve",
)
"""What of a shortlisted submission, read by `with_marks`, makes an entry."""


def _current(offer: Offer) -> list[Entry]:
    rows = shortlisted(offer).values_list(*_CURRENT)
    return [
        Entry(
            rank=rank,
            filing=_filed(filing),
            candidate=candidate,
            number=number,
            seal=seal,
            score=None if mean is None else Decimal(mean).quantize(_THOUSANDTH, rounding=ROUND_DOWN),
            marks=marks or 0,
            reserve=reserve,
        )
        for rank, (filing, candidate, number, seal, mean, marks, reserve) in enumerate(rows, start=1)
    ]


def _filed(filing: int | None) -> int:
    if filing is None:
        raise NotFiledShapeError
    return filing


def _frozen(shortlist: Shortlist) -> list[Entry]:
    rows = shortlist.rows.order_by("rank").values_list(
        "rank",
        "filing",
        "filing__submission__candidate",
        "filing__receipt__number",
        "filing__seal__digest",
        "score",
        "marks",
        "reserve",
    )
    return [Entry(*row) for row in rows]
