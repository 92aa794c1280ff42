"""Second factors and open sessions for tests, created as the portal creates them."""

import datetime as dt
from typing import Final

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.test import Client
from django.utils import timezone

from intake.accounts.models import Invitation, OpenSession, User
from intake.accounts.open_sessions import device_name
from intake.accounts.second_factor import services
from intake.accounts.second_factor.invitations import open_invitation
from intake.web.sessions import SessionStore, start_limits
from tests.factories.people import client_of

SECRET: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 -- of the tests alone
"""Secret of every application of the tests, in base 32."""
STEP: Final = dt.timedelta(seconds=30)
FIREFOX: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def code_at(at: dt.datetime, secret: str = SECRET) -> str:
    """Return the code that an application with `secret` shows at `at`."""
    return str(format_hotp_value(hotp_value(secret, int(at.timestamp()) // 30)))


def make_application(user: User, *, at: dt.datetime | None = None) -> Authenticator:
    """Add the application of the tests to `user`, an hour ago by default: its next codes are not used yet.

    Staff are invited for it.
    """
    at = at or timezone.now() - dt.timedelta(hours=1)
    invitation = str(open_invitation(user=user, at=at).public_id) if user.is_staff else ""
    return services.add_application(user=user, secret=SECRET, code=code_at(at), at=at, invitation=invitation)


def invite(user: User, *clients: Client) -> Invitation:
    """Invite `user`, who opened the link in the sessions of `clients`."""
    invitation = open_invitation(user=user, at=timezone.now())
    for client in clients:
        session = client.session
        session["invitation"] = str(invitation.public_id)
        session.save()
    return invitation


def make_open_session(user: User, *, user_agent: str = FIREFOX) -> OpenSession:
    """Open a session of `user` on another device."""
    key = client_of(user).cookies[settings.SESSION_COOKIE_NAME].value
    session = SessionStore(key)
    start_limits(session)
    session.save()
    return OpenSession.objects.create(session_id=key, user=user, device=device_name(user_agent))
