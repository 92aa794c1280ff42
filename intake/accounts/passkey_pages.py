"""Sign-in by a passkey: what the browser is asked, and its answer."""

from http import HTTPStatus

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from intake.accounts.adapter import AccountAdapter
from intake.accounts.forms import EmailForm
from intake.accounts.second_factor.errors import PasskeyRefusedError
from intake.accounts.second_factor.forms import PasskeyAnswerForm
from intake.accounts.second_factor.passkey_sign_in import begin_sign_in, finish_sign_in
from intake.accounts.sign_in_page import show_sign_in
from intake.accounts.views import open_session
from intake.web.language import local_url
from intake.web.security_events import Kind, record_security_event


@never_cache
@require_POST
def passkey_options(_request: HttpRequest) -> JsonResponse:
    """POST: what the browser is asked, the same for everyone, and the state to send back."""
    options, state = begin_sign_in()
    return JsonResponse({"options": options, "state": state})


@never_cache
@sensitive_post_parameters("credential", "state")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_by_passkey(request: HttpRequest) -> HttpResponse:
    """POST: open the session of the passkey's owner. It is a second factor too: the device, and what unlocks it.

    GET, as when a refused answer's page is opened again: redirect to the sign-in.
    """
    if request.method != "POST":
        return redirect("accounts:sign_in")
    wanted = local_url(request, request.POST.get("next", ""))
    if request.user.is_authenticated:
        return redirect(wanted or AccountAdapter().get_login_redirect_url(request))
    answer = PasskeyAnswerForm(request.POST)
    credential = answer.cleaned_data["credential"] if answer.is_valid() else {}
    try:
        factor = finish_sign_in(state=request.POST.get("state", ""), credential=credential, at=timezone.now())
    except PasskeyRefusedError as refusal:
        record_security_event(request, Kind.FACTOR_REFUSED, reason=refusal.code.upper())
        return show_sign_in(
            request,
            form=EmailForm(),
            wanted=wanted,
            refusal=str(refusal),
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    owner = factor.user
    record_authentication(request, owner, method="mfa", id=factor.pk, type=str(factor.type))
    return open_session(request, Login(user=owner, email=owner.email, redirect_url=wanted or None))
