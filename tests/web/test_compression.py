"""Which responses are compressed, and that a compressed one is the same page."""

import gzip
import io
from collections.abc import Callable

import brotli
import pytest
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.views.decorators.http import conditional_page
from pytest_django import Settings
from whitenoise.middleware import WhiteNoiseFileResponse

from intake.web.compression import CompressionMiddleware

pytestmark = pytest.mark.urls("tests.web.sample")

ACCEPTS = {"Accept-Encoding": "gzip, deflate, br, zstd"}
TEXT = "<p>Candidature déposée</p>" * 40
PAGE = TEXT.encode()


def _answer(
    view: Callable[[HttpRequest], HttpResponse], *, method: str = "GET", **headers: str
) -> HttpResponse:
    request = RequestFactory().generic(method, "/", headers={**ACCEPTS, **headers})
    return CompressionMiddleware(view)(request)  # type: ignore[return-value]  # -- no view here is asynchronous


def _body(response: HttpResponseBase) -> bytes:
    return b"".join(response) if response.streaming else bytes(getattr(response, "content", b""))


def test_a_compressed_page_decodes_to_the_same_page() -> None:
    response = _answer(lambda _request: HttpResponse(TEXT))
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content) == PAGE
    assert response.headers["Content-Length"] == str(len(response.content))
    assert len(response.content) < len(PAGE) / 4


def test_the_portal_compresses_its_pages(client: Client) -> None:
    response = client.get("/essai/", headers=ACCEPTS)
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content).decode().rstrip().endswith("</html>")


def test_a_page_varies_by_encoding_whether_or_not_it_is_compressed() -> None:
    for accepted in ("gzip", "identity"):
        response = _answer(lambda _request: HttpResponse(TEXT), **{"Accept-Encoding": accepted})
        assert response.has_header("Content-Encoding") == (accepted == "gzip")
        assert response.headers["Vary"] == "Accept-Encoding"


def test_the_length_of_a_compressed_page_is_random() -> None:
    lengths = {len(_answer(lambda _request: HttpResponse(TEXT)).content) for _ in range(40)}
    assert len(lengths) > 10


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(HttpResponse(TEXT, headers={"Cache-Control": "private, no-transform"}), id="secret"),
        pytest.param(HttpResponse(TEXT, headers={"Content-Disposition": "attachment"}), id="attachment"),
        pytest.param(HttpResponse(TEXT, headers={"Content-Encoding": "br"}), id="compressed before"),
        pytest.param(HttpResponse(TEXT, content_type="text/csv; charset=utf-8"), id="csv"),
        pytest.param(HttpResponse(TEXT, content_type="application/pdf"), id="pdf"),
        pytest.param(HttpResponse(TEXT, content_type="application/zip"), id="zip"),
        pytest.param(HttpResponse(TEXT, content_type="application/atom+xml"), id="feed"),
        pytest.param(StreamingHttpResponse([PAGE]), id="streamed page"),
        pytest.param(StreamingHttpResponse([PAGE], content_type="text/event-stream"), id="events"),
        pytest.param(FileResponse(io.BytesIO(PAGE), filename="a.html"), id="file of HTML"),
        pytest.param(
            WhiteNoiseFileResponse(io.BytesIO(PAGE), content_type="font/woff2", as_attachment=False),
            id="font",
        ),
        pytest.param(
            WhiteNoiseFileResponse(io.BytesIO(PAGE), content_type="text/css", status=206), id="part of a file"
        ),
    ],
)
def test_a_file_a_stream_or_a_secret_is_sent_as_it_is(response: HttpResponse) -> None:
    headers = dict(response.headers)
    assert _answer(lambda _request: response) is response
    assert dict(response.headers) == headers
    assert _body(response) == PAGE


@pytest.mark.parametrize(
    "accepted, encoding, decompress",
    [("gzip, deflate, br, zstd", "br", brotli.decompress), ("gzip, deflate", "gzip", gzip.decompress)],
)
def test_a_static_source_is_compressed_and_still_revalidated(
    client: Client, settings: Settings, accepted: str, encoding: str, decompress: Callable[[bytes], bytes]
) -> None:
    settings.WHITENOISE_USE_FINDERS = True  # as in a clone
    headers = {"Accept-Encoding": accepted}
    response = client.get("/static/css/portal.css", headers=headers)
    whole = _body(client.get("/static/css/portal.css"))
    assert (response.status_code, response.headers["Content-Encoding"]) == (200, encoding)
    assert (response.headers["Vary"], response.headers["Content-Type"]) == (
        "Accept-Encoding",
        'text/css; charset="utf-8"',
    )
    assert decompress(_body(response)) == whole
    again = client.get(
        "/static/css/portal.css", headers=headers | {"If-None-Match": response.headers["ETag"]}
    )
    assert (again.status_code, _body(again)) == (304, b"")
    head = client.head("/static/css/portal.css", headers=ACCEPTS).headers
    assert (head["Content-Length"], head.get("Content-Encoding")) == (str(len(whole)), None)


def test_a_page_with_a_tag_of_its_content_is_still_revalidated() -> None:
    @conditional_page
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(TEXT)

    tag = _answer(view).headers["ETag"]
    assert tag.startswith('W/"'), "two encodings of one page have no strong tag in common"
    assert _answer(view, **{"If-None-Match": tag}).status_code == 304
