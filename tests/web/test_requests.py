"""References, errors and wrong methods: what a person sees, and what stays in the logs."""

import logging
import re

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import loader
from django.test import Client, RequestFactory
from django.test.utils import override_settings

from intake.web import errors
from intake.web.middleware import HEADER, RequestReferenceMiddleware
from intake.web.references import ReferenceFilter, current_reference, new_reference
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


def test_references_are_all_different() -> None:
    references = {new_reference() for _ in range(1000)}
    assert len(references) == 1000
    assert all(REFERENCE.fullmatch(reference) for reference in references)


def test_the_clients_own_reference_is_ignored(client: Client) -> None:
    response = client.get("/", headers={HEADER: "forged\nline"})
    assert REFERENCE.fullmatch(response.headers[HEADER])


def test_the_reference_holds_during_the_request_and_no_longer() -> None:
    seen = []

    def answer(_request: HttpRequest) -> HttpResponse:
        record = logging.makeLogRecord({})
        ReferenceFilter().filter(record)
        seen.extend([current_reference(), record.__dict__["reference"]])
        return HttpResponse()

    response = RequestReferenceMiddleware(answer)(RequestFactory().get("/"))
    assert seen == [response.headers[HEADER]] * 2
    assert current_reference() == "-"


def test_log_lines_carry_the_reference() -> None:
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


def test_a_wrong_method_says_which_ones_are_right(client: Client) -> None:
    response = client.get("/bouton/")
    assert response.headers["Allow"] == "POST"
    assert "Rien n’a été fait" in _body(response)
    assert client.head("/bouton/").status_code == 405
    assert _body(client.post("/bouton/")) == "ok"


def test_a_form_without_its_token_is_told_what_to_do() -> None:
    response = Client(enforce_csrf_checks=True).post("/langue/", {"langue": "en"})
    assert response.status_code == 403
    assert "Rien n’a été enregistré" in _body(response)
    assert "CSRF" not in _body(response)


def test_what_does_not_exist_reads_alike_at_any_address(client: Client) -> None:
    first, second = client.get("/rien/"), client.get("/autre-chose/")
    bodies = []
    for response, path in ((first, "rien"), (second, "autre-chose")):
        assert response.status_code == 404
        body = _body(response).replace(response.headers[HEADER], "R").replace(path, "P")
        bodies.append(body)
    assert bodies[0] == bodies[1]


def test_the_page_of_last_resort_needs_no_database(quiet_client: Client) -> None:
    # No `db` fixture here: pytest-django refuses any query, as a database that is down would. The session cookie
    # would make the ordinary pages look for the person.
    quiet_client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    response = quiet_client.get("/panne/")
    assert response.status_code == 500
    assert "Ce n’est pas votre faute" in _body(response)


def test_the_page_of_last_resort_outlives_its_own_template(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        message = "no manifest"
        raise ValueError(message)

    monkeypatch.setattr(loader, "render_to_string", fail)
    response = errors.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Numéro de référence" in _body(response)


@pytest.mark.parametrize("address", ["/", "/essai/", "/rien/"])
def test_the_environment_is_said_on_every_page(client: Client, address: str) -> None:
    with override_settings(DEBUG=False, PORTAL_ENVIRONMENT="Démonstration"):
        assert "Démonstration" in _body(client.get(address))
    with override_settings(DEBUG=False, PORTAL_ENVIRONMENT=""):
        assert "Démonstration" not in _body(client.get(address))
