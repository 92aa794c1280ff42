"""Where a receipt is verified: the address that its QR code holds."""

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from .statement import ReceiptStatement


def verifying_path(facts: ReceiptStatement) -> str:
    """Return the portal's public page that answers about this receipt: its number and its code are in it, no name."""
    return f"{reverse('verifier:verify')}?{urlencode({'numero': facts.number, 'code': facts.code})}"


def verifying_address(facts: ReceiptStatement) -> str:
    """Return the same from anywhere, as a mail or a QR code gives it."""
    site: str = settings.SITE_URL
    return site.rstrip("/") + verifying_path(facts)
