"""Random requests, the same for the same seed: address, method, query, body, headers and cookies, each often wrong."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import product
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from django.http import HttpResponseBase
from django.urls import Resolver404, resolve
from lxml import html

from intake.web.content_type import plain_content_type
from tests.house.access import VISITORS
from tests.house.routes import Route, all_routes
from tests.house.world import NOWHERE, World

METHODS: Final = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
_WEIGHTS: Final = (40, 45, 3, 2, 2, 2, 2, 2, 2)
UNROUTED: Final = tuple(
    Route(f"unrouted {path}", path)
    for path in (
        "static/css/portal.css",
        "static/../manage.py",
        "favicon.ico",
        "robots.txt",
        "rien/%00",
        "%ED%A0%80",
    )
)
"""Addresses that no pattern has: static files, and nothing at all."""
ROUTES: Final = (*all_routes(), *UNROUTED)
PAIRS: Final = tuple(product(ROUTES, VISITORS))
"""Every address, for every kind of visitor."""
_QUERY_NAMES: Final = (
    *("q", "p", "o", "e", "n", "page", "all", "next", "suite", "motif", "offre", "number", "telecharger"),
    *("etat", "tri", "voir", "code", "ticket", "avant", "depuis", "avis", "version", "readers", "credential"),
    *("du", "au", "_changelist_filters", "_popup", "_to_field", "state__exact", "id__in", "role"),
)
_VALUES: Final = (
    *("", " ", "0", "1", "-1", "1.5", "1e309", "NaN", "true", "None", "on", "٣", "²", "9" * 400, "9" * 5000),
    *("2147483648", "9223372036854775808", "é" * 3000, "e\u0301", "\0", "a\0b", "\ud800", "x\udfff", ","),
    *("\r\nX-Added: 1", "\u202e\u2066", "😀", "a" * 200 + "@exemple.invalid", "a@b", "=1+1", "%s%n", "{0.a}"),
    *("../../etc/passwd", "<script>x</script>", "' OR 1=1 --", "{{ 7|add:7 }}", "\\", "%", "*", "((((", "[]"),
    *(
        "null",
        '{"a": [1, null]}',
        '{"id": ' + "9" * 5000 + "}",
        '{"response": {"userHandle": 1}}',
        '{"id": "\\ud800\\u0000"}',
        '{"a":' * 3000,
    ),
    *(
        "[" * 100_000,
        "2031-02-30",
        "2031-02-28",
        "9999-12-31T23:59",
        "9999-12-31",
        "0001-01-01",
        "0000-00-00",
    ),
    *("24:00", "31/12/9999", "00000000-0000-4000-8000-000000000000", "//exemple.invalid/", "javascript:x"),
    *("http://[", "/\\exemple.invalid", "https://exemple.invalid:99999/", "/admin/?next=/admin/", "2031-010"),
)
"""Texts that parsers, converters and the database may refuse."""
_RAW: Final = (
    *(b"", b"%", b"a=%ff%fe", b"&=&=;", b"\xff\xfe\x00", b"[" * 2000, b'{"a":', b"a=1" + b"&b=2" * 600),
    *(b"--x7\r\n", b"--x7\r\nContent-Disposition: form-data; name=\r\n\r\n--x7--", b"--x7\r\n\r\n\r\n--x7--"),
)
_FORM: Final = "application/x-www-form-urlencoded"
_CONTENT_TYPES: Final = (
    *(
        "",
        "application/json",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "a",
        ";;=",
    ),
    *(
        "é/é",
        "a; b*=nothing''x",
        "multipart/form-data; boundary=x7; charset=utf-16",
        "multipart/form-data; boundary=" + "x" * 300,
    ),
    *(f"{_FORM}; charset={name}" for name in ("utf-16", "rot13", "undefined", "idna", "nothing")),
)
_FILES: Final = (
    *(b"", b"\0", b"%PDF-1.7 nothing of the kind", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n" + b"\xff" * 40),
    *(
        b"\xff\xd8\xff\xe0",
        b"<svg onload='x'/>",
        b"a;b\n1;\xff\n",
        b"\xff\xfea\0;\0",
        b"--x7\r\n",
        b"\0" * 70_000,
    ),
)
_FILE_NAMES: Final = (
    *(
        "../\u202ecv.pdf",
        "",
        ".",
        "a" * 300 + ".pdf",
        "con.pdf%00.exe",
        'x\\"; name=\\"y',
        "C:\\cv.pdf",
        "é😀.pdf",
    ),
)
_HEADERS: Final = (
    ("Accept", "application/json;q=é"),
    ("Accept-Encoding", "gzip;q=x, br;q=-1"),
    ("Accept-Language", "en;q=é"),
    ("Authorization", "Basic é"),
    ("Host", "exemple.invalid:x"),
    ("If-Modified-Since", "Thu, 99 Feb 99999 24:00:00 GMT"),
    ("If-None-Match", '"x", W/'),
    ("If-Unmodified-Since", "yesterday"),
    ("Origin", "http://testserver"),
    ("Origin", "null"),
    ("Range", "bytes=9-1,-"),
    ("Referer", "http://["),
    ("X-Forwarded-For", "unknown, 1.2.3.4:x"),
    ("X-Forwarded-Host", "exemple.invalid"),
    ("X-Forwarded-Proto", "gopher"),
    ("X-HTTP-Method-Override", "DELETE"),
    ("X-Request-ID", "a\tb"),
    ("X-Requested-With", "XMLHttpRequest"),
)
_COOKIES: Final = (
    *(
        "device=x:y",
        f"signin={'a' * 50}",
        "form=%00",
        "langue=en:x",
        "csrftoken=é",
        "sessionid=é",
        "messages=x",
    ),
    "=;=,",
)
_WORST: Final = (
    "",
    "\0",
    "\ud800",
    "²",
    "9" * 400,
    "9" * 5000,
    "-1",
    "9999-12-31",
    "0001-01-01",
    "[" * 100_000,
)
"""Those that code forgets most; drawn half of the times."""
_LENGTHS: Final = ("0", "3", "9999999", "9" * 18)
"""Values of Content-Length that are not the length of the body; web servers refuse what is no number."""
_LONGEST: Final = 3_000
"""Characters of a value in an address: web servers refuse longer addresses."""
_PAGES_READ: Final = 6
"""Pages of one address whose forms and links are read: reading more finds nothing else."""
_MOST_FORMS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FuzzedRequest:
    """One request, to be sent by a test client."""

    person: str
    method: str
    address: str
    body: bytes
    content_type: str
    headers: Mapping[str, str]
    cookies: str
    token: str | None
    """Value of the form's token. None: the token is not checked, so that the request reaches the view."""

    def __str__(self) -> str:
        """Return what a failure says."""
        sent = (
            f"{self.content_type!r} {self.headers} {self.cookies!r} token {self.token!r} {self.body[:300]!r}"
        )
        return f"{self.person} {self.method} {self.address[:300]} {sent}"

    def send(self, world: World) -> HttpResponseBase:
        """Return the response, with its content read.

        :raises Exception: whatever the view raised.
        """
        client = world.client(self.person, enforce_csrf_checks=self.token is not None)
        own = [f"{name}={cookie.value}" for name, cookie in client.cookies.items()]
        headers = {**self.headers, "Cookie": "; ".join([*own, self.cookies] if self.cookies else own)}
        # A server's stream ends where the body ends, whatever length was announced; that of the test client raises.
        extra: dict[str, Any] = {"wsgi.input": BytesIO(self.body)}
        if self.token is not None:
            extra["HTTP_X_CSRFTOKEN"] = self.token
        answer: HttpResponseBase = client.generic(
            self.method,
            self.address,
            self.body,
            content_type=plain_content_type(self.content_type),  # as `intake.wsgi` does
            headers=headers,
            **extra,
        )
        if answer.streaming:
            b"".join(answer)
        return answer


