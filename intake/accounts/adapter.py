"""Adapter of django-allauth, which opens the session once the email address is verified."""

from typing import Any, override

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from intake.accounts.second_factor.checks import is_checked
from intake.journal.services import record
from intake.web.security_events import Kind, record_security_event


def announce_sign_in(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Add the message of a completed sign-in: for staff, once their second factor is checked in this session."""
    message = _("La connexion est faite : vous utilisez l’adresse %(email)s.")
    messages.success(request, message % {"email": user.get_username()})


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # -- allauth ships no types
    """Redirects, messages and journal entry of a sign-in."""

    @override
    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the administration for staff, the list of submissions for a candidate."""
        if request.user.is_staff:
            return reverse("admin:index")
        return str(super().get_login_redirect_url(request))

    @override
    def get_login_stages(self) -> list[str]:
        """Return allauth's steps but its second factor: `intake.accounts.second_factor` asks for it."""
        stages: list[str] = super().get_login_stages()
        return [stage for stage in stages if not stage.startswith("allauth.mfa.")]

    @override
    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    @override
    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        record(actor=user, action="SIGNED_IN", subject=user)
        if getattr(user, "is_staff", False) and not is_checked(request):
            message = _("L’adresse %(email)s est confirmée. L’administration demande une deuxième étape.")
            messages.info(request, message % {"email": user.get_username()})
        else:
            announce_sign_in(request, user)
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    @override
    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """Redirect to the page of closed accounts; the user has verified the address."""
        record_security_event(request, Kind.CLOSED_ACCOUNT, reason="SIGN_IN", subject=user)
        return redirect("accounts:closed")

    @override
    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Show none of allauth's messages; the views have their own."""
