"""What an offer's page says to the person reading it: apply, continue, or already filed."""

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
from offers.phases import OfferPhase


def apply_panel(request: HttpRequest, offer: Offer) -> SafeString | None:
    """Return the panel: *Postuler* while the offer is open, the way back to one's own draft or receipt at any time.

    Whoever was given more time reads until when, and applies until then. Before it opens, and while it is open, whoever
    has not applied may check whether they could. Nothing for an offer that is not published: it is previewed.
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
    """Return, for who was given more time on an offer that closed for the others, until when they may file."""
    if not isinstance(request.user, User):
        return None
    window = window_of(request.user, offer)
    if not (window.is_personal and window.is_open(database_instant())):
        return None
    words = _("Elle ne l’est pas pour vous : votre délai personnel court jusqu’au {until}.")
    return format_html("<strong>{}</strong>", words.format(until=formats.closing(window.closing)))


def check_panel(request: HttpRequest, offer: Offer) -> SafeString | None:
    """Return the way to the check, under the criteria that it judges by, while the offer is published."""
    if offer.status != Offer.Status.PUBLISHED:
        return None
    return render_to_string("submissions/check_panel.html", {"offer": offer}, request)
