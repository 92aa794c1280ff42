"""The page of the first step of a sign-in, which several ways lead back to."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from intake.accounts.forms import EmailForm
from intake.web.middleware import allow_passkeys


def show_sign_in(
    request: HttpRequest,
    *,
    form: EmailForm,
    wanted: str,
    ticket: str = "",
    refusal: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """Return the page. `wanted`: where it leads; `ticket`: of a visitor who must wait; `refusal`: what went wrong."""
    context = {
        "form": form,
        "next": wanted,
        "ticket": ticket,
        "refusal": refusal,
        "has_provider": settings.OIDC is not None,
    }
    return allow_passkeys(render(request, "accounts/sign_in.html", context, status=status))
