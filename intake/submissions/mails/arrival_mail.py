"""Mail of an arrival that a worker could not file: the candidate may have left the page that says it."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse

from intake.outbox.messages import Letter, render_letter
from intake.outbox.models import Delivery
from intake.submissions.access.queries import open_draft
from intake.submissions.lifecycle.candidate_status import may_file, resumed_without_complement
from intake.submissions.models import Arrival
from intake.web.mails import portal_url

from .offer_mails import offer_context, reads_english


def compose_refusal(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail: not filed, why, the instant and the reference to quote, and what may be done at `at`.

    `closing`: exclusive end of the filing window if the draft may be filed at `at`, else None.
    """
    arrival = _arrivals().get(pk=delivery.key)
    submission = arrival.submission
    offer, window, filing = submission.offer, submission.window, submission.standing_filing
    may_file_again = open_draft(submission) is not None and may_file(submission, at=at)
    return render_letter(
        "arrival_refused",
        {
            "reason": arrival.reason,
            "reference": arrival.reference,
            "arrived_at": arrival.arrived_at.astimezone(offer.zone),
            "number": filing.receipt.number if filing else "",
            "is_answer": submission.is_incomplete,
            "window": window,
            "resumed": resumed_without_complement(submission),
            "now": at,
            "closing": window.closing if may_file_again else None,
            "page": portal_url(reverse("submissions:arrival", args=[submission.public_id])),
            **offer_context(offer),
        },
        to=submission.candidate.email,
        in_english=reads_english(submission.candidate),
    )


def is_refusal_obsolete(delivery: Delivery, _at: datetime) -> bool:
    """True if the candidate filed since, another arrival waits, the account is closed, or the arrival is erased."""
    arrival = _arrivals().filter(pk=delivery.key).first()
    if arrival is None:
        return True
    submission = arrival.submission
    filed = submission.filings.filter(Q(received_at__gt=arrival.arrived_at) | Q(draft=arrival.draft_id))
    waiting = submission.arrivals.filter(pk__gt=arrival.pk, state=Arrival.State.WAITING)
    return not submission.candidate.is_active or filed.exists() or waiting.exists()


def _arrivals() -> QuerySet[Arrival]:
    return Arrival.objects.select_related(
        "submission__offer__programme", "submission__candidate", "submission__standing_filing__receipt"
    )
