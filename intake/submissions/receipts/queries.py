"""Query for the receipt that a delivery is about."""

from intake.outbox.models import Delivery
from intake.submissions.models import Receipt


def receipt_of(delivery: Delivery) -> Receipt:
    """Return the receipt that `delivery` is about, with its filing, the replaced filing and the submission."""
    return Receipt.objects.select_related(
        "filing__seal",
        "filing__replaces__receipt",
        "filing__submission__offer",
        "filing__submission__candidate",
    ).get(pk=delivery.subject_id)
