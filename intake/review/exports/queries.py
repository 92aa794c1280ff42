"""The files of shortlists that people asked for: which are made by a worker, and what is expected of each."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet, Sum

from intake.accounts.models import User
from intake.review.access.errors import ReviewError
from intake.review.models import ExportOrder, Shortlist
from intake.review.shortlists.lines import submissions_on
from intake.submissions.models import Submission
from offers.models import Offer

DIRECT_MAX: Final = 200
"""Candidatures of a list that is written while its reader waits, archives of dossiers aside: about a second."""
RETENTION: Final = timedelta(hours=24)
"""How long a file stays, from the instant it was asked for: people come back to it the next morning."""
_SAMPLE_SIZE: Final = 500
MAX_RECENT: Final = 5
"""Files of a list that its page leads back to, at most."""


class ExportNotReadyError(ReviewError):
    """There is no file of the order: not yet, or not any more."""

    code = "EXPORT_NOT_READY"


def needs_order(file_format: str, rows: int) -> bool:
    """Say whether a file of `rows` candidatures is written by a worker rather than in the answer."""
    return file_format == "zip" or rows > DIRECT_MAX


def rows_on(offer: Offer, shortlist: Shortlist | None) -> int:
    """Return how many candidatures are on `shortlist` or, without one, on the offer's list as it stands."""
    return submissions_on(offer, None).count() if shortlist is None else shortlist.rows_count


def expected_bytes(offer: Offer, shortlist: Shortlist | None) -> int:
    """Return the size of all the dossiers of a list: that of its archive, but for some kilobytes.

    For those who may export it: what is hidden from others is in it too.
    """
    if shortlist is None:
        listed = submissions_on(offer, None)
        return current_bytes(listed, listed.count())
    found = shortlist.rows.aggregate(total=Sum("filing__seal__dossier__size"))
    return int(found["total"] or 0)


def current_bytes(submissions: QuerySet[Submission], count: int) -> int:
    """Return the size of the dossiers of `submissions`, `count` of them, as they stand. One query.

    Past `_WEIGHED` of them it is what that many weigh, in proportion: a page that says it does not grow with its list.
    """
    found = submissions[:_SAMPLE_SIZE].aggregate(total=Sum("standing_filing__seal__dossier__size"))
    total = int(found["total"] or 0)
    return total if count <= _SAMPLE_SIZE else total * count // _SAMPLE_SIZE


def recent_orders(
    user: User, *, offer: Offer, at: datetime, shortlist: Shortlist | None = None
) -> QuerySet[ExportOrder]:
    """Return the last files that `user` asked for of a list, the latest first, whose time is not over at `at`."""
    found = ExportOrder.objects.filter(actor=user, offer=offer, shortlist=shortlist, expires_at__gt=at)
    return found.select_related("offer", "shortlist", "export").order_by("-asked_at", "-pk")[:MAX_RECENT]
