"""Mails about a filing that go on in English if its receipt is in English too."""

from typing import Any

from django.db.models import OuterRef
from django.urls import reverse

from intake.dossiers.services import read_seal
from intake.outbox.messages import Letter, render_letter
from intake.submissions.models import Filing, Receipt
from intake.submissions.receipts.queries import requested_in_english
from intake.web.mails import portal_url

from .offer_mails import offer_context


def filing_letter(
    template: str, filing: Filing, *, page: str = "submissions:follow", **context: Any
) -> Letter:
    """Return the mail to the candidate of `filing`, with a link to the submission's `page` (name of an address).

    :raises intake.dossiers.services.AnonymisedError: if the payload was erased.
    """
    submission = filing.submission
    offer = submission.offer
    return render_letter(
        template,
        {
            "person": read_seal(filing.seal).person,
            "number": filing.receipt.number,
            "call": offer.number,
            "host": offer.organisation_short or offer.organisation,
            "page": portal_url(reverse(page, args=[submission.public_id])),
            **offer_context(offer),
            **context,
        },
        to=submission.candidate.email,
        in_english=Receipt.objects.filter(
            requested_in_english(OuterRef("number")), pk=filing.receipt.pk
        ).exists(),
    )
