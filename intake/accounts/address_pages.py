"""A candidate's own change of address: both mailboxes are proved by codes, the present one only if the sign-in is old.

Until the right code of the new mailbox is entered, no account is read: an address with an account gets the same answers
and the same mail as one without.
"""

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Self, cast

from allauth.account.internal.flows.login import record_authentication
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from intake.accounts import limits
from intake.accounts.changes import change_own_address
from intake.accounts.codes import PendingSignIn, ProofRefused, code_lifetime, issue_code, use_up
from intake.accounts.devices import Device
from intake.accounts.errors import AccountChangeError, AddressTakenError
from intake.accounts.forms import CodeForm, NewAddressForm
from intake.accounts.login_required import require_login
from intake.accounts.mailers import send_address_code
from intake.accounts.models import User
from intake.accounts.open_sessions import note_session
from intake.accounts.second_factor.checks import is_recently_signed_in
from intake.accounts.views import CodeNotSent, to_wait
from intake.web.security_events import Kind, record_security_event

logger = logging.getLogger(__name__)
SESSION_KEY: Final = "own_address"


@dataclass(frozen=True, slots=True)
class PendingAddress:
    """A change under way, in the person's session: the address that is wanted, and the mailbox to prove now."""

    email: str
    proof: PendingSignIn

    @property
    def is_new(self) -> bool:
        """Return whether the code was sent to the new address, and not to the present one."""
        return self.proof.email == self.email

    @classmethod
    def of(cls, session: SessionBase) -> Self | None:
        """Return the change that the session has under way, or None."""
        kept: dict[str, Any] | None = session.get(SESSION_KEY)
        return cls(kept["email"], PendingSignIn.from_json(kept["proof"])) if kept else None

    def keep(self, session: SessionBase) -> None:
        """Store the instance in the session."""
        session[SESSION_KEY] = {"email": self.email, "proof": self.proof.to_json()}


@require_login()
@sensitive_post_parameters("email")
@require_http_methods(["GET", "HEAD", "POST"])
def change_address(request: HttpRequest) -> HttpResponse:
    """GET: the form for another address. POST: send the first code; to the present address if the sign-in is old."""
    user = _user(request)
    form = NewAddressForm(request.POST if request.method == "POST" else None, current=user.email)
    status, ticket = HTTPStatus.OK, ""
    if user.is_staff:
        status = HTTPStatus.FORBIDDEN if form.is_bound else HTTPStatus.OK
    elif form.is_valid():
        wanted = form.cleaned_data["email"]
        try:
            return _send(request, wanted, to=wanted if is_recently_signed_in(request) else user.email)
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
    """GET: the form for the code. POST: take it, and send the next one or change the address; `resend`: another one."""
    pending = PendingAddress.of(request.session)
    if pending is None or _user(request).is_staff:
        return redirect("accounts:change_address")
    form = CodeForm(request.POST if request.method == "POST" and "resend" not in request.POST else None)
    try:
        if "resend" in request.POST:
            response = _send(request, pending.email, to=pending.proof.email)
            messages.success(request, _("Nous avons envoyé un nouveau code. Le précédent n’est plus valide."))
            return response
        if form.is_valid():
            return _take_code(request, pending, form.cleaned_data["code"])
    except CodeNotSent as refusal:
        return _code_page(request, pending, form, refusal=refusal)
    except ProofRefused as refused:
        form.add_error("code", ValidationError(str(refused)))
    except AddressTakenError:  # only its owner reads this: the mailbox is proved
        del request.session[SESSION_KEY]
        messages.error(
            request,
            _("Un autre compte a déjà cette adresse. Connectez-vous avec elle, ou choisissez-en une autre."),
        )
        return redirect("accounts:change_address")
    except AccountChangeError as error:
        form.add_error("code", ValidationError(str(error)))
    return _code_page(request, pending, form)


