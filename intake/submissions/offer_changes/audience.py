"""What is done to an offer, told to those who began or filed a candidature there, and kept in the journal.

`hear_change` runs inside the transaction that changes the offer, while filings wait on the offer's row: it writes
the journal and asks for one job. The job asks for the mails, one per person and change, however often it is run.
"""

from datetime import datetime
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.journal.services import record
from intake.outbox.models import Delivery
from intake.outbox.services import SLICE, post, post_in_slices
from intake.submissions.delivery_kinds import OFFER_CHANGE, OFFER_CHANGE_MAIL
from intake.submissions.models import Draft, Submission
from intake.submissions.states import DECIDED
from offers.models import Offer, OfferChange

ANNOUNCED_KINDS: Final = frozenset(
    {
        OfferChange.Kind.CORRECTED,
        OfferChange.Kind.RULES_CHANGED,
        OfferChange.Kind.EXTENDED,
        OfferChange.Kind.CANCELLED,
    }
)
"""The changes that candidates are told by mail."""


def on_offer_change(change: OfferChange) -> None:
    """Write the change in the journal and, when candidates feel it, ask for the job that tells them."""
    offer = change.offer
    record(actor=change.author, action=f"OFFER_{change.kind}", subject=offer, detail=offer.number or "")
    if change.kind in ANNOUNCED_KINDS:
        post(kind=OFFER_CHANGE, key=str(change.pk), subject=change)


def post_change_mails(delivery: Delivery, at: datetime) -> None:
    """Ask for one mail per person whom the change reaches; run twice, or cut and run again, it still asks once."""
    change = OfferChange.objects.select_related("offer").get(pk=delivery.subject_id)
    # Whoever began later read the offer as it is now. Later than what was asked for under the offer's lock, by the same
    # clock: the change's own instant is when its author pressed, by the web server's.
    reached = affected_submissions(change.offer, OfferChange.Kind(change.kind))
    reached = reached.filter(created_at__lte=delivery.created_at)
    rows = reached.only("pk").order_by("pk").iterator(chunk_size=SLICE)
    post_in_slices(kind=OFFER_CHANGE_MAIL, subjects=((f"{change.pk}-{row.pk}", row) for row in rows), at=at)


def affected_submissions(offer: Offer, kind: OfferChange.Kind) -> QuerySet[Submission]:
    """Return the candidatures whose persons a change of this kind concerns.

    A cancellation concerns everyone. New criteria concern those who have not filed: what is filed keeps the version
    it cites. The rest concerns them and those whose filing still waits for something.
    """
    drafting = Exists(Draft.objects.filter(submission=OuterRef("pk"), closed_at=None))
    rows = Submission.objects.filter(offer=offer, candidate__is_active=True)
    match kind:
        case OfferChange.Kind.CANCELLED:
            return rows
        case OfferChange.Kind.RULES_CHANGED:
            return rows.filter(drafting)
        case _:
            return rows.filter(drafting | ~Q(state__in=DECIDED))


def audience_message(offer: Offer, kind: OfferChange.Kind) -> str:
    """Return how many people would be written to, in words for staff; nothing for a change that is not told."""
    if kind not in ANNOUNCED_KINDS:
        return ""
    counted = affected_submissions(offer, kind).aggregate(
        everyone=Count("pk"), filed=Count("pk", filter=Q(standing_filing__isnull=False))
    )
    everyone, filed = counted["everyone"], counted["filed"]
    if not everyone:
        return _("Personne n’est à prévenir : aucun courriel ne partira.")
    drafts = everyone - filed
    shares = []
    if filed:
        shares.append(ngettext("%(count)d a déposé", "%(count)d ont déposé", filed) % {"count": filed})
    if drafts:
        told = ngettext(
            "%(count)d a un brouillon non déposé", "%(count)d ont un brouillon non déposé", drafts
        )
        shares.append(told % {"count": drafts})
    told = ngettext(
        "%(count)d personne recevra un courriel : %(shares)s.",
        "%(count)d personnes recevront un courriel : %(shares)s.",
        everyone,
    )
    return told % {"count": everyone, "shares": ", ".join(shares)}
