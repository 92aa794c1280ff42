"""What is done to an offer, told to those who began or filed a candidature there, and kept in the journal.

`hear_change` runs inside the transaction that changes the offer, while filings wait on the offer's row: it writes
the journal and asks for one job. The job asks for the mails, one per person and change, however often it is run.
"""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.journal.services import record
from intake.outbox.letters import Letter, render_letter
from intake.outbox.models import Delivery, Message
from intake.outbox.services import SLICE, post, post_in_slices
from intake.submissions.delivery_kinds import OFFER_CHANGE, OFFER_CHANGE_MAIL
from intake.submissions.mails.context import context_of_filed, is_overtaken
from intake.submissions.mails.filing_mails import contact_of
from intake.submissions.models import Draft, Submission
from intake.submissions.models.filing_window import FilingWindow
from intake.submissions.states import DECIDED
from offers.models import Offer, OfferChange

TOLD: Final = frozenset(
    {
        OfferChange.Kind.CORRECTED,
        OfferChange.Kind.RULES_CHANGED,
        OfferChange.Kind.EXTENDED,
        OfferChange.Kind.CANCELLED,
    }
)
"""The changes that candidates are told by mail."""


def hear_change(change: OfferChange) -> None:
    """Write the change in the journal and, when candidates feel it, ask for the job that tells them."""
    offer = change.offer
    record(actor=change.author, action=f"OFFER_{change.kind}", subject=offer, detail=offer.number or "")
    if change.kind in TOLD:
        post(kind=OFFER_CHANGE, key=str(change.pk), subject=change)


def tell_people(delivery: Delivery, at: datetime) -> None:
    """Ask for one mail per person whom the change reaches; run twice, or cut and run again, it still asks once."""
    change = OfferChange.objects.select_related("offer").get(pk=delivery.subject_id)
    # Whoever began later read the offer as it is now. Later than what was asked for under the offer's lock, by the same
    # clock: the change's own instant is when its author pressed, by the web server's.
    reached = people_reached(change.offer, OfferChange.Kind(change.kind))
    reached = reached.filter(created_at__lte=delivery.created_at)
    rows = reached.only("pk").order_by("pk").iterator(chunk_size=SLICE)
    post_in_slices(kind=OFFER_CHANGE_MAIL, subjects=((f"{change.pk}-{row.pk}", row) for row in rows), at=at)


def people_reached(offer: Offer, kind: OfferChange.Kind) -> QuerySet[Submission]:
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


def say_audience(offer: Offer, kind: OfferChange.Kind) -> str:
    """Return how many people would be written to, in words for staff; nothing for a change that is not told."""
    if kind not in TOLD:
        return ""
    counted = people_reached(offer, kind).aggregate(
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


def compose_change(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail that tells one person of one change, by where the offer and the candidature stand at `at`."""
    change, submission = _change_of(delivery), _submission_of(delivery)
    offer, filing = submission.offer, submission.standing_filing
    # What the offer takes from everybody, and from who was given more time: a complement is another matter.
    is_open = FilingWindow(offer, submission.extended_until).is_open(at)
    page = "submissions:receipt" if filing else "submissions:tasks" if is_open else "submissions:review"
    subject, text, html = render_letter(
        "offer_change",
        {
            "change": change,
            "lines": change.details.splitlines(),
            "offer": offer,
            "portal_name": offer.programme.name,
            "now": at,
            "is_open": is_open,
            "is_cancelled": offer.status == Offer.Status.CANCELLED,
            **context_of_filed(submission, at),
            **contact_of(offer),
            "page": settings.SITE_URL.rstrip("/") + reverse(page, args=[submission.public_id]),
            "offer_page": settings.SITE_URL.rstrip("/") + offer.get_absolute_url(),
        },
    )
    return Letter(to=submission.candidate.email, subject=subject, text=text, html=html)


def is_past_telling(delivery: Delivery, at: datetime) -> bool:
    """Say whether the mail of a change no longer holds: its reader left, or it was written before what they did since.

    Written before they filed, it says that they did not. Before the offer was cancelled, it says until when to file;
    the cancellation has a mail of its own.
    """
    del at
    change, submission = _change_of(delivery), _submission_of(delivery)
    is_written = Message.objects.filter(delivery=delivery).exists()
    is_off = submission.offer.status == Offer.Status.CANCELLED and change.kind != OfferChange.Kind.CANCELLED
    return not submission.candidate.is_active or (is_written and is_off) or is_overtaken(delivery, submission)


def _change_of(delivery: Delivery) -> OfferChange:
    return OfferChange.objects.get(pk=delivery.key.partition("-")[0])


def _submission_of(delivery: Delivery) -> Submission:
    rows = Submission.objects.select_related("offer__programme", "candidate", "standing_filing__receipt")
    return rows.get(pk=delivery.subject_id)
