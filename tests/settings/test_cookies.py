"""The cookies that pages set in a browser, with the settings of production."""

import runpy
from typing import TYPE_CHECKING

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from tests.accounts.sign_in_steps import last_code
from tests.settings.environment import NEEDED, REST

if TYPE_CHECKING:
    from http.cookies import Morsel

pytestmark = pytest.mark.django_db


def cookies_given(monkeypatch: pytest.MonkeyPatch) -> dict[str, "Morsel[str]"]:
    """Post a form without a session, sign in after an error, then choose English. Return the cookies as set."""
    client = Client()
    given: dict[str, Morsel[str]] = {}
    for name, value in (NEEDED | REST).items():
        monkeypatch.setenv(name, value)
    production = runpy.run_module("intake.settings.production")
    with override_settings(**{name: value for name, value in production.items() if "_COOKIE_" in name}):
        for where, sent in (
            ("profiles:profile", {"city": "Gatineau"}),
            ("accounts:sign_in", {"email": "camille.roy"}),
            ("accounts:sign_in", {"email": "camille.roy@exemple.invalid"}),
            ("accounts:confirm", {}),
            ("web:language", {"langue": "en", "attestation": "oui"}),
        ):
            client.get(reverse(where), secure=True)
            code = {"code": last_code()} if where == "accounts:confirm" else {}
            by_a_person = {"Sec-Fetch-Mode": "navigate"}
            answer = client.post(reverse(where), sent | code, secure=True, headers=by_a_person)
            assert answer.status_code in {302, 303}
            given = dict(client.cookies) | given
    return given


def test_each_cookie_is_secure_httponly_and_samesite_and_there_is_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = cookies_given(monkeypatch)
    names = ["answer", "csrf", "device", "form", "langue", "session", "signin"]
    assert sorted(given) == [f"__Host-{name}" for name in names]
    safe = {"secure": True, "httponly": True, "samesite": "Lax", "path": "/", "domain": ""}
    assert {name: {flag: cookie[flag] for flag in safe} for name, cookie in given.items()} == dict.fromkeys(
        given, safe
    )
