"""What a shortlist says: its lines, as they stand today or as they were frozen, and the digest that proves them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from django.db.models import Prefetch, QuerySet

from eligibility.canonical import digest
from intake.accounts.models import User
from intake.submissions.models import Filing, Ruling, Submission
from intake.submissions.states import State
from offers.models import Offer

from .models import Shortlist
from .selectors import marks_read_with, shortlisted

_THOUSANDTH = Decimal("0.001")
_CHUNK = 500
"""Lines read from the database at a time: memory does not grow with the list."""


class NotFiledShapeError(Exception):
    """A shortlisted submission has no filing: the database's own constraints were removed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One place on a shortlist: all that is not in the filing's seal, which never changes."""

    rank: int
    """From 1."""
    submission: Submission
    filing: Filing
    """The one that stood: read with its receipt, seal, dossier, verdict and rulings."""
    score: Decimal | None
    """From 0 to 5, None without a mark. Cut off at the thousandth: it still rounds as the mean does."""
    marks: int
    reserve: str
    """A code of `intake.submissions.states.Reserve`."""


def lines_of(offer: Offer, shortlist: Shortlist | None) -> Iterator[Line]:
    """Yield the lines of `shortlist` as they were frozen or, without one, those of the offer's list as it stands."""
    return _current(offer) if shortlist is None else _frozen(shortlist)


def same_list(shortlist: Shortlist, lines: Iterable[Line]) -> bool:
    """Say whether `lines` are those of `shortlist`: the same filings, in the same order, with the same means."""
    return _said_by(lines_of(shortlist.offer, shortlist)) == _said_by(lines)


def is_on_list(*, user: User, offer: Offer, shortlist: Shortlist | None) -> bool:
    """Say whether a candidature of `user` is on `shortlist` or, without one, on the offer's list as it stands."""
    return submissions_on(offer, shortlist).filter(candidate=user).exists()


def submissions_on(offer: Offer, shortlist: Shortlist | None) -> QuerySet[Submission]:
    """Return the candidatures on `shortlist` or, without one, on the offer's list as it stands; in no order."""
    if shortlist is None:
        return Submission.objects.filter(offer=offer, state=State.SHORTLISTED)
    return Submission.objects.filter(pk__in=shortlist.rows.values("filing__submission"))


def digest_of(*, offer: str, number: int, lines: Iterable[Line]) -> str:
    """Return `sha256:` and the hexadecimal SHA-256 of the canonical JSON (CONTRACTS) of a frozen list.

    Its shape, the rows in their order:
    `{"offer": "2027-020", "shortlist": 1, "rows": [{"rank": 1, "number": "2027-020-000123-K", "seal": "sha256:…",
    "score": "4.250", "reserve": "NONE"}]}`. A row's `number` is its receipt's, `seal` the digest of its filing's seal,
    `score` the mean cut off at three decimals, null without a mark, `reserve` a code of `Reserve`.
    """
    rows = [
        {
            "rank": line.rank,
            "number": line.filing.receipt.number,
            "seal": line.filing.seal.digest,
            "score": None if line.score is None else str(line.score),
            "reserve": line.reserve,
        }
        for line in lines
    ]
    return digest({"offer": offer, "shortlist": number, "rows": rows})


def fingerprint_of(offer: Offer, lines: Iterable[Line]) -> str:
    """Return the digest of a list that has no number yet: what a page showed is what is frozen."""
    return digest_of(offer=offer.number or "", number=0, lines=lines)


def _said_by(lines: Iterable[Line]) -> list[tuple[object, ...]]:
    return [(line.rank, line.filing.pk, line.score, line.marks, line.reserve) for line in lines]


def _current(offer: Offer) -> Iterator[Line]:
    found = (
        shortlisted(offer)
        .select_related("standing_filing__seal__dossier")
        .prefetch_related(Prefetch("standing_filing__rulings", _rulings()))
    )
    for rank, submission in enumerate(found.iterator(chunk_size=_CHUNK), start=1):
        if submission.standing_filing is None:
            raise NotFiledShapeError(submission.pk)
        mean, marks = marks_read_with(submission)
        yield Line(
            rank=rank,
            submission=submission,
            filing=submission.standing_filing,
            score=None if mean is None else Decimal(mean).quantize(_THOUSANDTH, rounding=ROUND_DOWN),
            marks=marks,
            reserve=submission.reserve,
        )


def _frozen(shortlist: Shortlist) -> Iterator[Line]:
    found = (
        shortlist.rows.select_related(
            "filing__submission", "filing__receipt", "filing__seal__dossier", "filing__verdict"
        )
        .prefetch_related(Prefetch("filing__rulings", _rulings()))
        .order_by("rank")
    )
    for row in found.iterator(chunk_size=_CHUNK):
        yield Line(
            rank=row.rank,
            submission=row.filing.submission,
            filing=row.filing,
            score=row.score,
            marks=row.marks,
            reserve=row.reserve,
        )


def _rulings() -> QuerySet[Ruling]:
    return Ruling.objects.order_by("position", "pk")