@dataclass(frozen=True, slots=True)
class KnownForm:
    """A form, or the query of a link: where it leads, and what it sends there."""

    path: str
    method: str
    fields: tuple[tuple[str, str], ...]


@dataclass
class Forms:
    """The forms and queries of pages, by the name of the route to which they lead."""

    found: dict[str, list[KnownForm]] = field(default_factory=lambda: defaultdict(list))
    _read: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def learn(self, address: str, page: bytes) -> None:
        """Keep the forms of a page and the queries of its links."""
        here = _route_of(address)
        if self._read[here] >= _PAGES_READ or not page.strip():
            return
        self._read[here] += 1
        tree = html.document_fromstring(
            page.decode(errors="replace"), parser=html.HTMLParser(encoding="utf-8")
        )
        for form in tree.forms:
            values = [(control.name, _value_of(control)) for control in form.inputs if control.name]
            self._keep(
                urljoin(address, form.get("action") or ""), (form.get("method") or "GET").upper(), values
            )
        for link in tree.xpath("//a/@href[contains(., '?')]"):
            self._keep(urljoin(address, link), "GET", parse_qsl(_parts(link)[1], keep_blank_values=True))

    def _keep(self, target: str, method: str, values: Sequence[tuple[str, str]]) -> None:
        known = self.found[_route_of(target)]
        names = sorted(name for name, _value in values)
        if len(known) < _MOST_FORMS and all(sorted(name for name, _ in one.fields) != names for one in known):
            known.append(KnownForm(_parts(target)[0], method, tuple(values)))


