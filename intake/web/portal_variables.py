"""The variable `portal` of the templates, also for pages that no context processor may serve."""

from typing import Any

from django.conf import settings

from .request_id import current_request_id


def portal_variables(*, language: str, english_offered: bool, path: str) -> dict[str, Any]:
    """Return names, wordmark, contact, environment (empty in production), language, path, request id, virus scan."""
    return {
        "name": settings.PORTAL_NAME,
        "short_name": settings.PORTAL_SHORT_NAME,
        "wordmark": settings.PORTAL_WORDMARK,
        "contact_unit": settings.PORTAL_CONTACT_UNIT,
        "contact_email": settings.PORTAL_CONTACT_EMAIL,
        "environment": getattr(settings, "PORTAL_ENVIRONMENT", ""),
        "language": language,
        "language_tag": f"{language}-CA",
        "english_offered": english_offered,
        "path": path,
        "reference": current_request_id(),
        "scans_files": settings.VIRUS_SCANNER is not None,
    }


def privacy_officer() -> dict[str, Any]:
    """Return name (empty in a clone), title and address of the person responsible for personal information."""
    return {
        "name": settings.PRIVACY_OFFICER_NAME,
        "title": settings.PRIVACY_OFFICER_TITLE,
        "email": settings.PRIVACY_OFFICER_EMAIL,
    }
