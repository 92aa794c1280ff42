"""A candidate's own change of address: the present mailbox is proved by a code since the sign-in, then the new one.

Until the right code of the new mailbox is entered, no account is read: an address with an account gets the same answers
and the same mail as one without.
"""

from http import HTTPStatus
from typing import Any, Final, cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from intake.accounts.changes import change_own_address, check_may_undo, undo_own_address
from intake.accounts.codes import PendingSignIn, ProofRefused, code_lifetime, read_undo_token
from intake.accounts.devices import Device
from intake.accounts.errors import AccountChangeError, AddressTakenError
from intake.accounts.forms import CodeForm, NewAddressForm
from intake.accounts.login_required import NOTICE, Notice, require_login
from intake.accounts.mistyped import proposed_address
from intake.accounts.models import AccountChange, User
from intake.accounts.open_sessions import note_session
from intake.accounts.own_codes import send_own_code, take_own_code
from intake.accounts.second_factor.checks import is_mailbox_proved
from intake.accounts.second_factor.required import ask_for_mailbox
from intake.accounts.views import CodeNotSent, to_wait
from intake.web import security_events
from intake.web.security_events import record_security_event

_KEY: Final = "new_address"
"""Key of the session: the code under way, which proves the wanted address."""


@require_login()
@sensitive_post_parameters("email")
@require_http_methods(["GET", "HEAD", "POST"])
def change_address(request: HttpRequest) -> HttpResponse:
    """GET: the form for another address. POST: send a code to it."""
    user = _user(request)
    if not user.is_staff and not is_mailbox_proved(request, after_sign_in=True):
        return ask_for_mailbox(request)
    form = NewAddressForm(request.POST if request.method == "POST" else None, current=user.email)
    status, ticket = HTTPStatus.OK, ""
    if user.is_staff:
        status = HTTPStatus.FORBIDDEN if form.is_bound else HTTPStatus.OK
    elif form.is_valid():
        try:
            return _send(request, form.cleaned_data["email"])
        except CodeNotSent as refusal:
            form.add_error(None, ValidationError(refusal.reason))
            status, ticket = refusal.status, refusal.ticket
    elif form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    context = {"form": form, "ticket": ticket, "is_staff": user.is_staff}
    return to_wait(render(request, "accounts/address.html", context, status=status), ticket)


@require_login()
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest) -> HttpResponse:
    """GET: the form for the code. POST: take it and change the address; `resend`: send another one."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if kept is None or _user(request).is_staff:
        return redirect("accounts:change_address")
    if not is_mailbox_proved(request, after_sign_in=True):
        return ask_for_mailbox(request)
    pending = PendingSignIn.from_json(kept)
    form = CodeForm(request.POST if request.method == "POST" and "resend" not in request.POST else None)
    refusal: CodeNotSent | None = None
    try:
        if "resend" in request.POST:
            response = _send(request, pending.email)
            messages.success(request, _("Nous avons envoyé un nouveau code. Le précédent n’est plus valide."))
            return response
        if form.is_valid():
            return _take_code(request, pending, form.cleaned_data["code"])
    except CodeNotSent as refused:
        refusal = refused
    except ProofRefused as refused:
        form.add_error("code", ValidationError(str(refused)))
    except AddressTakenError:  # only its owner reads this: the mailbox is proved
        del request.session[_KEY]
        messages.error(
            request,
            _("Un autre compte a déjà cette adresse. Connectez-vous avec elle, ou choisissez-en une autre."),
        )
        return redirect("accounts:change_address")
    except AccountChangeError as error:
        form.add_error("code", ValidationError(str(error)))
    return _code_page(request, pending, form, refusal=refusal)


@sensitive_variables("code")
def _take_code(request: HttpRequest, pending: PendingSignIn, code: str) -> HttpResponse:
    """Check the code of the new address, and give it to the account.

    :raises ProofRefused: if it is not the code; its text is for the person.
    :raises AccountChangeError: if the address cannot change.
    """
    user = _user(request)
    take_own_code(request, user=user, proof=pending, code=code, at=timezone.now())
    change_own_address(person=user, email=pending.email, at=timezone.now())
    del request.session[_KEY]
    user.refresh_from_db()
    update_session_auth_hash(request, user)  # every session ended; this one goes on, under a new key
    note_session(request)
    messages.success(
        request, _("C’est fait : votre compte a maintenant l’adresse %(email)s.") % {"email": user.email}
    )
    response = redirect("accounts:security")
    Device.of(request).remember(user, response)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def undo_address(request: HttpRequest, token: str) -> HttpResponse:
    """GET: what the link of the former mailbox undoes. POST: give the address back. It signs nobody in."""
    try:
        change = get_object_or_404(AccountChange, pk=read_undo_token(token))
        if request.method == "POST":
            undone = undo_own_address(change=change, at=timezone.now())
            record_security_event(
                request, security_events.Kind.ACCOUNT_CHANGED, reason="UNDONE", subject=undone.person
            )
            if undone.kind == AccountChange.Kind.CLOSING:
                return redirect("accounts:closed")
            return redirect(f"{reverse('accounts:sign_in')}?{NOTICE}={Notice.ADDRESS_BACK}")
        check_may_undo(change=change, at=timezone.now())
    except (ProofRefused, AccountChangeError):
        record_security_event(request, security_events.Kind.LINK_REFUSED, reason="UNDO_ADDRESS")
        return render(request, "accounts/link_refused.html", status=HTTPStatus.GONE)
    return render(request, "accounts/undo_address.html", {"email": change.before})


def _send(request: HttpRequest, email: str) -> HttpResponse:
    """Send a code to `email`; return the redirect to the page that takes it.

    :raises CodeNotSent: if a limit or the mail server refuses.
    """
    request.session[_KEY] = send_own_code(request, user=_user(request), to=email, at=timezone.now()).to_json()
    return redirect("accounts:confirm_address")


def _code_page(
    request: HttpRequest, pending: PendingSignIn, form: CodeForm, *, refusal: CodeNotSent | None
) -> HttpResponse:
    context = {
        "form": form,
        "email": pending.email,
        "proposal": proposed_address(pending.email),
        "refusal": refusal.reason if refusal else "",
        "ticket": refusal.ticket if refusal else "",
        "minutes": int(code_lifetime().total_seconds() // 60),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    response = render(
        request, "accounts/address_code.html", context, status=refusal.status if refusal else status
    )
    return to_wait(response, refusal.ticket if refusal else "")


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)  # `require_login` ensures it
