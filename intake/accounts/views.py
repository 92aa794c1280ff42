"""One flow for sign-in and sign-up: an address, then the code sent to it.

Until the right code is entered, known, unknown and closed addresses run the same code: no account is read, except on a
device that remembers people, for every address that is typed there.
"""

import logging
from http import HTTPStatus
from typing import Final

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from intake.accounts import limits, services
from intake.accounts.adapter import AccountAdapter
from intake.accounts.codes import (
    PendingSignIn,
    ProofRefused,
    code_lifetime,
    issue_code,
    read_mailed_token,
    use_up,
)
from intake.accounts.devices import Device
from intake.accounts.forms import CodeForm, EmailForm
from intake.accounts.login_required import NOTICE, Notice, show_notice
from intake.accounts.mailers import send_code
from intake.accounts.mistyped import proposed_address
from intake.accounts.open_sessions import note_session
from intake.accounts.sign_in_page import show_sign_in
from intake.web.language import local_url
from intake.web.security_events import Kind, record_security_event
from intake.web.sessions import start_limits

logger = logging.getLogger(__name__)
RESENT: Final = "renvoye"
"""Parameter of the page of the code: a new one was sent."""


class CodeNotSent(Exception):
    """The code was not sent: message for the user, HTTP status, and ticket for the next request or nothing."""

    def __init__(self, reason: str, status: HTTPStatus, *, ticket: str = "") -> None:
        self.reason = reason
        self.status = status
        self.ticket = ticket


