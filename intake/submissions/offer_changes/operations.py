"""Notify candidates of a change of an offer, and record that they acknowledge it.

`on_offer_change` runs in the transaction that changes the offer, while filings wait for the offer's row: it only writes
the journal entry and posts one job, or one mail per colleague who may approve a cancellation. The job posts one mail
per candidate and change; it is idempotent.
"""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.journal.services import record
from intake.outbox.models import Delivery
from intake.outbox.services import SLICE, post, post_in_slices
from intake.submissions.delivery_kinds import CANCELLATION_ASKED_MAIL, OFFER_CHANGE, OFFER_CHANGE_MAIL
from intake.submissions.lifecycle.locks import lock_open_draft
from intake.submissions.models import Draft, Submission
from intake.submissions.offer_changes.approvals import publishers
from intake.submissions.states import DECIDED
from intake.web import formats
from intake.web.batches import read_in_batches
from offers.models import Offer, OfferChange

ANNOUNCED_KINDS: Final = frozenset(
    {
        OfferChange.Kind.CORRECTED,
        OfferChange.Kind.RULES_CHANGED,
        OfferChange.Kind.EXTENDED,
        OfferChange.Kind.CANCELLED,
    }
)
"""Kinds of changes that are notified by mail."""


def on_offer_change(change: OfferChange) -> None:
    """Record the change in the journal. Post the job that announces it, or the mails to those who may approve it."""
    offer = change.offer
    record(actor=change.author, action=f"OFFER_{change.kind}", subject=offer, detail=offer.number or "")
    if change.kind in ANNOUNCED_KINDS:
        post(kind=OFFER_CHANGE, key=str(change.pk), subject=change)
    if change.kind == OfferChange.Kind.CANCEL_ASKED:
        for person in publishers():
            if person != change.author:
                post(kind=CANCELLATION_ASKED_MAIL, key=f"{change.pk}-{person.pk}", subject=change)


def post_change_mails(delivery: Delivery, at: datetime) -> None:
    """Post one mail per submission that the change concerns. Idempotent, also after an interrupted run."""
    change = OfferChange.objects.select_related("offer").get(pk=delivery.subject_id)
    # A submission created later was started from the changed offer. `delivery.created_at` is compared, because the
    # database set both, and this one under the offer's lock; `change.at` is from the web server's clock.
    reached = affected_submissions(change.offer, OfferChange.Kind(change.kind))
    reached = reached.filter(created_at__lte=delivery.created_at)
    rows = read_in_batches(reached.only("pk").order_by("pk"), size=SLICE)
    post_in_slices(kind=OFFER_CHANGE_MAIL, subjects=((f"{change.pk}-{row.pk}", row) for row in rows), at=at)


def affected_submissions(offer: Offer, kind: OfferChange.Kind) -> QuerySet[Submission]:
    """Return the submissions of active users that a change of this kind concerns.

    CANCELLED: all. RULES_CHANGED: those with an open draft, because a filing keeps the version that it cites. Other
    kinds: those with an open draft and those that are not decided.
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
    """Return a sentence for staff with the number of mails; empty for a kind that is not announced."""
    if kind not in ANNOUNCED_KINDS:
        return ""
    counted = affected_submissions(offer, kind).aggregate(
        everyone=Count("pk"), filed=Count("pk", filter=Q(standing_filing__isnull=False))
    )
    everyone, filed = counted["everyone"], counted["filed"]
    if not everyone:
        return _("Il n’y a personne à prévenir : aucun courriel ne sera envoyé.")
    drafts = everyone - filed
    shares = []
    if filed:
        shares.append(
            ngettext("%(count)s a déposé", "%(count)s ont déposé", filed) % {"count": formats.number(filed)}
        )
    if drafts:
        text = ngettext(
            "%(count)s a un brouillon non déposé", "%(count)s ont un brouillon non déposé", drafts
        )
        shares.append(text % {"count": formats.number(drafts)})
    text = ngettext(
        "%(count)s personne recevra un courriel : %(shares)s.",
        "%(count)s personnes recevront un courriel : %(shares)s.",
        everyone,
    )
    return text % {"count": formats.number(everyone), "shares": ", ".join(shares)}


@transaction.atomic
def acknowledge_changes(*, draft: Draft, at: datetime, seen: int | None = None) -> Draft:
    """Store that the candidate knows the changes of the offer up to `at` (aware).

    `seen`: primary key of the newest displayed change; later ones stay unread. The key of another offer's change has
    no effect. Idempotent; an older instant has no effect.

    :raises DraftClosedError: if the draft was filed or discarded concurrently.
    """
    submission, fresh, _now = lock_open_draft(draft)
    until: datetime | None = at
    if seen is not None:
        displayed = OfferChange.objects.filter(pk=seen, offer=submission.offer_id)
        until = displayed.values_list("at", flat=True).first()
    if until is not None and until > fresh.changes_noted_at:
        fresh.changes_noted_at = until
        fresh.save(update_fields=["changes_noted_at"])
    return fresh
