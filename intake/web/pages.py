"""Pages about the portal itself, which state only what the code does, and the variable `portal` of every template."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from intake.web.language import COOKIE, chosen_language, english_offered

from .accessibility import last_results
from .portal_variables import portal_variables, privacy_officer


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """GET: the accessibility statement: the standard, what the last checks found, known limits and the contact."""
    return render(request, "web/accessibility.html", {"results": last_results()})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """GET: the privacy statement, with the personal data that the portal keeps and the cookies that it sets."""
    cookies = {
        "session_cookie": settings.SESSION_COOKIE_NAME,
        "session_hours": settings.SESSION_COOKIE_AGE // 3600,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "language_cookie": COOKIE,
        "sign_in_cookie": settings.SIGN_IN_COOKIE_NAME,
        "form_cookie": settings.FORM_COOKIE_NAME,
        "answer_cookie": settings.ANSWER_COOKIE_NAME,
        "device_cookie": settings.DEVICE_COOKIE_NAME,
    }
    return render(request, "web/privacy.html", {**cookies, "officer": privacy_officer()})


def portal(request: HttpRequest) -> dict[str, Any]:
    """Return `portal`, the variable of every template, for this request."""
    return {
        "portal": portal_variables(
            language=chosen_language(request), english_offered=english_offered(), path=request.get_full_path()
        )
    }
