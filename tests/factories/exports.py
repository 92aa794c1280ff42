"""Export files for tests, ordered as pages order them and written as the worker writes them."""

from typing import Any
from uuid import uuid4

from django.utils import timezone

from intake.accounts.models import User
from intake.outbox.models import Delivery
from intake.outbox.tasks import deliver
from intake.review.delivery_kinds import EXPORT
from intake.review.exports.orders import order_export
from intake.review.models import ExportOrder, Shortlist
from intake.review.shortlists.operations import freeze_shortlist
from offers.models import Offer
from tests.factories.people import make_staff


def make_frozen(offer: Offer) -> Shortlist:
    """Freeze the current shortlist of `offer`."""
    return freeze_shortlist(offer=offer, actor=make_staff(), reason="Envoi à l’hôte", at=timezone.now())


def make_order(actor: User, frozen: Shortlist, file_format: str = "zip", **more: Any) -> ExportOrder:
    """Order an export file of a frozen shortlist as `actor`; `more` is passed to the operation."""
    return order_export(
        key=more.pop("key", uuid4()),
        offer=frozen.offer,
        shortlist=frozen,
        actor=actor,
        file_format=file_format,
        at=more.pop("at", timezone.now()),
        reason=more.pop("reason", "Envoi à l’hôte"),
        **more,
    )


def job_of(order: ExportOrder, kind: str = EXPORT) -> Delivery:
    """Return the delivery of an order: the one that writes its file, or the one of `kind`."""
    return Delivery.objects.get(kind=kind, key=str(order.public_id))


def write_all() -> None:
    """Write every file that is ordered, as a worker does."""
    for waiting in Delivery.objects.filter(kind=EXPORT, state=Delivery.State.PENDING).order_by("pk"):
        deliver(waiting.pk)
        waiting.refresh_from_db()
        assert waiting.state == Delivery.State.DONE, waiting.last_error
