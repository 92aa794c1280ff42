"""Display by GET the page that answers a form: neither Back nor Reload sends the form again.

A form that a person sends from a page, and that no redirect answers, is redirected to its own address with a reference.
The page of that address and reference is the kept answer, with its status, for `LIFETIME` or until the next form sent
there, unless staff have lost access. The address without the reference is always the fresh page. A script's request
gets its answer at once, and so does a browser that does not say which requests are a person's (Fetch Metadata; every
current one does, over HTTPS).

A signed-in user's pages are in the cache, under the key of their session, which a sign-out changes. It is not the cache
of the sessions: that one gives up after 30 ms, because they are in the database too. A visitor leaves nothing on the
server: a signed cookie has their page or, for a view that `displays_kept_fields`, their fields. What is too long is
answered at once.
"""

import base64
import json
import secrets
import zlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import brotli
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.messages.storage import default_storage
from django.contrib.sessions.backends.cached_db import KEY_PREFIX
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from .kept_form import posted_fields
from .middleware import Middleware
from .private_cookie import set_private_cookie
from .security_events import record_refused_access

PARAMETER: Final = "reponse"
"""Parameter of an address: the reference of its kept answer."""
LIFETIME: Final = 30 * 60
"""Seconds."""
MAX_PAGES: Final = 16
"""Pages of a session: one for each address, and a new one may replace that of another address."""
MAX_CHARACTERS: Final = 200_000
"""Of a kept page, compressed: about a million characters of a list."""
MAX_COOKIE: Final = 3_700
"""Characters. Browsers store 4,096 bytes with the name and attributes."""
MAX_COOKIES: Final = 7_500
"""Characters of all cookies. Web servers read 8,190 bytes, and refuse a request with more."""
_SALT: Final = "intake.web.kept_answer"
_FIELDS: Final = "kept_fields"
_OWN_TO_A_RESPONSE: Final = {"Content-Length", "Date"}
_REFUSALS: Final = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
_DIRECT: Final = {HTTPStatus.ACCEPTED, HTTPStatus.INTERNAL_SERVER_ERROR}
"""Statuses of pages that are not kept: the first leaves by itself, the second may be our fault at any line."""


def displays_kept_fields[View: Callable[..., HttpResponseBase]](view: View) -> View:
    """Keep the fields that are posted to `view`, in the browser, instead of its answer, which it makes anew by GET.

    For a view that changes nothing and reads them by `kept_fields`.
    """
    setattr(view, _FIELDS, True)
    return view


def kept_fields(request: HttpRequest) -> QueryDict | None:
    """Return the fields whose answer this GET displays, or None."""
    fields: QueryDict | None = getattr(request, _FIELDS, None)
    return fields


def is_navigation(request: HttpRequest) -> bool:
    """Return whether a person asked for a page, and no script: only browsers can set the header."""
    return request.headers.get("Sec-Fetch-Mode") == "navigate"


class KeptAnswerMiddleware(Middleware):
    """Redirect a form that a person sent to the page that answers it; after authentication, around the views."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond. No view reads the reference."""
        reference = _take_reference(request)
        if reference and request.method == "GET" and is_navigation(request):
            kept = _find(request, reference)
            if "page" in kept:
                return self._refusal(request, kept["page"]) or _displayed(request, kept["page"])
            if _FIELDS in kept:
                setattr(request, _FIELDS, _query_dict(kept[_FIELDS]))
        response = self.get_response(request)
        if request.method != "POST":
            return response
        if is_navigation(request) and _is_page(response):
            return _redirected(request, response)
        _forget(request, response)
        return response

    def _refusal(self, request: HttpRequest, page: dict[str, Any]) -> HttpResponse | None:
        """Return the page that refuses this address to staff, who may have lost access to it since; else None."""
        if page["status"] in _REFUSALS or not request.path.startswith(reverse("admin:index")):
            return None
        fresh = self.get_response(request)
        setattr(request, "_messages", default_storage(request))  # noqa: B010 -- those that `fresh` adds are not displayed
        return fresh if fresh.status_code in _REFUSALS else None


def _take_reference(request: HttpRequest) -> str:
    """Remove the reference from the address, and return it; empty if there is none."""
    if PARAMETER not in request.META.get("QUERY_STRING", ""):
        return ""
    query = request.GET.copy()
    reference = "".join(query.pop(PARAMETER, [])[:1])
    request.GET = query  # type: ignore[assignment]  # -- the stubs want it immutable
    request.META["QUERY_STRING"] = query.urlencode()
    return reference


def _is_page(response: HttpResponse) -> bool:
    return (
        not response.streaming
        and not response.has_header("Location")
        and response.status_code not in _DIRECT
        and response.get("Content-Type", "").startswith("text/html")
        and bool(response.content)
    )