class Fuzzer:
    """Draws requests to every address. `forms` are known; it learns those of the pages that it is shown."""

    def __init__(self, seed: int, world: World, forms: Forms) -> None:
        self._random = random.Random(seed)  # noqa: S311 -- reproducible, not secret
        self._world = world
        self._forms = forms

    def requests(self, count: int) -> Iterator[tuple[Route, FuzzedRequest]]:
        """Yield `count` requests: each address once, then again as the next visitor; each pair once in `len(PAIRS)`."""
        routes = self._random.sample(ROUTES, len(ROUTES))
        for place in range(count):
            turn, which = divmod(place, len(routes))
            yield routes[which], self._request(routes[which], VISITORS[(turn + which) % len(VISITORS)])

    def _request(self, route: Route, person: str) -> FuzzedRequest:
        draw = self._random
        (method,) = draw.choices(METHODS, _WEIGHTS)
        body, content_type = b"", "application/octet-stream"
        form = self._known(route, "POST" if method == "POST" else "GET")
        if method in {"POST", "PUT", "PATCH"} or draw.random() < 0.02:
            body, content_type = self._body(form)
        headers = {name: value for name, value in _HEADERS if draw.random() < 0.03}
        if draw.random() < 0.04:
            headers["Content-Length"] = draw.choice(_LENGTHS)
        return FuzzedRequest(
            person=person,
            method=method,
            address=self._address(route, form),
            body=body,
            content_type=content_type,
            headers=headers,
            cookies=draw.choice(_COOKIES) if draw.random() < 0.05 else "",
            token=draw.choice(("", "x", "é" * 32, "a" * 64)) if draw.random() < 0.04 else None,
        )

    def _address(self, route: Route, form: KnownForm | None) -> str:
        """Return the address of a form, or one with often wrong parameters; often with a query."""
        draw = self._random
        known = list(form.fields) if form and form.method == "GET" else []
        query = self._changed(known) if draw.random() < 0.5 else []
        asked = "?" + _encoded([(name, value[:_LONGEST]) for name, value in query]) if query else ""
        if form and draw.random() < 0.6:
            return form.path + asked
        good = self._world.values_for(route, draw.choice(sorted(self._world.variants)))
        values = {
            name: draw.choices(
                (quote(str(value)), quote(str(NOWHERE.get(name, "x"))), _quoted(self._value()[:_LONGEST])),
                (70, 15, 15),
            )[0]
            for name, value in sorted(good.items())
        }
        return route.address(values) + asked

    def _value(self) -> str:
        return self._random.choice(self._random.choice((_WORST, _VALUES)))

    def _known(self, route: Route, method: str) -> KnownForm | None:
        """Return a form or link that leads to a route; sometimes none."""
        known = [form for form in self._forms.found.get(route.name, ()) if form.method == method]
        return self._random.choice(known) if known and self._random.random() < 0.8 else None

    def _changed(self, fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return fields of which some have another value, are twice there or missing, and some that nobody asked."""
        draw = self._random
        for _each in range(draw.choice((0, 1, 1, 2, 4)) if fields else 0):
            place = draw.randrange(len(fields))
            name, value = fields[place]
            match draw.choices(("value", "twice", "missing", "name"), (75, 10, 10, 5))[0]:
                case "value":
                    fields[place] = (name, self._value())
                case "twice":
                    fields.append((name, draw.choice((value, self._value()))))
                case "name":
                    fields[place] = (draw.choice((f"{name}[]", f"{name}-0", name.upper(), "\0")), value)
                case _ if len(fields) > 1:
                    del fields[place]
        if not fields or draw.random() < 0.3:
            fields += [
                (draw.choice(_QUERY_NAMES), self._value()) for _each in range(draw.choice((0, 1, 2, 4)))
            ]
        return fields

    def _body(self, form: KnownForm | None) -> tuple[bytes, str]:
        draw = self._random
        fields = self._changed(list(form.fields) if form else [])
        match draw.choices(("form", "multipart", "json", "type", "raw"), (70, 16, 4, 5, 5))[0]:
            case "form":
                return _encoded(fields).encode(), _FORM
            case "multipart":
                return self._multipart(fields), "multipart/form-data; boundary=x7"
            case "json":
                return json.dumps(dict(fields)).encode(), "application/json"
            case "type":
                body = draw.choice((_encoded(fields).encode(), self._multipart(fields)))
                return body, draw.choice(_CONTENT_TYPES)
            case _:
                return draw.choice(_RAW), draw.choice(("multipart/form-data; boundary=x7", *_CONTENT_TYPES))

    def _multipart(self, fields: Sequence[tuple[str, str]]) -> bytes:
        draw = self._random
        files = [name for name, value in fields if value == _FILE] or [
            draw.choice(("file", "fichier", "csv_file"))
        ]
        parts = [
            f'--x7\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode(
                "utf-8", "surrogatepass"
            )
            for name, value in fields
            if value != _FILE
        ]
        for name in files:
            head = f'--x7\r\nContent-Disposition: form-data; name="{name}"; filename="{draw.choice(_FILE_NAMES)}"\r\n'
            kind = draw.choice(("application/pdf", "image/png", "text/csv; charset=rot13", "é", ""))
            coding = draw.choice(("", "", "Content-Transfer-Encoding: base64\r\n"))
            head = f"{head}Content-Type: {kind}\r\n{coding}\r\n"
            parts.append(head.encode() + draw.choice(_FILES) + b"\r\n")
        return b"".join(parts) + draw.choices((b"--x7--\r\n", b"", b"--x7"), (90, 5, 5))[0]


_FILE: Final = "(file)"
"""Stands for the value of a control that sends a file."""


def _value_of(control: Any) -> str:
    """Return what a browser sends for a control if its user chose what they could."""
    kind = control.get("type", "")
    if kind == "file":
        return _FILE
    if control.tag == "select":
        chosen = [value for value in control.value_options if value]
        return str(chosen[0]) if chosen else ""
    if kind in {"radio", "checkbox"}:
        return str(control.get("value") or "on")
    return str(control.text or "") if control.tag == "textarea" else str(control.get("value") or "")


def _route_of(address: str) -> str:
    try:
        return resolve(_parts(address)[0]).view_name
    except Resolver404:
        return ""


def _parts(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.path, parts.query


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _encoded(fields: Sequence[tuple[str, str]]) -> str:
    return urlencode(
        [(name, value.encode("utf-8", "surrogatepass")) for name, value in fields if value != _FILE],
        errors="replace",
    )
