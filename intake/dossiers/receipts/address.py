"""Address at which a receipt is verified, as in its QR code."""

from urllib.parse import urlencode

from django.urls import reverse

from intake.web.mails import portal_url

from .statement import ReceiptStatement


def verifying_path(facts: ReceiptStatement) -> str:
    """Return the path of the public page that verifies this receipt. It contains number and code, and no name."""
    return f"{reverse('verifier:verify')}?{urlencode({'numero': facts.number, 'code': facts.code})}"


def verifying_address(facts: ReceiptStatement) -> str:
    """Return the absolute URL of `verifying_path`, for mails and QR codes."""
    return portal_url(verifying_path(facts))
