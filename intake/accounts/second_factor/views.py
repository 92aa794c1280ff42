"""Pages of the second factor: set-up, check, recovery codes, and removal of a factor."""

import base64
import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, cast

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from intake.accounts import limits
from intake.accounts.adapter import announce_sign_in
from intake.accounts.devices import Device
from intake.accounts.login_required import require_login
from intake.accounts.models import User
from intake.accounts.open_sessions import renew_session
from intake.accounts.second_factor import errors, services
from intake.accounts.second_factor.checks import (
    AGAIN,
    is_by_provider,
    is_checked,
    is_mailbox_proved,
    is_recently_checked,
)
from intake.accounts.second_factor.encryption import decrypt, encrypt
from intake.accounts.second_factor.forms import FactorCodeForm, PasskeyAnswerForm, PasskeyForm
from intake.accounts.second_factor.invitation_pages import (
    invitation_in,
    keep_invitation,
    refuse_uninvited,
)
from intake.accounts.second_factor.invitations import check_invited
from intake.accounts.second_factor.required import ask_for_factor, ask_for_mailbox, go_on, warn_of_lost_form
from intake.accounts.second_factor.selectors import FactorsDisplay, factors_of, has_factor, unseen_codes
from intake.web.language import local_url
from intake.web.middleware import allow_passkeys
from intake.web.security_events import Kind, record_security_event

type View = Callable[..., HttpResponseBase]
SECRET: Final = "second_factor_secret"  # noqa: S105 -- the name of a key
"""Key of the session: the secret of an application that is being set up, encrypted."""


def own_factors(view: View) -> View:
    """Decorate a view of a user's own factors: staff who have one confirm with it first, not longer ago than usual.

    Staff who have none need an invitation in this session. All then prove the mailbox: no factor leads to another.
    """

    @require_login()
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = _user(request)
        if user.is_staff and not is_recently_checked(request) and has_factor(user):
            return ask_for_factor(request)
        try:
            check_invited(user=user, public_id=invitation_in(request), at=timezone.now())
        except errors.NotInvitedError as error:
            return refuse_uninvited(request, error)
        if not is_mailbox_proved(request):
            return ask_for_mailbox(request)
        return allow_passkeys(view(request, *args, **kwargs))

    return guarded