@never_cache
@sensitive_post_parameters("email")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """GET: the form for an address. POST: send a code to it."""
    pending = PendingSignIn.of(request)
    next_path = local_url(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(next_path or AccountAdapter().get_login_redirect_url(request))
    if not next_path and pending:
        next_path = pending.next_path  # a user who corrects the address keeps the destination
    form = EmailForm(request.POST or None, initial={"email": pending.email if pending else ""})
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    ticket = ""
    if form.is_valid():
        try:
            return _send(request, email=form.cleaned_data["email"], next_path=next_path)
        except CodeNotSent as refusal:
            form.add_error(None, ValidationError(refusal.reason))
            status, ticket = refusal.status, refusal.ticket
    elif request.method == "GET":
        show_notice(request)
    page = show_sign_in(request, form=form, wanted=next_path, ticket=ticket, status=status)
    return to_wait(page, ticket)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """GET: the form for the code. POST: open the session if the code is right, and the account at a first visit."""
    pending = PendingSignIn.of(request)
    if request.user.is_authenticated:
        return redirect(AccountAdapter().get_login_redirect_url(request))
    if pending is None:
        return redirect(f"{reverse('accounts:sign_in')}?{NOTICE}={Notice.ADDRESS_FIRST}")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        refusal = _code_refusal(request, pending, form.cleaned_data["code"])
        if refusal is None:
            try:
                return _finish_sign_in(request, pending, method="code")
            except ProofRefused:
                _record_refused_code(request, pending, "USED")
                refusal = _("Ce code a déjà servi. Demandez-en un nouveau ci-dessous.")
        form.add_error("code", ValidationError(refusal))
    elif request.method == "GET" and RESENT in request.GET:
        messages.success(request, _("Nous avons envoyé un nouveau code. Le précédent n’est plus valide."))
    return _confirm_page(request, pending, form)


@never_cache
@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    """POST: send another code to the same address; the previous code becomes invalid."""
    pending = PendingSignIn.of(request)
    if pending is None or request.user.is_authenticated:
        return redirect("accounts:sign_in")
    try:
        return _send(request, email=pending.email, next_path=pending.next_path, query=f"?{RESENT}")
    except CodeNotSent as refusal:
        return _confirm_page(request, pending, CodeForm(), refusal=refusal)


@never_cache
@require_GET
def closed(request: HttpRequest) -> HttpResponse:
    """GET: the page of a closed account, with the contact."""
    return render(request, "accounts/closed.html", status=HTTPStatus.FORBIDDEN)


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """POST: end the session. The browser erases what the portal stored in it, such as unsent answers."""
    was_signed_in = request.user.is_authenticated
    logout(request)
    if was_signed_in:  # a message opens a session, and a visitor leaves nothing on the server
        messages.success(request, _("Votre session est fermée."))
    response = redirect("home")
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET: a page with a button. POST: sign in by the one-time link; a prefetched GET does not use it up."""
    try:
        with transaction.atomic():
            user = services.user_of_link(token=token, at=timezone.now())
            if request.method == "POST":
                record_authentication(request, user, method="link")
                return open_session(request, Login(user=user, email=user.email))
    except ProofRefused:
        record_security_event(request, Kind.LINK_REFUSED, reason="ONE_TIME_LINK")
        return render(request, "accounts/link_refused.html", status=HTTPStatus.GONE)
    return render(request, "accounts/link.html", {"owner": user, "for_staff": user.is_staff})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_mailed(request: HttpRequest, token: str) -> HttpResponse:
    """GET: a page with a button. POST: sign in by the link of a mail, on any device; it needs no code."""
    try:
        mailed = read_mailed_token(token, at=timezone.now())
        if request.method == "POST":
            return _finish_sign_in(request, mailed, method="mailed link")
    except ProofRefused:
        record_security_event(request, Kind.LINK_REFUSED, reason="MAILED_LINK")
        return render(request, "accounts/link_refused.html", status=HTTPStatus.GONE)
    return render(request, "accounts/link.html", {"owner": mailed.email, "for_staff": False})


@sensitive_variables("code")
def _send(request: HttpRequest, *, email: str, next_path: str, query: str = "") -> HttpResponse:
    """Send a code; return the redirect to the page that takes it, or raise `CodeNotSent`."""
    now = timezone.now()
    try:
        limits.check_may_send_code(request, email=email, ticket=request.POST.get("ticket", ""), at=now)
    except limits.NetworkBusyError as busy:
        raise CodeNotSent(str(busy), HTTPStatus.TOO_MANY_REQUESTS, ticket=busy.ticket) from busy
    except limits.AddressBusyError as busy:
        raise CodeNotSent(str(busy), HTTPStatus.TOO_MANY_REQUESTS) from busy
    pending, code = issue_code(email=email, at=now, next_path=next_path)
    try:
        send_code(pending=pending, code=code)
    except OSError as error:
        logger.error("a sign-in code could not be sent: %s", type(error).__name__)  # noqa: TRY400 -- the traceback would hold the address and the code
        raise CodeNotSent(
            _("Le courriel n’est pas envoyé. Rien n’est perdu : réessayez dans une minute."),
            HTTPStatus.SERVICE_UNAVAILABLE,
        ) from None
    response = redirect(f"{reverse('accounts:confirm')}{query}")
    pending.keep(response)
    return response


@sensitive_variables("code")
def _code_refusal(request: HttpRequest, pending: PendingSignIn, code: str) -> str | None:
    if pending.expired(at=timezone.now()):
        _record_refused_code(request, pending, "EXPIRED")
        return _("Ce code a expiré. Demandez-en un nouveau ci-dessous.")
    if not limits.may_guess_code(request, reference=pending.reference, email=pending.email):
        return _(
            "Trop d’essais : ce code n’est plus valide. Suivez le lien du courriel, ou demandez un nouveau code "
            "ci-dessous."
        )
    if not pending.matches(code):
        _record_refused_code(request, pending, "WRONG")
        return _("Ce n’est pas le bon code. Recopiez celui du courriel le plus récent.")
    return None


def _record_refused_code(request: HttpRequest, pending: PendingSignIn, reason: str) -> None:
    record_security_event(request, Kind.CODE_REFUSED, reason=reason, address=pending.email)


def _finish_sign_in(request: HttpRequest, proved: PendingSignIn, *, method: str) -> HttpResponse:
    """Open the session of the account whose mailbox was proved, on the page that was wanted in this browser."""
    use_up(proved)
    user, created = services.open_account(email=proved.email, at=timezone.now())
    services.check_sent_since(user=user, sent_at=proved.sent_at)
    here = PendingSignIn.of(request)
    wanted = here.next_path if here is not None and here.email == proved.email else ""
    record_authentication(request, user, method=method, email=proved.email)
    response = open_session(
        request, Login(user=user, email=proved.email, redirect_url=wanted or None, signup=created)
    )
    response.delete_cookie(settings.SIGN_IN_COOKIE_NAME)
    return response


def open_session(request: HttpRequest, login: Login) -> HttpResponse:
    """Open the session under a new key; its data are kept, unless they belonged to another user."""
    response: HttpResponse = perform_login(request, login)
    if request.user.pk == login.user.pk:  # a closed account leaves another user's session as it was
        start_limits(request.session)
        note_session(request)
        Device.of(request).remember(login.user, response)
        record_security_event(request, Kind.SIGNED_IN, reason="OPENED")
    return response


def _confirm_page(
    request: HttpRequest, pending: PendingSignIn, form: CodeForm, *, refusal: CodeNotSent | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "refusal": refusal.reason if refusal else "",
        "ticket": refusal.ticket if refusal else "",
        "email": pending.email,
        "proposal": proposed_address(pending.email),
        "minutes": int(code_lifetime().total_seconds() // 60),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    if refusal:
        status = refusal.status
    response = render(request, "accounts/confirm.html", context, status=status)
    return to_wait(response, refusal.ticket if refusal else "")


def to_wait(response: HttpResponse, ticket: str) -> HttpResponse:
    """Return `response`, which says when to try again if it gives a ticket, as its page does."""
    if ticket:
        response.headers["Retry-After"] = str(int(limits.WAIT.total_seconds()))
    return response
