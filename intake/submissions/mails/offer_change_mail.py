"""Mail that notifies a candidate of an offer change."""

from datetime import datetime

from django.urls import reverse

from intake.outbox.messages import Letter, render_letter
from intake.outbox.models import Delivery, Message
from intake.submissions.models import Submission
from intake.submissions.models.filing_window import FilingWindow
from intake.web.mails import portal_url
from offers.models import Offer, OfferChange

from .context import filed_mail_context, is_obsolete, offer_context


def compose_change(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail of one offer change to one candidate, with the state of offer and submission at `at`."""
    change, submission = _change_of(delivery), _submission_of(delivery)
    offer, filing = submission.offer, submission.standing_filing
    # The ordinary filing window, with a personal extension and without a complement request's due date.
    is_open = FilingWindow(offer, submission.extended_until).is_open(at)
    page = "submissions:receipt" if filing else "submissions:tasks" if is_open else "submissions:review"
    return render_letter(
        "offer_change",
        {
            "change": change,
            "lines": change.details.splitlines(),
            "now": at,
            "is_open": is_open,
            "is_cancelled": offer.status == Offer.Status.CANCELLED,
            **filed_mail_context(submission, at),
            **offer_context(offer),
            "page": portal_url(reverse(page, args=[submission.public_id])),
            "offer_page": portal_url(offer.get_absolute_url()),
        },
        to=submission.candidate.email,
    )


def is_change_obsolete(delivery: Delivery, _at: datetime) -> bool:
    """True if the account is closed, or the mail was composed before the current filing or before a cancellation.

    Composed before the filing, it states that nothing was filed. Composed before the offer was cancelled, it states a
    closing; the cancellation has its own mail.
    """
    change, submission = _change_of(delivery), _submission_of(delivery)
    is_written = Message.objects.filter(delivery=delivery).exists()
    is_off = submission.offer.status == Offer.Status.CANCELLED and change.kind != OfferChange.Kind.CANCELLED
    return not submission.candidate.is_active or (is_written and is_off) or is_obsolete(delivery, submission)


def _change_of(delivery: Delivery) -> OfferChange:
    return OfferChange.objects.get(pk=delivery.key.partition("-")[0])


def _submission_of(delivery: Delivery) -> Submission:
    rows = Submission.objects.select_related("offer__programme", "candidate", "standing_filing__receipt")
    return rows.get(pk=delivery.subject_id)
