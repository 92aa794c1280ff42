"""Request ids, caching and wrong methods; the error pages are in `test_error_pages.py`."""

import re

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.test.utils import override_settings

from intake.web.middleware import PrivateResponsesMiddleware, RequestIdMiddleware
from intake.web.request_id import HEADER, current_request_id, new_request_id

pytestmark = pytest.mark.urls("tests.web.sample")
REFERENCE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


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


@pytest.mark.parametrize("address", ["/", "/essai/", "/rien/"])
def test_the_environment_is_displayed_on_every_page(client: Client, address: str) -> None:
    with override_settings(DEBUG=False, PORTAL_ENVIRONMENT="Démonstration"):
        assert "Démonstration" in _body(client.get(address))
    with override_settings(DEBUG=False, PORTAL_ENVIRONMENT=""):
        assert "Démonstration" not in _body(client.get(address))


def test_the_request_id_exists_only_during_the_request() -> None:
    seen = []

    def answer(_request: HttpRequest) -> HttpResponse:
        seen.append(current_request_id())
        return HttpResponse()

    response = RequestIdMiddleware(answer)(RequestFactory().get("/"))
    assert seen == [response.headers[HEADER]]
    assert current_request_id() == "-"
