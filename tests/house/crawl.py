"""Crawler: request every page of a world as each person who may see it, and send each form with hostile text."""

import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from lxml import html

from intake.submissions.questions.sections import SECTIONS
from tests.house.access import REFUSALS, declared
from tests.house.browser import one_savepoint, rolled_back
from tests.house.hostile import hostile
from tests.house.hostile_readers import texts_of
from tests.house.routes import all_routes
from tests.house.world import World

ROUTES = {route.name: route for route in all_routes()}
SEEN_BY = ("anonymous", "candidate", "reviewer", "staff", "administrator")
_ALIKE = {
    *("invited", "listed", "on_reserve", "own_programme", "reserved", "resumed", "selected", "taken_back"),
    "withdrawn",
}
"""Variants of the hostile world whose pages, but those of `_DIFFERENT`, say what another variant's say."""
_DIFFERENT = {
    *("offers:page", "offers:clock", "submissions:follow", "submissions:receipt", "review:file"),
    *("review:ranking", "review:reserve_list", "review:freeze_shortlist"),
}
_TYPED_INTO = {"text", "search", "email", "tel", "url", "number", "date", "password"}


@dataclass(frozen=True, kw_only=True)
class Page:
    """One request and its response."""

    person: str
    method: str
    address: str
    status: int
    headers: dict[str, str]
    content: bytes = field(repr=False)
    led_to: str = ""
    """Address to which the sent form redirected, and whose page this is. Empty if it did not redirect."""

    @property
    def media_type(self) -> str:
        """Media type without its parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0]

    @property
    def is_html(self) -> bool:
        """True if a browser shows the response as a page."""
        return self.media_type == "text/html" and bool(self.content)

    @cached_property
    def tree(self) -> html.HtmlElement:
        """The parsed HTML document."""
        return html.document_fromstring(self.content.decode(), parser=html.HTMLParser(encoding="utf-8"))

    @cached_property
    def texts(self) -> set[str]:
        """The texts that a reader gets from the response."""
        return {sys.intern(text) for text in texts_of(self.content, self.media_type)}

    def __str__(self) -> str:
        return f"{self.method} {self.address} as {self.person} ({self.status})"


def route_of(address: str) -> str:
    """Return the name of the route of `address`, or an empty string."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""


def page_of(person: str, method: str, address: str, answer: HttpResponseBase, led_to: str = "") -> Page:
    content = b"".join(answer) if answer.streaming else bytes(getattr(answer, "content", b""))
    return Page(
        person=person,
        method=method,
        address=address,
        status=answer.status_code,
        headers=dict(answer.headers.items()),
        content=content,
        led_to=led_to,
    )


def get(world: World, person: str, address: str, /, *, method: str = "GET", **data: Any) -> Page:
    """Return the response to one request and undo its effects. A POST is followed to the page it redirects to."""
    with rolled_back():
        client = world.client(person)
        answer: HttpResponseBase
        led_to = ""
        if data:
            answer = client.post(address, data) if method == "POST" else client.get(address, data)
            if method == "POST" and answer.status_code in {302, 303}:
                led_to = urljoin(address, answer.headers["Location"])
                answer = client.get(led_to)
        else:
            answer = client.generic(method, address)
        return page_of(person, method, address, answer, led_to)


def _declared_pages(people: Collection[str], *, each: bool) -> Iterator[tuple[str, str, str, str]]:
    """Yield person, method, route and variant of each page that the access matrix shows to `people`.

    Unless `each`, a page that an administrator sees is skipped for staff: staff see the same page with fewer parts.
    """
    for line in declared():
        shown = [person for person in people if line.outcomes[person] in {"200", "422"}]
        if not each and {"staff", "administrator"} <= set(shown):
            shown.remove("staff")
        yield from ((person, line.method, line.route, line.variant) for person in shown)


def _pages_of(
    world: World, variants: Collection[str], people: Collection[str], *, each: bool
) -> Iterator[tuple[str, str, str, str]]:
    """Yield person, method, route and variant of the pages of `variants`, for the people who may see them.

    Unless `each`, without pages that say what those of another variant say. A variant for a row of the administration
    is named after its model.
    """
    opened = {line.route: line.outcomes for line in declared() if line.method == "GET" and not line.variant}
    for variant in variants:
        named = world.variants[variant].keys()
        for name, route in ROUTES.items():
            if not each and variant in _ALIKE and name not in _DIFFERENT:
                continue
            if route.parameters & named and ("object_id" not in named or variant in name):
                shown = [who for who in people if opened[name][who] not in REFUSALS | {"405"}]
                yield from ((person, "GET", name, variant) for person in shown)


