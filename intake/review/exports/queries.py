"""Queries about export orders: which files a worker writes, their expected size, and a user's recent orders."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet, Sum

from intake.accounts.models import User
from intake.review.models import ExportOrder, Shortlist
from intake.review.shortlists.lines import submissions_on
from intake.submissions.models import Submission
from offers.models import Offer

DIRECT_MAX: Final = 200
"""Maximum submissions of a list that is written within the request, about one second. Not for archives of dossiers."""
RETENTION: Final = timedelta(hours=24)
"""Time that a file is kept after it was requested: long enough to come back for it the next morning."""
_SAMPLE_SIZE: Final = 500
MAX_RECENT: Final = 5
"""Maximum number of recent orders that a list's page links to."""


def needs_order(file_format: str, rows: int) -> bool:
    """True if a file of `rows` submissions is written by a worker rather than within the request."""
    return file_format == "zip" or rows > DIRECT_MAX


def rows_on(offer: Offer, shortlist: Shortlist | None) -> int:
    """Return the number of submissions on `shortlist` or, without one, on the offer's current list."""
    return submissions_on(offer, None).count() if shortlist is None else shortlist.rows_count


def expected_bytes(offer: Offer, shortlist: Shortlist | None) -> int:
    """Return the size in bytes of all dossiers of a list. Its archive is some kilobytes larger.

    Only for users who may export the list: the size includes submissions that are hidden from others.
    """
    if shortlist is None:
        listed = submissions_on(offer, None)
        return current_bytes(listed, listed.count())
    sizes = shortlist.rows.aggregate(total=Sum("filing__seal__dossier__size"))
    return int(sizes["total"] or 0)


def current_bytes(submissions: QuerySet[Submission], count: int) -> int:
    """Return the size in bytes of the current dossiers of `submissions`, `count` of them. One query.

    Above `_SAMPLE_SIZE` submissions, extrapolate from that many, so that the cost does not grow with the list.
    """
    sizes = submissions[:_SAMPLE_SIZE].aggregate(total=Sum("standing_filing__seal__dossier__size"))
    total = int(sizes["total"] or 0)
    return total if count <= _SAMPLE_SIZE else total * count // _SAMPLE_SIZE


def recent_orders(
    user: User, *, offer: Offer, at: datetime, shortlist: Shortlist | None = None
) -> QuerySet[ExportOrder]:
    """Return the user's latest orders of a list that have not expired at `at`, latest first, `MAX_RECENT` at most."""
    orders = ExportOrder.objects.filter(actor=user, offer=offer, shortlist=shortlist, expires_at__gt=at)
    return orders.select_related("offer", "shortlist", "export").order_by("-asked_at", "-pk")[:MAX_RECENT]