@require_login()
@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponseBase:
    """GET: the page that asks for the second factor. POST: check it, then go back to the page that needed it."""
    user, wanted = _user(request), _wanted(request)
    factors = factors_of(user)
    if not factors.any and is_by_provider(request):
        return redirect(f"{_address('provider_sign_in', wanted or reverse('admin:index'))}&{AGAIN}=1")
    if not factors.any:
        return redirect(_address("factor_setup", wanted))
    form = _code_form(request, factors)
    refusal = ""
    if request.method == "POST":
        try:
            factor = _check(request, user, form)
        except errors.SecondFactorError as error:
            record_security_event(request, Kind.FACTOR_REFUSED, reason=error.code.upper())
            if isinstance(error, errors.PasskeyRefusedError):
                refusal = str(error)
            else:
                form.add_error("code", ValidationError(_refusal(error, factors)))
        else:
            if factor is not None:
                completes_sign_in = user.is_staff and not is_checked(request)
                _record_check(request, user, factor)
                if completes_sign_in:
                    announce_sign_in(request, user)
                return _remember_device(request, user, go_on(request, wanted))
    else:
        warn_of_lost_form(request)
    context = {
        "form": form,
        "refusal": refusal,
        "next": wanted,
        "factors": factors,
        "options": _options(webauthn.begin_authentication(user)) if factors.passkeys else "",
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refusal or form.errors else HTTPStatus.OK
    return allow_passkeys(render(request, "accounts/second_factor/check.html", context, status=status))


@own_factors
@require_safe
def setup(request: HttpRequest) -> HttpResponse:
    """GET: the choice between an authenticator application and a passkey; a candidate has only the latter."""
    if not _user(request).is_staff:
        return redirect("accounts:add_passkey")
    context = {"next": _wanted(request), "factors": factors_of(_user(request))}
    return render(request, "accounts/second_factor/setup.html", context)


@own_factors
@sensitive_post_parameters("code")
@sensitive_variables("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def add_application(request: HttpRequest) -> HttpResponse:
    """GET: the QR code and the key of a new application. POST: add it if it shows the right code."""
    user, wanted = _user(request), _wanted(request)
    if SECRET not in request.session:
        request.session[SECRET] = encrypt(services.new_secret())
    secret = decrypt(request.session[SECRET])
    form = FactorCodeForm(
        request.POST or None,
        label=_("Code à six chiffres"),
        help_text=_("Le code que l’application affiche maintenant."),
    )
    if form.is_valid():
        try:
            _count_try(request, user)
            factor = services.add_application(
                user=user,
                secret=secret,
                code=form.cleaned_data["code"],
                at=timezone.now(),
                invitation=invitation_in(request),
            )
        except errors.SecondFactorError as error:
            form.add_error("code", ValidationError(str(error)))
        else:
            del request.session[SECRET]
            return _after_addition(request, user, factor, wanted)
    adapter = get_adapter()
    context = {
        "form": form,
        "next": wanted,
        "key": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        "picture": _data_url(adapter.build_totp_svg(adapter.build_totp_url(user, secret))),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "accounts/second_factor/application.html", context, status=status)


@own_factors
@require_http_methods(["GET", "HEAD", "POST"])
def add_passkey(request: HttpRequest) -> HttpResponse:
    """GET: the form that makes a passkey. POST: add the one that the browser made."""
    user, wanted = _user(request), _wanted(request)
    form = PasskeyForm(request.POST or None)
    refusal = ""
    if form.is_valid():
        try:
            factor = services.add_passkey(
                user=user, at=timezone.now(), invitation=invitation_in(request), **form.cleaned_data
            )
        except errors.SecondFactorError as error:
            refusal = str(error)
        else:
            return _after_addition(request, user, factor, wanted)
    context = {
        "form": form,
        "refusal": refusal,
        "next": wanted,
        "options": _options(webauthn.begin_registration(user, passwordless=True)),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refusal or form.errors else HTTPStatus.OK
    return render(request, "accounts/second_factor/passkey.html", context, status=status)


@own_factors
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """GET: the recovery codes, until their owner kept them. POST: they are kept (`kept`), or replaced."""
    user, wanted = _user(request), _wanted(request)
    if request.method == "POST":
        if "kept" in request.POST:
            services.keep_recovery_codes(user=user)
            return go_on(request, wanted or reverse("accounts:security"))
        if has_factor(user):
            services.make_recovery_codes(user=user)
        return redirect(_address("recovery_codes", wanted))
    context = {"codes": unseen_codes(user), "next": wanted, "factors": factors_of(user)}
    return render(request, "accounts/second_factor/codes.html", context)


@own_factors
@require_safe
def recovery_codes_file(request: HttpRequest) -> HttpResponse:
    """GET: the recovery codes as a text file, until their owner kept them."""
    codes = unseen_codes(_user(request))
    if not codes:
        return redirect("accounts:recovery_codes")
    title = _("Codes de secours. Chacun sert une seule fois.")
    response = HttpResponse("\r\n".join([title, "", *codes, ""]), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="codes-de-secours.txt"'
    return response


@own_factors
@require_http_methods(["GET", "HEAD", "POST"])
def remove_factor(request: HttpRequest, factor_id: int) -> HttpResponse:
    """GET: the question. POST: remove one of the user's own factors."""
    user = _user(request)
    own = Authenticator.objects.filter(user=user).exclude(type=services.Kind.RECOVERY_CODES)
    factor = get_object_or_404(own, pk=factor_id)
    if request.method == "POST":
        keep_invitation(request, services.remove_factor(user=user, factor=factor, at=timezone.now()))
        messages.success(request, _("Ce moyen de connexion est retiré."))
        return redirect("accounts:security")
    name = (
        factor.data["name"] if factor.type == services.Kind.WEBAUTHN else _("Application d’authentification")
    )
    context = {"name": name, "is_last": user.is_staff and own.count() == 1, "factor_id": factor_id}
    return render(request, "accounts/second_factor/remove.html", context)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)  # `require_login` ensures it


def _wanted(request: HttpRequest) -> str:
    """Return the page of this site to go to after the check; empty if the address names none."""
    return local_url(request, request.POST.get("next") or request.GET.get("next", ""))


def _address(name: str, wanted: str) -> str:
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    return iri_to_uri(reverse(f"accounts:{name}") + query)


def _data_url(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _options(options: dict[str, Any]) -> str:
    return json.dumps(options["publicKey"])


def _refusal(error: errors.SecondFactorError, factors: FactorsDisplay) -> str:
    """Return why a code was refused; an account with passkeys alone has no application to copy one from."""
    if isinstance(error, errors.WrongCodeError) and not factors.application:
        return _("Ce n’est pas un de vos codes de secours, ou il a déjà servi. Essayez-en un autre.")
    return str(error)


def _code_form(request: HttpRequest, factors: FactorsDisplay) -> FactorCodeForm:
    label, hint = _("Code de l’application"), _("Vous pouvez aussi inscrire un code de secours.")
    if not factors.application:
        label, hint = (
            _("Code de secours"),
            _("Un des codes que vous avez conservés. Chacun sert une seule fois."),
        )
    typed = request.POST if request.method == "POST" and "credential" not in request.POST else None
    return FactorCodeForm(typed, label=label, help_text=hint, takes_recovery_code=True)


def _check(request: HttpRequest, user: User, form: FactorCodeForm) -> Authenticator | None:
    """Return the factor that was checked, or None if the form has errors to show."""
    if "credential" in request.POST:
        answer = PasskeyAnswerForm(request.POST)
        if not answer.is_valid():
            raise errors.PasskeyRefusedError
        return services.check_passkey(
            user=user, credential=answer.cleaned_data["credential"], at=timezone.now()
        )
    if not form.is_valid():
        return None
    _count_try(request, user)
    return services.check_code(user=user, code=form.cleaned_data["code"], at=timezone.now())


def _count_try(request: HttpRequest, user: User) -> None:
    if not limits.may_try_factor(request, user=user):
        raise errors.TooManyTriesError


def _record_check(request: HttpRequest, user: User, factor: Authenticator) -> None:
    """Mark the session as checked, under a new key: the old one opens nothing."""
    limits.forget_tries(request, user=user)
    record_authentication(request, user, method="mfa", id=factor.pk, type=str(factor.type))
    renew_session(request)


def _after_addition(request: HttpRequest, user: User, factor: Authenticator, wanted: str) -> HttpResponse:
    keep_invitation(request, "")
    _record_check(request, user, factor)
    messages.success(request, _("C’est fait : ce moyen de connexion est ajouté."))
    if unseen_codes(user):
        response: HttpResponse = redirect(_address("recovery_codes", wanted))
    else:
        response = go_on(request, wanted or reverse("accounts:security"))
    return _remember_device(request, user, response)


def _remember_device(request: HttpRequest, user: User, response: HttpResponse) -> HttpResponse:
    """Return `response`, which notes that the second factor was checked on this device: its tries count apart."""
    Device.of(request).remember(user, response, checked=True)
    return response