def _sections(world: World) -> list[str]:
    """Return the address of each section of a draft."""
    key = world.drafted.public_id
    return [reverse("submissions:section", args=[key, section.key]) for section in SECTIONS]


def pages(
    world: World, more: Collection[str] = (), people: Collection[str] = SEEN_BY, *, each: bool = False
) -> list[Page]:
    """Return every page that one of `people` may see, each once, including those of the variants `more`."""
    others = people if each else ("candidate", "reviewer", "staff")
    asked = dict.fromkeys(
        (person, method, ROUTES[name].address(world.values_for(ROUTES[name], variant)))
        for person, method, name, variant in (
            *_declared_pages(people, each=each),
            *_pages_of(world, more, [person for person in people if person in others], each=each),
        )
    )
    if "candidate" in people:
        asked |= dict.fromkeys(("candidate", "GET", address) for address in _sections(world))
    with one_savepoint():
        return [get(world, person, address, method=method) for person, method, address in asked]


def forms_sent(world: World, seen: list[Page]) -> list[Page]:
    """Return the response to each form of the pages `seen`. Every text field and file gets hostile text."""
    sent: dict[tuple[str, str, str], Page] = {}
    with one_savepoint():
        for page, form in ((shown, form) for shown in seen if shown.is_html for form in shown.tree.forms):
            method = (form.get("method") or "get").upper()
            address = urljoin(page.address, form.get("action") or page.address)
            typed = filled(form)
            key = (page.person, method, f"{route_of(address)} {sorted(typed)}")
            if typed and key not in sent:
                sent[key] = get(world, page.person, address, method=method, **typed)
    return list(sent.values())


def filled(form: html.FormElement) -> dict[str, object]:
    """Return what a browser sends after hostile text is typed. Empty if the form has no text or file field."""
    values: dict[str, object] = dict(form.form_values())
    types = 0
    for control in form.inputs:
        kind = control.get("type", "text") if control.tag == "input" else control.tag
        if not control.name or control.get("readonly") is not None:
            continue
        if kind in _TYPED_INTO or kind == "textarea":
            values[control.name] = hostile("typed", max(40, int(control.get("maxlength") or 400)))
            types += 1
        elif kind == "file":
            values[control.name] = SimpleUploadedFile(hostile("typed", 40), b"%PDF-1.7 rien")
            types += 1
        elif kind == "radio":
            values[control.name] = control.get("value") or "on"
        elif kind == "select":
            values.setdefault(control.name, next((value for value in control.value_options if value), ""))
    return values if types else {}


def signing_in(world: World) -> list[Page]:
    """Return the pages where a sign-in code is requested, and requested again after a wrong one."""
    confirm = reverse("accounts:confirm")
    with rolled_back():
        client = world.client("anonymous")
        client.post(reverse("accounts:sign_in"), {"email": "quelquun@exemple.invalid"})
        asked = (
            client.get(confirm),
            client.post(confirm, {"code": "12"}),
            client.post(confirm, {"code": "000000"}),
        )
    return [
        page_of("anonymous", method, confirm, answer)
        for method, answer in zip(("GET", "POST", "POST"), asked, strict=True)
    ]


@dataclass(frozen=True)
class Link:
    """An address of this portal that a page links to, and its anchor."""

    address: str
    anchor: str

    @property
    def likeness(self) -> tuple[str, ...]:
        """Route or path, and the names of the query's parameters: equal for links to pages of one sort."""
        parts = urlsplit(self.address)
        return (
            route_of(self.address) or parts.path,
            *sorted(name for name, _value in parse_qsl(parts.query)),
        )


def links_of(page: Page) -> set[Link]:
    """Return the addresses of this portal in `page`: its links and the files it loads."""
    found = set()
    for _element, attribute, link, _position in page.tree.iterlinks():
        parts = urlsplit(urljoin(f"http://testserver{page.address}", link))
        if attribute in {"href", "src", "data"} and parts.netloc == "testserver" and parts.scheme == "http":
            found.add(Link(parts.path + (f"?{parts.query}" if parts.query else ""), parts.fragment))
    return found
