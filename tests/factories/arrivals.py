"""Arrivals for tests that were refused, or that a closing follows; `submissions.make_arrival` has one that waits."""

from django.db import connection

from intake.submissions.models import Arrival, Draft
from offers.models import Offer
from tests.factories.submissions import close_offer, make_arrival


def make_refused_arrival(draft: Draft, *, reason: str, review_message: str = "") -> Arrival:
    """Have `draft` arrive, and refuse it with the code `reason`, whatever a filing would give."""
    draft.refresh_from_db()
    arrival = make_arrival(draft, review_message=review_message)
    Arrival.objects.filter(pk=arrival.pk).update(state=Arrival.State.REFUSED, reason=reason)
    arrival.refresh_from_db()
    return arrival


def close_after_arrivals(offer: Offer, *, seconds_ago: float) -> None:
    """Set the closing of `offer` as `close_offer`, after the arrivals and filings that it has."""
    with connection.cursor() as cursor:  # checks deferred to the commit run now, while they pass
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    close_offer(offer, seconds_ago=seconds_ago)
