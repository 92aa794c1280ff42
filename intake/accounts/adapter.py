"""What the portal asks of django-allauth, which opens the session once the address is proved."""

from typing import Any, override

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from intake.journal.services import record


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # -- allauth ships no types
    """Where people go, and what they are told, around the opening of their session."""

    @override
    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Send who works here to the administration, a candidate to their own pages."""
        if request.user.is_staff:
            return reverse("admin:index")
        return str(super().get_login_redirect_url(request))

    @override
    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Send a new person where everyone goes."""
        return self.get_login_redirect_url(request)

    @override
    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        """Write down that the session is open, and say so."""
        record(actor=user, action="SIGNED_IN", subject=user)
        messages.success(
            request,
            _("La connexion est faite : vous utilisez l’adresse %(email)s.") % {"email": user.get_username()},
        )
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    @override
    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """Say that the account is closed, to whoever proved that it is theirs."""
        return redirect("accounts:closed")

    @override
    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing in allauth's words; the views have their own."""
