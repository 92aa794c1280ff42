"""Request ids, error pages and wrong methods: what a person sees, and what only the logs contain."""

import logging
import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.template import loader
from django.test import Client, RequestFactory
from django.test.utils import override_settings
from django.urls import get_resolver, resolve

from intake.web import errors
from intake.web.middleware import (
    HEADER,
    MethodNotAllowedMiddleware,
    PrivateResponsesMiddleware,
    RequestIdMiddleware,
)
from intake.web.request_id import RequestIdFilter, current_request_id, new_request_id, use_request_id
from tests.web import sample

pytestmark = pytest.mark.urls("tests.web.sample")
REFERENCE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


@pytest.fixture
def quiet_client() -> Client:
    """A client that receives the 500 page instead of the exception."""
    return Client(raise_request_exception=False)


def _body(response: HttpResponseBase) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def test_the_references_of_requests_are_all_different() -> None:
    references = {new_request_id() for _ in range(1000)}
    assert len(references) == 1000
    assert all(REFERENCE.fullmatch(reference) for reference in references)


def test_a_reference_sent_by_the_client_is_ignored(client: Client) -> None:
    response = client.get("/", headers={HEADER: "forged\nline"})
    assert REFERENCE.fullmatch(response.headers[HEADER])


def test_the_request_id_exists_only_during_the_request() -> None:
    seen = []

    def answer(_request: HttpRequest) -> HttpResponse:
        record = logging.makeLogRecord({})
        assert RequestIdFilter().filter(record)
        seen.extend([current_request_id(), record.__dict__["reference"]])
        return HttpResponse()

    response = RequestIdMiddleware(answer)(RequestFactory().get("/"))
    assert seen == [response.headers[HEADER]] * 2
    assert current_request_id() == "-"


def test_log_lines_contain_the_reference_of_the_request() -> None:
    console = settings.LOGGING["handlers"]["console"]
    assert console["filters"] == ["reference"]
    assert "%(reference)s" in settings.LOGGING["formatters"][console["formatter"]]["format"]


@pytest.mark.parametrize(
    "address, status",
    [
        ("/rien/", 404),
        ("/refus/", 403),
        ("/suspect/", 400),
        ("/lourd/", 413),
        ("/panne/", 500),
        ("/bouton/", 405),
    ],
)
def test_error_pages_give_the_reference_and_never_the_cause(
    quiet_client: Client, address: str, status: int
) -> None:
    response = quiet_client.get(address)
    assert response.status_code == status
    body = _body(response)
    assert f'<span class="reference">{response.headers[HEADER]}</span>' in body
    assert sample.CAUSE not in body
    assert "Traceback" not in body
    assert body.count("<h1") == 1
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_wrong_method_is_answered_with_the_allowed_ones(client: Client) -> None:
    response = client.get("/bouton/")
    assert response.headers["Allow"] == "POST"
    assert "Rien n’a été fait" in _body(response)
    assert client.head("/bouton/").status_code == 405
    assert _body(client.post("/bouton/")) == "ok"


def test_a_form_without_its_token_is_refused_with_advice() -> None:
    response = Client(enforce_csrf_checks=True).post("/langue/", {"langue": "en"})
    assert response.status_code == 403
    assert "Rien n’a été enregistré" in _body(response)
    assert "CSRF" not in _body(response)


HERE = {"Origin": "http://testserver"}


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
    request = RequestFactory().post("/profil/", sent, headers=headers, secure=secure)
    offered = [("nom", "Côté"), ("langues", "fr"), ("langues", "en")]
    assert errors._resubmittable_fields(request) == (offered if typed else [])
    with_file = {**sent, "cv": SimpleUploadedFile("cv.pdf", b"%PDF")}
    request = RequestFactory().post("/profil/", with_file, headers=headers, secure=secure)
    assert errors._resubmittable_fields(request) == []


def test_a_refused_form_is_returned_filled_in_and_uncached() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/langue/", {"langue": "en", "csrfmiddlewaretoken": "old"}, headers=HERE)
    assert response.status_code == 403
    assert "no-store" in response.headers["Cache-Control"]
    assert '<input type="hidden" name="langue" value="en">' in _body(response)
    assert 'value="old"' not in _body(response)


def test_a_response_to_a_signed_in_user_is_not_cached() -> None:
    """A response that sets Cache-Control keeps it.

    A response that did not read the session is the same for all users.
    """

    def answered(*, person: bool, looked: bool, said: str | None = None) -> str | None:
        request = RequestFactory().get("/")
        request.session = SessionBase()
        if person:
            request.session[SESSION_KEY] = "1"
        request.session.accessed = looked
        headers = {"Cache-Control": said} if said else {}
        made = PrivateResponsesMiddleware(lambda _request: HttpResponse(headers=headers))(request)
        return made.headers.get("Cache-Control")

    never = "max-age=0, no-cache, no-store, must-revalidate, private"
    assert answered(person=True, looked=True) == never
    assert answered(person=True, looked=True, said="max-age=60") == "max-age=60"
    assert answered(person=True, looked=False) is None
    assert answered(person=False, looked=True) is None


def test_a_405_response_with_content_is_unchanged() -> None:
    def answered(content: str, method: str = "get") -> HttpResponse:
        request = getattr(RequestFactory(), method)("/")
        made = HttpResponseNotAllowed(["POST", "PUT"], content)
        return MethodNotAllowedMiddleware(lambda _request: made)(request)

    assert _body(answered("Par POST seulement.")) == "Par POST seulement."
    assert "Rien n’a été fait" in _body(answered(""))
    assert answered("").headers["Allow"] == "POST, PUT"
    assert _body(answered("", "head")) == ""


def test_missing_pages_are_identical_at_any_address(client: Client) -> None:
    first, second = client.get("/rien/"), client.get("/autre-chose/")
    bodies = []
    for response, path in ((first, "rien"), (second, "autre-chose")):
        assert response.status_code == 404
        body = _body(response).replace(response.headers[HEADER], "R").replace(path, "P")
        bodies.append(body)
    assert bodies[0] == bodies[1]


def test_the_page_of_last_resort_needs_no_database(quiet_client: Client) -> None:
    # Without the `db` fixture pytest-django refuses any query, as a stopped database would. The session cookie would
    # make an ordinary page load the user.
    quiet_client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    response = quiet_client.get("/panne/")
    assert response.status_code == 500
    assert "Ce n’est pas votre faute" in _body(response)


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


@pytest.mark.parametrize("address", ["/", "/essai/", "/rien/"])
def test_the_environment_is_displayed_on_every_page(client: Client, address: str) -> None:
    with override_settings(DEBUG=False, PORTAL_ENVIRONMENT="Démonstration"):
        assert "Démonstration" in _body(client.get(address))
    with override_settings(DEBUG=False, PORTAL_ENVIRONMENT=""):
        assert "Démonstration" not in _body(client.get(address))


@pytest.mark.urls("intake.urls")
def test_errors_are_answered_with_the_pages_of_the_portal() -> None:
    assert {code: get_resolver().resolve_error_handler(code) for code in (400, 403, 404, 500)} == {
        400: errors.bad_request,
        403: errors.forbidden,
        404: errors.not_found,
        500: errors.server_error,
    }
    home: Any = resolve("/").func
    assert home.view_initkwargs == {"pattern_name": "offers:list"}