@sensitive_variables("code")
def _take_code(request: HttpRequest, pending: PendingAddress, code: str) -> HttpResponse:
    """Check a code. Of the present address: send one to the new address. Of the new one: change the address.

    :raises ProofRefused: if it is not the code; its text is for the person.
    :raises CodeNotSent: if the next one cannot be sent.
    :raises AccountChangeError: if the address cannot change.
    """
    user, proof = _user(request), pending.proof
    _check_code(request, proof, code)
    try:
        use_up(proof)
    except ProofRefused as refused:
        _record_refused(request, proof, "USED")
        raise ProofRefused(_("Ce code a déjà servi. Demandez-en un nouveau ci-dessous.")) from refused
    if not pending.is_new:
        record_authentication(request, user, method="code", email=user.email)
        return _send(request, pending.email, to=pending.email)
    change_own_address(person=user, email=pending.email, at=timezone.now())
    del request.session[SESSION_KEY]
    user.refresh_from_db()
    update_session_auth_hash(request, user)  # every session ended; this one goes on, under a new key
    note_session(request)
    messages.success(
        request, _("C’est fait : votre compte a maintenant l’adresse %(email)s.") % {"email": user.email}
    )
    response = redirect("accounts:security")
    Device.of(request).remember(user, response)
    return response


@sensitive_variables("code")
def _check_code(request: HttpRequest, proof: PendingSignIn, code: str) -> None:
    """Raise `ProofRefused` with its text, unless `code` is the one that was sent and the limits allow the guess."""
    account = str(_user(request).public_id)
    if proof.expired(at=timezone.now()):
        _record_refused(request, proof, "EXPIRED")
        raise ProofRefused(_("Ce code a expiré. Demandez-en un nouveau ci-dessous."))
    if not limits.may_guess_address_code(
        request, reference=proof.reference, account=account, email=proof.email
    ):
        raise ProofRefused(
            _("Trop d’essais : ce code n’est plus valide. Demandez-en un nouveau, ou revenez demain.")
        )
    if not proof.matches(code):
        _record_refused(request, proof, "WRONG")
        raise ProofRefused(_("Ce n’est pas le bon code. Recopiez celui du courriel le plus récent."))


@sensitive_variables("code")
def _send(request: HttpRequest, email: str, *, to: str) -> HttpResponse:
    """Send a code to `to`, for the change to `email`; return the redirect to the page that takes it.

    :raises CodeNotSent: if a limit or the mail server refuses.
    """
    now, account = timezone.now(), str(_user(request).public_id)
    try:
        limits.check_may_send_address_code(
            request, account=account, email=to, ticket=request.POST.get("ticket", ""), at=now
        )
    except limits.NetworkBusyError as busy:
        raise CodeNotSent(str(busy), HTTPStatus.TOO_MANY_REQUESTS, ticket=busy.ticket) from busy
    except limits.AddressBusyError as busy:
        raise CodeNotSent(
            _(
                "Nous avons déjà envoyé plusieurs codes. Recopiez celui du courriel le plus récent, ou revenez demain."
            ),
            HTTPStatus.TOO_MANY_REQUESTS,
        ) from busy
    pending, code = issue_code(email=to, at=now)
    try:
        send_address_code(pending=pending, code=code, is_new=to == email)
    except OSError as error:
        logger.error("a code of a change of address could not be sent: %s", type(error).__name__)  # noqa: TRY400 -- the traceback would hold the address and the code
        raise CodeNotSent(
            _("Le courriel n’est pas envoyé. Rien n’est perdu : réessayez dans une minute."),
            HTTPStatus.SERVICE_UNAVAILABLE,
        ) from None
    PendingAddress(email, pending).keep(request.session)
    return redirect("accounts:confirm_address")


def _code_page(
    request: HttpRequest, pending: PendingAddress, form: CodeForm, *, refusal: CodeNotSent | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "pending": pending,
        "refusal": refusal.reason if refusal else "",
        "ticket": refusal.ticket if refusal else "",
        "minutes": int(code_lifetime().total_seconds() // 60),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    response = render(
        request, "accounts/address_code.html", context, status=refusal.status if refusal else status
    )
    return to_wait(response, refusal.ticket if refusal else "")


def _record_refused(request: HttpRequest, proof: PendingSignIn, reason: str) -> None:
    record_security_event(request, Kind.CODE_REFUSED, reason=reason, address=proof.email)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)  # `require_login` ensures it
