"""Panels of an offer's page for the user who reads it: apply, continue, or already filed."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from intake.accounts.models import User
from intake.outbox.selectors import database_instant
from intake.submissions.access.queries import submission_on, window_of
from intake.submissions.models.filing_window import FilingWindow
from intake.web import formats
from offers.models import Offer
from offers.models.offer import OfferPhase


def apply_panel(request: HttpRequest, offer: Offer) -> SafeString | None:
    """Return the panel: *Postuler* while the user may file, and a link to their draft or receipt at any time.

    A personal extension is shown and counts. Before the opening and while the offer is open, a user without submission
    also gets a link to the check. None for a draft offer, which is only previewed.
    """
    if not offer.is_published:
        return None
    user, at = request.user, database_instant()
    submission = submission_on(user, offer) if isinstance(user, User) else None
    window = window_of(user, offer) if isinstance(user, User) else FilingWindow(offer)
    is_open = window.is_open(at)
    if submission is None and not is_open and offer.moment(at) is not OfferPhase.UPCOMING:
        return None
    context = {"offer": offer, "submission": submission, "is_open": is_open, "window": window, "now": at}
    return render_to_string("submissions/panel.html", context, request)


def personal_panel(request: HttpRequest, offer: Offer) -> SafeString | None:
    """Return the end of the user's personal extension; None unless it is after the offer's closing and not over."""
    if not isinstance(request.user, User):
        return None
    window = window_of(request.user, offer)
    if not (window.is_personal and window.is_open(database_instant())):
        return None
    words = _("Elle ne l’est pas pour vous : votre délai personnel court jusqu’au {until}.")
    return format_html("<strong>{}</strong>", words.format(until=formats.closing(window.closing)))


def check_panel(request: HttpRequest, offer: Offer) -> SafeString | None:
    """Return the link to the check, for display under the criteria; None unless the offer is PUBLISHED."""
    if offer.status != Offer.Status.PUBLISHED:
        return None
    return render_to_string("submissions/check_panel.html", {"offer": offer}, request)
