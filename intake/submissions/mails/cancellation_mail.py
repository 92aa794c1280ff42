"""Mail to each member of staff who may approve the cancellation that another one asks for."""

from datetime import datetime

from django.urls import reverse

from intake.accounts.models import User
from intake.outbox.messages import Letter, render_letter
from intake.outbox.models import Delivery
from intake.submissions.offer_changes.approvals import cancellations_to_approve
from intake.submissions.offer_changes.operations import audience_message
from intake.web.mails import portal_url
from offers.models import OfferChange


def compose_asked(delivery: Delivery, _at: datetime) -> Letter:
    """Return the mail to one person. The key names the request and the person."""
    asked = OfferChange.objects.select_related("offer__programme", "author").get(pk=delivery.subject_id)
    offer = asked.offer
    context = {
        "offer": offer,
        "asked_by": asked.author,
        "reason": asked.reason,
        "audience": audience_message(offer, OfferChange.Kind.CANCELLED),
        "portal_name": offer.programme.name,
        "page": portal_url(reverse("admin:offers_offer_cancellation", args=[offer.pk])),
    }
    return render_letter("cancellation_asked", context, to=_reader_of(delivery).email)


def is_asked_obsolete(delivery: Delivery, _at: datetime) -> bool:
    """True once the request is decided, or its reader may not approve it."""
    reader = _reader_of(delivery)
    return delivery.subject_id not in {str(asked.pk) for asked in cancellations_to_approve(reader)}


def _reader_of(delivery: Delivery) -> User:
    return User.objects.get(pk=delivery.key.partition("-")[2])
