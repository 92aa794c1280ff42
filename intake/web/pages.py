"""Statements about the portal itself. They say only what the code does."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from intake.web.language import COOKIE


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say which standard the pages are built to and whom to tell when one stands in the way."""
    return render(request, "web/accessibility.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what the portal keeps of a person, and which cookies it sets."""
    cookies = {
        "session_cookie": settings.SESSION_COOKIE_NAME,
        "session_hours": settings.SESSION_COOKIE_AGE // 3600,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "language_cookie": COOKIE,
    }
    return render(request, "web/privacy.html", cookies)