def _redirected(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the redirect to the kept answer, or the answer itself if nothing can keep it."""
    reference = secrets.token_urlsafe(9)
    answer = HttpResponseRedirect(_address(request, reference), status=HTTPStatus.SEE_OTHER)
    answer.cookies = response.cookies
    if not _keep(request, response, answer, reference):
        return response
    record_refused_access(request, response)
    add_never_cache_headers(answer)
    return answer


def _address(request: HttpRequest, reference: str) -> str:
    """Return the request's own address, relative, so that it can lead to no other site."""
    query = request.GET.copy()
    query[PARAMETER] = reference
    return f"?{query.urlencode()}"


def _keep(request: HttpRequest, response: HttpResponse, answer: HttpResponse, reference: str) -> bool:
    kept: dict[str, Any] = {"reference": reference, "path": request.path}
    match = request.resolver_match
    is_read = response.status_code in {HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY}
    has_fields = is_read and match is not None and hasattr(match.func, _FIELDS) and not request.FILES
    if has_fields and _keep_in_browser(request, answer, kept | {_FIELDS: posted_fields(request)}):
        return True
    page = {
        "body": response.content.decode(response.charset),
        "status": response.status_code,
        "headers": [pair for pair in response.headers.items() if pair[0] not in _OWN_TO_A_RESPONSE],
        "nonce": _nonce(request),
    }
    if _is_signed_in(request):
        return _keep_on_server(request, kept | {"page": page})
    # A form that a visitor could not send is in the page that refuses it, and stays there.
    return response.status_code != HTTPStatus.FORBIDDEN and _keep_in_browser(
        request, answer, kept | {"page": page}
    )


def _keep_on_server(request: HttpRequest, kept: dict[str, Any]) -> bool:
    key, packed = _key(request), _pack(kept, quality=5)
    if len(packed) > MAX_CHARACTERS:
        return False
    cache.set(key, packed, LIFETIME)
    return bool(cache.get(key) == packed)  # not during an outage of the cache


def _keep_in_browser(request: HttpRequest, answer: HttpResponse, kept: dict[str, Any]) -> bool:
    value = signing.TimestampSigner(salt=_SALT).sign(_pack(kept, quality=11))
    cookies = request.COOKIES.items()
    others = sum(len(name) + len(text) for name, text in cookies if name != settings.ANSWER_COOKIE_NAME)
    if len(value) > min(MAX_COOKIE, MAX_COOKIES - others):
        return False
    set_private_cookie(answer, settings.ANSWER_COOKIE_NAME, value, lifetime=LIFETIME)
    return True


def _find(request: HttpRequest, reference: str) -> dict[str, Any]:
    """Return what was kept of this address with this reference; empty if it is gone."""
    found = _in_browser(request)
    if "page" in found and request.user.is_authenticated:
        found = {}  # a visitor's, who has signed in since
    if not found and request.user.is_authenticated:
        found = _on_server(request)
    return found if found.get("reference") == reference else {}


def _in_browser(request: HttpRequest) -> dict[str, Any]:
    try:
        packed = signing.TimestampSigner(salt=_SALT).unsign(
            request.COOKIES.get(settings.ANSWER_COOKIE_NAME, ""), max_age=LIFETIME
        )
    except signing.BadSignature:
        return {}
    return _of_address(request, packed)


def _on_server(request: HttpRequest) -> dict[str, Any]:
    packed = cache.get(_key(request))
    return _of_address(request, packed) if packed else {}


def _of_address(request: HttpRequest, packed: str) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(brotli.decompress(base64.urlsafe_b64decode(packed)))
    return kept if kept["path"] == request.path else {}


def _displayed(request: HttpRequest, page: dict[str, Any]) -> HttpResponse:
    body = page["body"]
    if page["nonce"]:  # of the policy that the page came with
        body = body.replace(page["nonce"], str(getattr(request, "_csp_nonce")))  # noqa: B009 -- Django's, for templates
    response = HttpResponse(body, status=page["status"], headers=dict(page["headers"]))
    add_never_cache_headers(response)
    return response


def _forget(request: HttpRequest, response: HttpResponse) -> None:
    """Forget the earlier answer at this address: another form was sent there."""
    if _in_browser(request):
        response.delete_cookie(settings.ANSWER_COOKIE_NAME, samesite="Lax")
    if _is_signed_in(request) and _on_server(request):
        cache.delete(_key(request))


def _key(request: HttpRequest) -> str:
    place = zlib.crc32(request.path.encode()) % MAX_PAGES
    return f"{KEY_PREFIX}{request.session.session_key}/{place}"


def _is_signed_in(request: HttpRequest) -> bool:
    return SESSION_KEY in request.session


def _nonce(request: HttpRequest) -> str:
    nonce = getattr(request, "_csp_nonce", None)
    return str(nonce) if nonce else ""


def _pack(kept: dict[str, Any], quality: int) -> str:
    """Return `kept` as text. The best `quality`, 11, takes about a millisecond for each kilobyte."""
    packed = brotli.compress(json.dumps(kept, ensure_ascii=False).encode(), quality=quality)
    return base64.urlsafe_b64encode(packed).decode()


def _query_dict(fields: dict[str, list[str]]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, texts in fields.items():
        query.setlist(name, texts)
    return query
