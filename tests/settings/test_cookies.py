"""The cookies that pages set in a browser, with the settings of production."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from intake.web.language import COOKIE
from tests.settings.expected import OURS

if TYPE_CHECKING:
    from http.cookies import Morsel

PRODUCTION = {name: value for name, value in OURS.items() if "_COOKIE_" in name}

pytestmark = pytest.mark.django_db


def cookies_given() -> dict[str, "Morsel[str]"]:
    """Request a sign-in code, then the English pages. Return the cookies by name."""
    client = Client()
    with override_settings(**PRODUCTION):
        for where, sent in (
            ("accounts:sign_in", {"email": "camille.roy@exemple.invalid"}),
            ("web:language", {"langue": "en", "attestation": "oui"}),
        ):
            assert client.get(reverse(where), secure=True).status_code == 200
            assert client.post(reverse(where), sent, secure=True).status_code == 302
    return dict(client.cookies)


@pytest.mark.parametrize("name", ["__Host-session", "__Host-csrf", COOKIE])
def test_each_cookie_is_secure_httponly_and_samesite(name: str) -> None:
    cookie = cookies_given()[name]
    flags = {flag: cookie[flag] for flag in ("secure", "httponly", "samesite", "path", "domain")}
    assert flags == {"secure": True, "httponly": True, "samesite": "Lax", "path": "/", "domain": ""}


def test_the_portal_sets_no_other_cookie() -> None:
    assert sorted(cookies_given()) == ["__Host-csrf", "__Host-session", COOKIE]
