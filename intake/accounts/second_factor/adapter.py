"""Adapter of `allauth.mfa`: names, encryption, and no message or mail of its own."""

from typing import Any, override

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from intake.accounts.second_factor import encryption


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # -- allauth ships no types
    """Second factors as the portal stores and names them."""

    @override
    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    @override
    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    @override
    def get_totp_issuer(self) -> str:
        """Return the portal's name, as an authenticator application shows it."""
        return str(settings.PORTAL_SHORT_NAME)

    @override
    def _get_site_name(self) -> str:
        """Return the portal's name, as a browser shows it beside a passkey."""
        return str(settings.PORTAL_NAME)

    @override
    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        """Return how a passkey names its owner: the random public identifier, which reveals no number of accounts."""
        return {
            "id": getattr(user, "public_id").bytes,  # noqa: B009 -- not a field of the base class
            "display_name": str(user),
            "name": user.get_username(),
        }
