"""Context processor: the variable `portal` of every template."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from intake.web.language import chosen_language, english_offered

from .request_id import current_request_id


def portal(request: HttpRequest) -> dict[str, Any]:
    """Return `portal`: names, contact, environment, language, path of this page, id of the request.

    `environment` (setting `PORTAL_ENVIRONMENT`) is empty in production; elsewhere every page shows it.
    """
    language = chosen_language(request)
    return {
        "portal": {
            "name": settings.PORTAL_NAME,
            "contact_unit": settings.PORTAL_CONTACT_UNIT,
            "contact_email": settings.PORTAL_CONTACT_EMAIL,
            "environment": getattr(settings, "PORTAL_ENVIRONMENT", ""),
            "language": language,
            "language_tag": f"{language}-CA",
            "english_offered": english_offered(),
            "path": request.get_full_path(),
            "reference": current_request_id(),
        }
    }
