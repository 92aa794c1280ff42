"""Mail that notifies a candidate of a personal extension."""

from datetime import datetime

from django.urls import reverse

from intake.outbox.messages import Letter, render_letter
from intake.outbox.models import Delivery
from intake.submissions.models import PersonalExtension, Submission
from intake.web.mails import portal_url
from offers.models import Offer

from .context import filed_mail_context, is_obsolete, offer_context


def compose_extension(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail of a personal extension. Its reason is only on the candidate's pages."""
    extension, submission = _extension_of(delivery)
    offer = extension.offer
    if submission is None:
        page, filed = reverse("submissions:start", args=[offer.number]), {}
    else:
        filed = filed_mail_context(submission, at)
        name = "submissions:receipt" if filed["receipt"] else "submissions:tasks"
        page = reverse(name, args=[submission.public_id])
    return render_letter(
        "personal_extension",
        {
            **filed,
            "closing": extension.closing,
            "everyones": offer.closing,
            "has_draft": submission is not None,
            "page": portal_url(page),
            **offer_context(offer),
        },
        to=extension.candidate.email,
    )


def is_extension_obsolete(delivery: Delivery, at: datetime) -> bool:
    """True if the mail of a personal extension is no longer true at `at`.

    The extension ended or the offer now closes at least as late; the offer is not published; the account is closed; or
    the candidate filed after the mail was composed.
    """
    extension, submission = _extension_of(delivery)
    offer = extension.offer
    return (
        extension.closes_at <= max(at, offer.closes_at)
        or offer.status != Offer.Status.PUBLISHED
        or not extension.candidate.is_active
        or is_obsolete(delivery, submission)
    )


def _extension_of(delivery: Delivery) -> tuple[PersonalExtension, Submission | None]:
    extension = PersonalExtension.objects.select_related("offer__programme", "candidate").get(pk=delivery.key)
    theirs = Submission.objects.filter(offer=extension.offer_id, candidate=extension.candidate_id)
    return extension, theirs.select_related("offer", "standing_filing__receipt").first()
