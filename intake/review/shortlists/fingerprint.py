"""Shortlist fingerprint: detects that the list changed, by aggregates that read indexes.

It covers the filings on the list, their human review codes, and the mean and number of their marks. The order follows
from these, and a filing never changes its number or seal. It detects changes while a user reads; the proof of a list is
`lines.digest_of`.
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
    """Identifies the content of a list, through `str`. Equal for the current list and for the same list frozen."""

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


def fingerprint_of(offer: Offer) -> Fingerprint:
    """Return the fingerprint of the offer's current list. Two queries.

    For the files PostgreSQL reads only an index; for the marks, only those that count.
    """
    listed = Submission.objects.filter(offer=offer, state=State.SHORTLISTED)
    files = listed.aggregate(rows=Count("pk"), files=BitXor(_of_file("standing_filing")))
    about = Assessment.objects.filter(submission__offer=offer, submission__state=State.SHORTLISTED)
    counted = countable_assessments(about).filter(filing=F("submission__standing_filing")).order_by()
    by_file = counted.values("filing").annotate(mean=_cut(Avg("score")), number=Count("pk"))
    means = by_file.aggregate(marked=Count("filing"), means=BitXor(_of_mean("mean", "number")))
    return Fingerprint(files["rows"], means["marked"], files["files"] or 0, means["means"] or 0)


def fingerprint_of_frozen(shortlist: Shortlist) -> Fingerprint:
    """Return the fingerprint of a frozen list. Equal to its offer's until the list changes. One query."""
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
    """Return a PostgreSQL hash function's call: stable within a major version, which is longer than a page is open."""
    return Func(*of, function=function, output_field=BigIntegerField())


def _cut(mean: Avg) -> Expression:
    """Return the mean truncated to three decimals, as a frozen list stores it."""
    return Func(mean, Value(3), function="trunc", output_field=DecimalField())
