"""Error pages: what happened, what was kept, what to do, and the reference; never the cause."""

from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template import loader
from django.test import Client, RequestFactory

from intake.web import errors
from intake.web.kept_form import kept_form
from intake.web.language import COOKIE
from intake.web.request_id import HEADER, use_request_id
from tests.web import sample

pytestmark = pytest.mark.urls("tests.web.sample")
HERE = {"Origin": "http://testserver"}
STATUSES = {
    "/suspect/": 400,
    "/refus/": 403,
    "/rien/": 404,
    "/bouton/": 405,
    "/lourd/": 413,
    "/limite/": 429,
    "/panne/": 500,
    "/fichiers/": 503,
    "/plein/": 503,
    "/long/": 503,
}
FRENCH = (
    "Ce qui est conservé",
    "Ce que vous aviez déjà enregistré ou déposé est conservé.",
    "Ce que vous pouvez faire",
)
ENGLISH = ("What is kept", "What you had already saved or submitted is kept.", "What you can do")


@pytest.fixture
def quiet_client() -> Client:
    """A client that receives the 500 page instead of the exception."""
    return Client(raise_request_exception=False)


def _body(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def _attest(client: Client) -> None:
    given = HttpResponse()
    given.set_signed_cookie(COOKIE, "en", salt="intake.web.language")
    client.cookies[COOKIE] = given.cookies[COOKIE].value


@pytest.mark.parametrize("address, status", STATUSES.items())
def test_an_error_page_gives_what_is_kept_what_to_do_and_the_reference(
    quiet_client: Client, address: str, status: int
) -> None:
    response = quiet_client.get(address)
    assert response.status_code == status
    body = _body(response)
    assert f'<span class="reference">{response.headers[HEADER]}</span>' in body
    assert [words for words in FRENCH if words not in body] == []
    frame = ("skip-link", "wordmark-name", 'id="contenu"', "contact-block", "portal-footer")
    assert [part for part in frame if part not in body] == []
    assert body.count("<h1") == 1
    assert '<html lang="fr-CA">' in body
    assert sample.CAUSE not in body
    assert "Traceback" not in body
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    _attest(quiet_client)
    body = _body(quiet_client.get(address))
    assert '<html lang="en-CA">' in body
    assert [words for words in ENGLISH if words not in body] == []


def test_a_wrong_method_is_answered_with_the_allowed_ones(client: Client) -> None:
    response = client.get("/bouton/")
    assert response.headers["Allow"] == "POST"
    assert "Cette adresse fonctionne seulement à partir d’un bouton." in _body(response)
    assert client.head("/bouton/").status_code == 405
    assert _body(client.post("/bouton/")) == "ok"


@pytest.mark.parametrize("address", ["/refus/", "/rien/", "/limite/", "/panne/", "/fichiers/", "/long/"])
def test_a_posted_text_is_still_on_the_error_page(quiet_client: Client, address: str) -> None:
    response = quiet_client.post(address, {"motif": sample.TYPED, "code": "123456"}, headers=HERE)
    assert response.status_code == STATUSES[address]
    body = _body(response)
    assert "Votre texte est encore sur cette page." in body
    assert f"<blockquote>{sample.TYPED}</blockquote>" in body
    assert "<blockquote>123456" not in body
    elsewhere = quiet_client.post(
        address, {"motif": sample.TYPED}, headers={"Origin": "https://exemple.invalid"}
    )
    assert sample.TYPED not in _body(elsewhere)


def test_a_reached_limit_gives_the_time_to_wait_in_minutes(client: Client) -> None:
    response = client.post("/limite/", {"motif": sample.TYPED}, headers=HERE)
    assert response.headers["Retry-After"] == "90"
    assert "Réessayez dans 2\u00a0minutes." in _body(response)
    assert f'<input type="hidden" name="motif" value="{sample.TYPED}">' in _body(response)


# -- A form without its token -----------------------------------------------------------------------------------
def test_a_form_without_its_token_is_refused_with_advice() -> None:
    response = Client(enforce_csrf_checks=True).post("/langue/", {"langue": "en"})
    assert response.status_code == 403
    body = _body(response)
    assert "La page était ouverte depuis trop longtemps, ou votre navigateur bloque les témoins." in body
    assert "rechargez-la et envoyez de nouveau" in body
    assert "CSRF" not in body


@pytest.mark.parametrize(
    "headers, secure, typed",
    [
        (HERE, False, True),
        (HERE | {"Sec-Fetch-Site": "same-origin"}, False, True),
        (HERE | {"Sec-Fetch-Site": "same-site"}, False, False),
        (HERE | {"Sec-Fetch-Site": "cross-site"}, False, False),
        ({"Origin": "http://exemple.invalid"}, False, False),
        ({"Origin": "null"}, False, False),
        ({"Sec-Fetch-Site": "same-origin"}, False, False),
        ({"Origin": "https://testserver"}, True, True),
        (HERE, True, False),
    ],
)
def test_a_refused_form_is_offered_again_only_from_our_own_page(
    headers: dict[str, str],
    secure: bool,  # noqa: FBT001 -- a table's column
    typed: bool,  # noqa: FBT001 -- a table's column
) -> None:
    sent = {"nom": "Côté", "langues": ["fr", "en"], "csrfmiddlewaretoken": "old"}
    kept = kept_form(RequestFactory().post("/profil/", sent, headers=headers, secure=secure))
    assert (kept is not None) is typed
    if kept is not None:
        assert kept.fields == [("nom", "Côté"), ("langues", "fr"), ("langues", "en")]
        assert (kept.texts, kept.token) == ([], "old")
    with_file: dict[str, Any] = {
        **sent,
        "motif": sample.TYPED,
        "cv": SimpleUploadedFile("cv.pdf", b"%PDF"),
    }
    kept = kept_form(RequestFactory().post("/profil/", with_file, headers=headers, secure=secure))
    assert (kept is not None) is typed
    if kept is not None:
        assert (kept.fields, kept.texts) == ([], [sample.TYPED])


def test_a_form_that_cannot_be_read_is_not_kept() -> None:
    broken = RequestFactory().generic(
        "POST", "/profil/", "x", content_type="multipart/form-data; boundary=", headers=HERE
    )
    assert kept_form(broken) is None
    assert kept_form(RequestFactory().get("/profil/", headers=HERE)) is None


def test_a_refused_form_is_returned_filled_in_and_uncached() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/langue/", {"langue": "en", "csrfmiddlewaretoken": "old"}, headers=HERE)
    assert response.status_code == 403
    assert "no-store" in response.headers["Cache-Control"]
    assert '<input type="hidden" name="langue" value="en">' in _body(response)
    assert 'value="old"' not in _body(response)


# -- The pages that need no server ---------------------------------------------------------------------------------
def test_the_page_of_last_resort_needs_no_database(quiet_client: Client) -> None:
    # Without the `db` fixture pytest-django refuses any query, as a stopped database would. The session cookie would
    # make an ordinary page load the user.
    quiet_client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    response = quiet_client.get("/panne/")
    assert response.status_code == 500
    assert "Ce n’est pas votre faute" in _body(response)
    assert "Se connecter" not in _body(response)


def test_the_page_of_last_resort_outlives_its_own_template(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        message = "no manifest"
        raise ValueError(message)

    monkeypatch.setattr(loader, "render_to_string", fail)
    with use_request_id("7QX4-0K2M-93TD"):
        response = errors.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert _body(response) == (
        """<!DOCTYPE html>
<html lang="fr-CA"><head><meta charset="utf-8"><title>Le portail a eu un problème</title></head>
<body><h1>Le portail a eu un problème</h1>
<p>Réessayez dans quelques minutes. Numéro de référence : 7QX4-0K2M-93TD</p></body></html>
"""
    )


def test_the_failure_of_a_posted_form_offers_it_again_with_its_own_token(quiet_client: Client) -> None:
    sent = {"motif": sample.TYPED, "csrfmiddlewaretoken": "its-own"}
    body = _body(quiet_client.post("/panne/?page=2", sent, headers=HERE))
    assert '<form class="mb-4" method="post" action="/panne/?page=2">' in body
    assert '<input type="hidden" name="csrfmiddlewaretoken" value="its-own">' in body
