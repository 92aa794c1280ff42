"""The link of an invitation, and the page for staff without a valid one."""

from http import HTTPStatus
from typing import Final, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from intake.accounts.codes import ProofRefused
from intake.accounts.login_required import require_login
from intake.accounts.models import User
from intake.accounts.second_factor.errors import NotInvitedError
from intake.accounts.second_factor.invitations import invitation_of, read_invitation_token
from intake.accounts.second_factor.selectors import has_factor
from intake.web.security_events import Kind, record_security_event

_KEY: Final = "invitation"
"""Key of the session: the invitation that its owner opened in it, or that replaces the factor they removed in it."""


@require_login()
@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """GET: keep the invitation in the session of its owner, and go to the choice of a factor. It is not used up yet."""
    user = cast("User", request.user)  # `require_login` ensures it
    try:
        found = read_invitation_token(token, user=user, at=timezone.now())
    except ProofRefused:
        record_security_event(request, Kind.LINK_REFUSED, reason="INVITATION")
        return _page(request, user, HTTPStatus.GONE)
    keep_invitation(request, str(found.public_id))
    query = urlencode({"next": reverse("admin:index")})
    return redirect(f"{reverse('accounts:factor_setup')}?{query}")


def invitation_in(request: HttpRequest) -> str:
    """Return the invitation that this session keeps, or nothing."""
    return str(request.session.get(_KEY, ""))


def keep_invitation(request: HttpRequest, public_id: str) -> None:
    """Keep an invitation in this session; forget it if `public_id` is empty."""
    if public_id:
        request.session[_KEY] = public_id
    else:
        request.session.pop(_KEY, None)


def refuse_uninvited(request: HttpRequest, refusal: NotInvitedError) -> HttpResponse:
    """Return the page for staff without a factor who have no valid invitation in this session."""
    record_security_event(request, Kind.FACTOR_REFUSED, reason=refusal.code.upper())
    return _page(request, cast("User", request.user), HTTPStatus.FORBIDDEN)


def _page(request: HttpRequest, user: User, status: HTTPStatus) -> HttpResponse:
    open_one = invitation_of(user)
    context = {
        "sent_at": open_one.given_at if open_one and timezone.now() < open_one.expires_at else None,
        "has_factor": has_factor(user),
    }
    return render(request, "accounts/second_factor/not_invited.html", context, status=status)
