"""Sign-in by the identity provider: the way there, and its answer. A visitor leaves nothing on the server."""

import secrets
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Final, Self

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from intake.accounts.adapter import AccountAdapter
from intake.accounts.forms import EmailForm
from intake.accounts.identity_provider import provider
from intake.accounts.identity_provider.errors import (
    AnswerRefusedError,
    IdentityError,
    ProviderUnavailableError,
    Reason,
)
from intake.accounts.identity_provider.services import account_of_identity
from intake.accounts.models import User
from intake.accounts.open_sessions import renew_session
from intake.accounts.second_factor.checks import AGAIN, PROVIDER
from intake.accounts.second_factor.required import go_on
from intake.accounts.sign_in_page import show_sign_in
from intake.accounts.views import open_session
from intake.web.language import local_url
from intake.web.mails import portal_url
from intake.web.private_cookie import set_private_cookie
from intake.web.security_events import Kind, record_security_event

LIFETIME: Final = 10 * 60
"""Seconds in which the person signs in at the provider."""
_SALT: Final = "intake.accounts.identity_provider"


@dataclass(frozen=True, slots=True)
class _Request:
    """The request under way, in a signed cookie of the browser."""

    state: str
    nonce: str
    verifier: str
    next_path: str
    again: bool

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        try:
            value = request.COOKIES.get(settings.SIGN_IN_COOKIE_NAME, "")
            return cls(**signing.loads(value, salt=_SALT, max_age=LIFETIME))
        except signing.BadSignature as error:
            raise AnswerRefusedError(reason=Reason.NO_REQUEST) from error


@never_cache
@require_safe
def go_to_provider(request: HttpRequest) -> HttpResponse:
    """GET: redirect to the provider, with what ties the answer to this browser. A link: forms post to the portal."""
    _check_configured()
    wanted = local_url(request, request.GET.get("next", ""))
    again = request.user.is_authenticated and AGAIN in request.GET
    if request.user.is_authenticated and not again:
        return redirect(wanted or AccountAdapter().get_login_redirect_url(request))
    state, nonce, verifier = (secrets.token_urlsafe(32) for _each in range(3))
    try:
        address = provider.authorization_url(
            redirect_uri=_answer_address(), state=state, nonce=nonce, verifier=verifier, again=again
        )
    except IdentityError as refusal:
        return _refuse(request, refusal, wanted)
    response = redirect(address)
    set_private_cookie(
        response,
        settings.SIGN_IN_COOKIE_NAME,
        signing.dumps(asdict(_Request(state, nonce, verifier, wanted, again)), salt=_SALT),
        lifetime=LIFETIME,
    )
    return response


@never_cache
@require_safe
def answer(request: HttpRequest) -> HttpResponse:
    """GET: the provider's answer. Open the session of the person's account, or confirm it again; once an answer."""
    _check_configured()
    wanted = ""
    try:
        asked = _Request.of(request)
        wanted = asked.next_path
        _check_answer(request, asked)
        statement = provider.read_answer(
            code=request.GET.get("code", ""),
            redirect_uri=_answer_address(),
            nonce=asked.nonce,
            verifier=asked.verifier,
            at=timezone.now(),
        )
        user = account_of_identity(statement=statement, at=timezone.now())
        response = (
            _confirm(request, user, statement, asked)
            if asked.again
            else _open(request, user, statement, asked)
        )
    except IdentityError as refusal:
        response = _refuse(request, refusal, wanted)
    response.delete_cookie(settings.SIGN_IN_COOKIE_NAME)
    return response


def _check_configured() -> None:
    if settings.OIDC is None:
        raise Http404


def _answer_address() -> str:
    return portal_url(reverse("accounts:provider_answer"))


def _check_answer(request: HttpRequest, asked: _Request) -> None:
    """Raise unless the answer is of the request of this browser, of the configured issuer, and the first one."""
    if not constant_time_compare(request.GET.get("state", ""), asked.state):
        raise AnswerRefusedError(reason=Reason.STATE)
    if request.GET.get("iss", provider.configured().issuer) != provider.configured().issuer:
        raise AnswerRefusedError(reason=Reason.OTHER_ISSUER)
    if "code" not in request.GET:
        raise AnswerRefusedError(reason=Reason.NO_CODE)
    if not cache.add(f"provider-answer:{asked.state}", 1, timeout=LIFETIME):
        raise AnswerRefusedError(reason=Reason.USED)


def _open(request: HttpRequest, user: User, statement: provider.Statement, asked: _Request) -> HttpResponse:
    _record(request, user, statement)
    return open_session(request, Login(user=user, email=user.email, redirect_url=asked.next_path or None))


def _confirm(
    request: HttpRequest, user: User, statement: provider.Statement, asked: _Request
) -> HttpResponse:
    """Mark the session as checked again, under a new key, if the same person confirmed."""
    if user != request.user or statement.factor_at is None:
        raise AnswerRefusedError(reason=Reason.NOT_CONFIRMED)
    _record(request, user, statement)
    renew_session(request)
    return go_on(request, asked.next_path)


def _record(request: HttpRequest, user: User, statement: provider.Statement) -> None:
    """Record how the person signed in. A second factor counts from the instant at which the provider checked it."""
    if statement.factor_at is None:
        record_authentication(request, user, method=PROVIDER)
        return
    record_authentication(request, user, method="mfa", type=PROVIDER)
    records: list[dict[str, Any]] = request.session[AUTHENTICATION_METHODS_SESSION_KEY]
    records[-1]["at"] = statement.factor_at.timestamp()
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = records


def _refuse(request: HttpRequest, refusal: IdentityError, wanted: str) -> HttpResponse:
    record_security_event(request, Kind.IDENTITY_REFUSED, reason=refusal.reason)
    if request.user.is_authenticated:
        messages.error(request, str(refusal))
        return redirect("accounts:security")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(refusal, ProviderUnavailableError):
        status = HTTPStatus.SERVICE_UNAVAILABLE
    return show_sign_in(request, form=EmailForm(), wanted=wanted, refusal=str(refusal), status=status)
