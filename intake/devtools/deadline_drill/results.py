"""Results of a drill: the answers that candidates received, compared with the rows of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from django.db.models import Count, Min

from intake.submissions.models import Filing
from offers.models import Offer

from .web import ClientOutcome, FilingAttempt


@dataclass(frozen=True, slots=True)
class Clocks:
    """Offset of two clocks: the database read `database` at the monotonic second `here`, within `error` seconds."""

    database: datetime
    here: float
    error: float

    def monotonic(self, instant: datetime) -> float:
        """Return the monotonic second at which the database's clock reads `instant`."""
        return self.here + (instant - self.database).total_seconds()


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least `share` of `values` do not exceed; None without values."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)] if values else None


def count_results(*, offer: Offer, clicks: Sequence[FilingAttempt], clocks: Clocks) -> dict[str, Any]:
    """Return the counts of the drill (`docs/contracts.md`), with second clicks, late refusals and clock error.

    A filing is accepted late if the database received it at or after the closing instant, or if it was sent at or
    after that instant. A refusal was on time if its answer came before the closing instant. A candidate is lost who
    got a receipt and has no filing, or the reverse, or who got no clear answer at any attempt; double if they have
    two filings.
    """
    closing = clocks.monotonic(offer.closes_at)
    rows = {
        row["submission"]: row
        for row in Filing.objects.filter(submission__offer=offer)
        .values("submission")
        .annotate(filings=Count("pk", distinct=True), receipts=Count("receipt"), first=Min("received_at"))
    }
    filed = [click for click in clicks if click.person.submission in rows]
    unfiled = [click for click in clicks if click.person.submission not in rows]
    received = {click: rows[click.person.submission]["first"] for click in filed}
    refused = [click for click in unfiled if click.told is ClientOutcome.LATE]
    arrived = [1000 * (click.settled - click.sent) for click in clicks if click.arrived]
    late = [
        click
        for click, instant in received.items()
        if instant >= offer.closes_at or click.sent >= closing + clocks.error
    ]
    times = [
        1000 * (click.answered - click.sent)
        for click in clicks
        if click.told is not ClientOutcome.NOTHING_CLEAR
    ]
    waits = [1000 * (clocks.monotonic(instant) - click.sent) for click, instant in received.items()]
    told_otherwise = sum(click.told is not ClientOutcome.RECEIPT for click in filed)
    return {
        "attempted": len(clicks),
        "accepted": len(filed),
        "refused_late": len(refused),
        "late_accepted": len(late),
        "on_time_refused": sum(click.answered < closing - clocks.error for click in refused),
        "lost": len(unfiled) - len(refused) + told_otherwise,
        "double": sum(row["filings"] > 1 for row in rows.values()),  # a filing has one receipt at most
        "receipts": sum(row["receipts"] for row in rows.values()),
        "p50_ms": _rounded(percentile(times, 0.5)),
        "p99_ms": _rounded(percentile(times, 0.99)),
        "send_to_received_p99_ms": _rounded(percentile(waits, 0.99)),
        "clicked_again": sum(click.tries > 1 for click in clicks),
        "sent_in_time_refused": sum(click.reached < closing - clocks.error for click in unfiled),
        "arrived": len(arrived),
        "arrived_to_receipt_p99_ms": _rounded(percentile(arrived, 0.99)),
        "clock_error_ms": _rounded(1000 * clocks.error),
    }


def faults(counts: Mapping[str, int]) -> int:
    """Return the number of faults of the four kinds, missing receipts included."""
    return (
        sum(counts[name] for name in ("late_accepted", "on_time_refused", "lost", "double"))
        + abs(counts["accepted"] - counts["receipts"])
        + abs(counts["attempted"] - counts["accepted"] - counts["refused_late"] - counts["lost"])
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
