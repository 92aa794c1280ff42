"""What an offer's page says to the person reading it: apply, continue, or already filed."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from intake.accounts.models import User
from offers.models import Offer
from offers.moments import Moment

from .selectors import submission_on


def apply_panel(request: HttpRequest, offer: Offer) -> SafeString | None:
    """Return the panel: *Postuler* while the offer is open, the way back to one's own draft or receipt at any time.

    Before it opens, and while it is open, whoever has not applied may check whether they could.
    """
    user, at = request.user, timezone.now()
    submission = submission_on(user, offer) if isinstance(user, User) else None
    is_open = offer.is_open(at)
    if submission is None and not is_open and offer.moment(at) is not Moment.UPCOMING:
        return None
    context = {"offer": offer, "submission": submission, "is_open": is_open}
    return render_to_string("submissions/panel.html", context, request)


def check_panel(request: HttpRequest, offer: Offer) -> SafeString | None:
    """Return the way to the check, under the criteria that it judges by; nothing for an offer that is cancelled."""
    if offer.status == Offer.Status.CANCELLED:
        return None
    return render_to_string("submissions/check_panel.html", {"offer": offer}, request)
