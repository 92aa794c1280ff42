"""Notify deciders when evidence contradicts a finding of a candidate who is already selected."""

from datetime import datetime

from django.urls import reverse

from intake.accounts.models import User
from intake.outbox.messages import Letter, render_letter
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.review.access.visibility import deciders_of
from intake.review.delivery_kinds import CONTRADICTED_MAIL
from intake.review.models import Evidence
from intake.submissions.models import Submission
from intake.web.mails import portal_url


def notify_contradiction(*, found: Evidence, submission: Submission, at: datetime) -> None:
    """Post, for `at`, a mail to each other decider of `submission`, which is selected or in a stage."""
    for person in deciders_of(submission).exclude(pk=found.author_id):
        post(kind=CONTRADICTED_MAIL, key=f"{found.pk}-{person.pk}", subject=submission, at=at)


def is_obsolete(delivery: Delivery, _at: datetime) -> bool:
    """True if the recipient may no longer read and decide on the submission."""
    found, person = (int(part) for part in delivery.key.split("-"))
    submission = Submission.objects.get(filings__evidence=found)
    return not deciders_of(submission).filter(pk=person).exists()


def compose_contradicted(delivery: Delivery, _at: datetime) -> Letter:
    """Return the mail to one decider. The delivery's key has the keys of the evidence and of the user."""
    found, person = (int(part) for part in delivery.key.split("-"))
    evidence = Evidence.objects.select_related(
        "author", "filing__receipt", "filing__submission__offer__programme"
    ).get(pk=found)
    submission = evidence.filing.submission
    page = reverse("review:file", args=[submission.public_id])
    return render_letter(
        "contradicted",
        {
            "submission": submission,
            "receipt": evidence.filing.receipt,
            "offer": submission.offer,
            "evidence": evidence,
            "portal_name": submission.offer.programme.name,
            "page": portal_url(f"{page}#critere-{evidence.position}"),
        },
        to=User.objects.get(pk=person).email,
    )
