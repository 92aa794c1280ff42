"""The page on which a signed-in person proves the mailbox of their account, by a code, before what signs in changes.

A session that was left open, a passkey or a code of an application is no such proof: none of them leads to another.
"""

from http import HTTPStatus
from typing import Final, cast

from allauth.account.internal.flows.login import record_authentication
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from intake.accounts.codes import PendingSignIn, ProofRefused, code_lifetime
from intake.accounts.forms import CodeForm
from intake.accounts.login_required import require_login
from intake.accounts.models import User
from intake.accounts.open_sessions import renew_session
from intake.accounts.own_codes import send_own_code, take_own_code
from intake.accounts.second_factor.checks import MAILBOX
from intake.accounts.second_factor.required import go_on, warn_of_lost_form
from intake.accounts.views import CodeNotSent, to_wait
from intake.web.language import local_url

_KEY: Final = "mailbox_proof"
"""Key of the session: the code under way."""


@require_login()
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def prove_mailbox(request: HttpRequest) -> HttpResponse:
    """GET: the form for the code, or the button that sends one. POST: take the code and go on; `send`: send one."""
    user = cast("User", request.user)  # `require_login` ensures it
    wanted = local_url(request, request.POST.get("next") or request.GET.get("next", ""))
    pending = _pending(request, user)
    gives_code = request.method == "POST" and "send" not in request.POST and pending is not None
    form = CodeForm(request.POST if gives_code else None)
    refusal: CodeNotSent | None = None
    if request.method == "POST" and not gives_code:
        try:
            request.session[_KEY] = send_own_code(
                request, user=user, to=user.email, at=timezone.now()
            ).to_json()
        except CodeNotSent as refused:
            refusal = refused
        else:
            query = f"?{urlencode({'next': wanted})}" if wanted else ""
            return redirect(reverse("accounts:prove_mailbox") + query)
    elif pending is not None and form.is_valid():
        try:
            take_own_code(
                request, user=user, proof=pending, code=form.cleaned_data["code"], at=timezone.now()
            )
        except ProofRefused as refused:
            form.add_error("code", ValidationError(str(refused)))
        else:
            del request.session[_KEY]
            record_authentication(request, user, method=MAILBOX, email=pending.email)
            renew_session(request)
            return go_on(request, wanted or reverse("accounts:security"))
    else:
        warn_of_lost_form(request)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {
        "form": form,
        "next": wanted,
        "is_sent": pending is not None,
        "refusal": refusal.reason if refusal else "",
        "ticket": refusal.ticket if refusal else "",
        "minutes": int(code_lifetime().total_seconds() // 60),
    }
    page = render(request, "accounts/mailbox.html", context, status=refusal.status if refusal else status)
    return to_wait(page, refusal.ticket if refusal else "")


def _pending(request: HttpRequest, user: User) -> PendingSignIn | None:
    """Return the code under way, unless it went to another address than the present one."""
    kept = request.session.get(_KEY)
    pending = PendingSignIn.from_json(kept) if kept else None
    return pending if pending is not None and pending.email == user.email else None
