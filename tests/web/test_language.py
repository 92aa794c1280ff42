"""French always, unless a person attested; never by the browser's preference."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from pytest_django.fixtures import Settings

from intake.web.language import COOKIE

pytestmark = pytest.mark.urls("tests.web.sample")
_ENGLISH_BROWSER = {"Accept-Language": "en-CA,en;q=0.9"}


def _language(client: Client) -> str:
    response = client.get("/", headers=_ENGLISH_BROWSER)
    page = response.content.decode()
    assert f'<html lang="{response.headers["Content-Language"]}">' in page
    return str(response.headers["Content-Language"])


def _attest(client: Client, **extra: str) -> int:
    response = client.post("/langue/", {"langue": "en", "attestation": "oui", **extra})
    return response.status_code


def test_an_english_browser_gets_french(client: Client) -> None:
    assert _language(client) == "fr-CA"


def test_the_attestation_opens_english_and_one_button_closes_it(client: Client) -> None:
    assert _attest(client) == 302
    assert _language(client) == "en-CA"
    assert client.post("/langue/", {"langue": "fr"}).status_code == 302
    assert _language(client) == "fr-CA"


def test_without_the_box_ticked_nothing_changes(client: Client) -> None:
    response = client.post("/langue/", {"langue": "en", "suite": "/essai/"})
    assert response.status_code == 422
    page = response.content.decode()
    assert 'href="#attestation"' in page
    assert 'name="suite" value="/essai/"' in page
    assert _language(client) == "fr-CA"


@pytest.mark.parametrize("value", ["en", "en:forged", ""])
def test_a_cookie_not_made_by_the_attestation_is_worth_nothing(client: Client, value: str) -> None:
    client.cookies[COOKIE] = value
    assert _language(client) == "fr-CA"


def test_staff_can_turn_english_off(client: Client, settings: Settings) -> None:
    _attest(client)
    assert _language(client) == "en-CA"
    assert "Continue in English" in Client().get("/langue/").content.decode()
    settings.ENGLISH_OFFERED = False
    assert _language(client) == "fr-CA"
    assert 'lang="en-CA"' not in client.get("/").content.decode()
    assert "Continue in English" not in client.get("/langue/").content.decode()
    assert _attest(client) == 422


@pytest.mark.parametrize(
    "asked, reached",
    [
        ("/essai/?page=2", "/essai/?page=2"),
        ("", "/"),
        ("https://exemple.invalid/", "/"),
        ("//exemple.invalid/", "/"),
        ("/langue/?suite=/langue/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_one_comes_back_to_where_one_was_and_nowhere_else(client: Client, asked: str, reached: str) -> None:
    response = client.post("/langue/", {"langue": "fr", "suite": asked})
    assert response.headers["Location"] == reached


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(client: Client) -> None:
    _attest(client)
    cookie = client.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_shared_cache_never_mixes_the_two(client: Client) -> None:
    assert "Cookie" in client.get("/").headers["Vary"]


def test_the_thread_gets_its_own_language_back(client: Client) -> None:
    _attest(client)
    with translation.override("fr"):
        client.get("/")
        assert translation.get_language() == "fr"


def test_english_pages_format_in_english(client: Client) -> None:
    _attest(client)
    page = client.get("/essai/").content.decode()
    assert "3\u00a0days 4\u00a0hours left" in page
    assert "(Eastern Time, Québec)" in page


def test_the_public_statements_answer(client: Client) -> None:
    for address in ("/accessibilite/", "/confidentialite/", "/langue/"):
        assert client.get(address).status_code == 200
    privacy = client.get("/confidentialite/").content.decode()
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, COOKIE):
        assert f"<code>{name}</code>" in privacy
