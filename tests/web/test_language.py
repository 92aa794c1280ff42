"""Pages are in French unless a person attested; the browser's preferred language is ignored."""

import time

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import override_settings
from django.utils import translation
from django.utils.html import escape
from pytest_django.fixtures import Settings

from intake.web import language
from intake.web.language import COOKIE, LanguageMiddleware, chosen_language

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


def test_without_the_attestation_pages_stay_french(client: Client) -> None:
    response = client.post("/langue/", {"langue": "en", "suite": "/essai/"})
    assert response.status_code == 422
    page = response.content.decode()
    assert 'href="#attestation"' in page
    assert 'name="suite" value="/essai/"' in page
    assert _language(client) == "fr-CA"
    for sent in ({"langue": "de", "attestation": "oui"}, {"attestation": "oui"}, {"langue": "en"}):
        assert client.post("/langue/", sent).status_code == 422
    assert _language(client) == "fr-CA"


@pytest.mark.parametrize("value", ["en", "en:forged", ""])
def test_a_forged_language_cookie_is_ignored(client: Client, value: str) -> None:
    client.cookies[COOKIE] = value
    assert _language(client) == "fr-CA"


def test_only_a_signed_english_choice_younger_than_half_a_year_is_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    half_a_year = 180 * 24 * 3600

    def chosen(value: str, salt: str = "intake.web.language", after: float = 0) -> str:
        request = RequestFactory().get("/")
        given = HttpResponse()
        given.set_signed_cookie(COOKIE, value, salt=salt)
        request.COOKIES[COOKIE] = given.cookies[COOKIE].value
        now = time.time()
        with monkeypatch.context() as patch:
            patch.setattr("django.core.signing.time.time", lambda: now + after)
            return chosen_language(request)

    assert [chosen("en"), chosen("en", after=half_a_year - 2)] == ["en", "en"]
    assert [chosen("en", after=half_a_year + 2), chosen("de"), chosen("en", "another")] == ["fr"] * 3


def test_a_response_with_its_own_language_keeps_it() -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        assert (request.LANGUAGE_CODE, translation.get_language()) == ("fr", "fr")
        return HttpResponse(headers={"Content-Language": "en-CA"} if request.path == "/en/" else {})

    with translation.override("en"):
        answers = [LanguageMiddleware(answer)(RequestFactory().get(path)) for path in ("/en/", "/fr/")]
    assert [one.headers["Content-Language"] for one in answers] == ["en-CA", "fr-CA"]
    assert [one.headers["Vary"] for one in answers] == ["Cookie", "Cookie"]


def test_the_installation_can_turn_english_off(client: Client, settings: Settings) -> None:
    _attest(client)
    assert _language(client) == "en-CA"
    assert "Continue in English" in Client().get("/langue/").content.decode()
    settings.ENGLISH_OFFERED = False
    assert _language(client) == "fr-CA"
    assert 'lang="en-CA"' not in client.get("/").content.decode()
    assert "Continue in English" not in client.get("/langue/").content.decode()
    assert _attest(client) == 422


def test_english_is_offered_only_while_each_switch_is_on(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    switched = {"on": True}

    def is_on() -> bool:
        return switched["on"]

    monkeypatch.setattr(language, "_switches", [lambda: True])
    for _again in range(2):
        language.register_english_switch(is_on)
    assert len(language._switches) == 2
    _attest(client)
    assert _language(client) == "en-CA"
    switched["on"] = False
    assert _language(client) == "fr-CA"


@pytest.mark.parametrize(
    "asked, reached",
    [
        ("/essai/?page=2", "/essai/?page=2"),
        ("", "/"),
        ("https://exemple.invalid/", "/"),
        ("//exemple.invalid/", "/"),
        ("/langue/?suite=/langue/", "/"),
        ("javascript:alert(1)", "/"),
        ("=1+1", "/"),
    ],
)
def test_the_language_form_redirects_back_only_on_this_site(client: Client, asked: str, reached: str) -> None:
    response = client.post("/langue/", {"langue": "fr", "suite": asked})
    assert response.headers["Location"] == reached
    response = client.post("/langue/", {"langue": "en", "attestation": "oui", "suite": asked})
    assert response.headers["Location"] == reached
    page = client.get("/langue/", {"suite": asked})
    assert page.status_code == 200
    assert f'name="suite" value="{escape(reached)}"' in page.content.decode()
    assert 'href="#attestation"' not in page.content.decode()


def test_the_language_cookie_is_httponly_and_samesite(client: Client) -> None:
    _attest(client)
    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
    assert (cookie["max-age"], cookie["path"]) == (180 * 24 * 3600, "/")
    client.post("/langue/", {"langue": "fr"})
    cookie = client.cookies[COOKIE]
    assert (cookie.value, cookie["samesite"], cookie["max-age"]) == ("", "Lax", 0)
    with override_settings(DEBUG=False, SESSION_COOKIE_SECURE=True):
        _attest(client)
        client.cookies["__Host-langue"] = client.cookies["__Host-langue"].value
        assert client.get("/langue/").headers["Content-Language"] == "en-CA"
    assert client.cookies["__Host-langue"]["path"] in {"/", ""}


def test_over_https_the_language_form_redirects_over_https(client: Client) -> None:
    for asked, reached in (("http://testserver/essai/", "/"), ("https://testserver/essai/",) * 2):
        response = client.post("/langue/", {"langue": "fr", "suite": asked}, secure=True)
        assert response.headers["Location"] == reached
