"""A Content-Type that Django cannot read is no server error."""

from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from intake.web.content_type import plain_content_type, with_plain_content_types

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
UNREADABLE = [
    "a; b*=nothing''x",
    *(f"text/plain; charset={codec}" for codec in ("rot13", "undefined", "hex", "utf-16")),
    f"{FORM}; charset=rot13",
    "multipart/form-data; charset=rot13; boundary=x",
]


@pytest.mark.parametrize("content_type", UNREADABLE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unreadable_content_type_causes_no_server_error(method: str, content_type: str) -> None:
    environ = RequestFactory().generic(method, "/langue/?suite=%2Foffres%2F").environ
    statuses: list[str] = []

    def start_response(status: str, _headers: list[tuple[str, str]], _error: Any = None) -> Any:
        statuses.append(status[:3])

    application = with_plain_content_types(WSGIHandler())
    page = b"".join(application(environ | {"CONTENT_TYPE": content_type}, start_response))
    assert statuses == ["200" if method == "GET" else "403"]  # a form without its token
    assert b"<title>" in page


@pytest.mark.parametrize(
    "sent, kept",
    [
        ("", ""),
        ("text/plain", "text/plain"),
        (f"{FORM}; charset=utf-8", FORM),
        ("multipart/form-data; boundary=----x7", "multipart/form-data; boundary=----x7"),
        ("multipart/form-data;charset=utf-8; Boundary=x", "multipart/form-data; Boundary=x"),
        ("multipart/form-data; boundary*=hex''78", "multipart/form-data"),
    ],
)
def test_only_the_boundary_of_an_upload_is_kept(sent: str, kept: str) -> None:
    assert plain_content_type(sent) == kept
