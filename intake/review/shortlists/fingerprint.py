"""Knowing a shortlist again without reading it: a fingerprint that the database makes of its own indexes.

It says which filings are on the list, under which reserve, and with which mean of how many marks. Their order follows
from these, for the list has one order, and so do numbers and seals, which a filing never changes. It tells one list
from another while somebody reads; `shortlists.digest_of` is what proves a list.
"""

from dataclasses import dataclass

from django.db.models import Avg, BigIntegerField, BitXor, Count, DecimalField, Expression, F, Func, Q, Value

from intake.review.marks.queries import countable_assessments
from intake.review.models import Assessment, Shortlist
from intake.submissions.models import Submission
from intake.submissions.states import State
from offers.models import Offer


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells one list from another, by `str`. Equal for a list as it stands and for the same list frozen."""

    rows: int
    """How many candidatures are on the list."""
    marked: int
    """How many of them have a mark that counts: they come first."""
    files: int
    """Of the filings and their reserves: 64 bits, signed. 0 of an empty list."""
    means: int
    """Of the filings, means and numbers of marks: 64 bits, signed. 0 where nothing is marked."""

    def __str__(self) -> str:
        bits = (1 << 64) - 1
        return f"{self.rows}-{self.marked}-{self.files & bits:016x}-{self.means & bits:016x}"


def fingerprint_of(offer: Offer) -> Fingerprint:
    """Return the fingerprint of the offer's list as it stands. Two queries.

    Of the files, an index alone is read; of the marks, those that count.
    """
    listed = Submission.objects.filter(offer=offer, state=State.SHORTLISTED)
    files = listed.aggregate(rows=Count("pk"), files=BitXor(_of_file("standing_filing")))
    about = Assessment.objects.filter(submission__offer=offer, submission__state=State.SHORTLISTED)
    counted = countable_assessments(about).filter(filing=F("submission__standing_filing")).order_by()
    by_file = counted.values("filing").annotate(mean=_cut(Avg("score")), number=Count("pk"))
    means = by_file.aggregate(marked=Count("filing"), means=BitXor(_of_mean("mean", "number")))
    return Fingerprint(files["rows"], means["marked"], files["files"] or 0, means["means"] or 0)


def fingerprint_of_frozen(shortlist: Shortlist) -> Fingerprint:
    """Return the fingerprint of a frozen list: its offer's, as long as nothing changes. One query."""
    marked = Q(marks__gt=0)
    found = shortlist.rows.aggregate(
        rows=Count("pk"),
        marked=Count("pk", filter=marked),
        files=BitXor(_of_file("filing")),
        means=BitXor(_of_mean("score", "marks"), filter=marked),
    )
    return Fingerprint(found["rows"], found["marked"], found["files"] or 0, found["means"] or 0)


def _of_file(filing: str) -> Expression:
    return _hash("hashint8extended", filing, _hash("hashtext", "reserve"))


def _of_mean(mean: str, marks: str) -> Expression:
    return _hash("hashint8extended", "filing", _hash("hash_numeric_extended", mean, marks))


def _hash(function: str, *of: str | Expression) -> Expression:
    """Return one of the hashes by which PostgreSQL joins: stable within a major version, longer than a page is read."""
    return Func(*of, function=function, output_field=BigIntegerField())


def _cut(mean: Avg) -> Expression:
    """Return the mean cut off at the thousandth, as a list freezes it."""
    return Func(mean, Value(3), function="trunc", output_field=DecimalField())
