"""Receipts as source of the transparency log's leaves."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from intake.submissions.models import Receipt
from intake.transparency.leaves import LeafContent
from intake.transparency.models import Leaf


class ReceiptLogSource:
    """The log's `Source`: every committed receipt."""

    def unlogged(self, *, limit: int, received_before: datetime | None = None) -> list[LeafContent]:
        """Return the first `limit` receipts without a leaf, in order of reception. One query.

        Not the receipts after the last leaf: a slow filing may commit after filings that were received later.
        """
        found = Receipt.objects.filter(~Exists(Leaf.objects.filter(number=OuterRef("number"))))
        if received_before is not None:
            found = found.filter(filing__received_at__lt=received_before)
        return _leaf_contents(found.order_by("filing__received_at", "pk")[:limit])

    def facts_of(self, numbers: Collection[str]) -> dict[str, LeafContent]:
        """Return the leaf content of each of these receipts, by number. One query."""
        found = Receipt.objects.filter(number__in=numbers)
        return {facts.number: facts for facts in _leaf_contents(found)}


def _leaf_contents(receipts: "QuerySet[Receipt]") -> list[LeafContent]:
    rows = receipts.values_list("number", "filing__received_at", "filing__seal__digest")
    return [LeafContent(number=number, received_at=at, seal=digest) for number, at, digest in rows]
