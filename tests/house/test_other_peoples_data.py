"""Crawl every page that a person can reach: no page shows personal data of another candidate."""

import re
from collections import deque
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
from django.http import HttpResponseBase

from intake.review.committees.operations import start_anonymous_review
from tests.house.browser import one_savepoint
from tests.house.routes import all_routes
from tests.house.world import PLANTED, PLANTED_EMAIL, World

pytestmark = pytest.mark.django_db

NEEDLES = {
    "name": [PLANTED["first_name"], PLANTED["last_name"]],
    "e-mail": [PLANTED_EMAIL],
    "phone": [PLANTED["phone"], "418-555-0197", "418 555-0197", "(418) 555-0197"],
    "birth date": [PLANTED["birth_date"], "17 février 1999", "February 17, 1999", "17/02/1999"],
    "address": [PLANTED["address_line"], PLANTED["postal_code"]],
}
"""Personal data in each form in which a page may write it. Names are compared without case."""
BOUND = 900
"""More pages than any person reaches: at this number the crawl loops."""
SHOWS_NOTHING_ELSE = {"suite", "next", "tri", "o", "_changelist_filters"}
"""Parameters for the way back, the next page or the order. Following them would make the crawl endless."""
_LINK = re.compile(r"""(?<![\w-])(?:href|src|action|data)="([^"]*)\"""")


def _starts(world: World) -> list[str]:
    """Return the start addresses, without duplicates: the home pages, and every address of the owner's objects."""
    starts = [
        "/",
        "/admin/",
        "/candidatures/",
        *(route.address(world.values_for(route)) for route in all_routes()),
        *(route.address(world.values_for(route, "draft")) for route in all_routes()),
    ]
    return list(dict.fromkeys(starts))


def _walk(world: World, person: str) -> Iterator[tuple[str, HttpResponseBase, str]]:
    """Yield each address that the person can reach, with response and text."""
    waiting = deque(_starts(world))
    known = set(waiting)
    while waiting:
        address = waiting.popleft()
        answer = world.ask(person, "GET", address)
        text = (
            ""
            if answer.streaming
            else unescape(bytes(getattr(answer, "content", b"")).decode(errors="replace"))
        )
        yield address, answer, text.replace("\xa0", " ").replace("\u202f", " ")
        for link in [*_LINK.findall(text), answer.headers.get("Location", "")]:
            target = _same_site(urljoin(address, link))
            if target and target not in known:
                known.add(target)
                waiting.append(target)
        assert len(known) < BOUND, sorted(known)[-20:]


def _same_site(address: str) -> str:
    """Return the part of a portal address that is worth a request; empty for others."""
    parts = urlsplit(address)
    if parts.netloc not in {"", "testserver"} or parts.path.startswith("/static/"):
        return ""
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] not in SHOWS_NOTHING_ELSE]
    if len(kept) > 1:
        return ""  # two filters together show no further row
    return parts.path + (f"?{urlencode(kept)}" if kept else "")


def _needles_in(text: str) -> set[str]:
    folded = text.casefold()
    return {what for what, forms in NEEDLES.items() if any(form.casefold() in folded for form in forms)}


@pytest.mark.parametrize(
    "person",
    [
        pytest.param("anonymous", marks=pytest.mark.full),
        "stranger",
        pytest.param("elsewhere", marks=pytest.mark.full),
    ],
)
def test_no_page_reveals_data_of_another_candidate(world: World, person: str) -> None:
    leaks = {}
    pages = 0
    with one_savepoint():
        for address, answer, text in _walk(world, person):
            pages += answer.status_code == 200
            if _needles_in(text):
                leaks[address] = _needles_in(text)
    assert not leaks
    assert pages > 10


@pytest.mark.full
def test_an_anonymous_review_reveals_no_name_on_any_page(world: World) -> None:
    start_anonymous_review(offer=world.filed.offer, actor=world.people["staff"])
    queue = f"/admin/submissions/submission/?{urlencode({'q': 'Ézéchielle'})}"
    leaks, opened = {}, 0
    with one_savepoint():
        for address, answer, text in _walk(world, "reviewer"):
            opened += str(world.filed.public_id) in address and answer.status_code == 200
            if _needles_in(text):
                leaks[address] = _needles_in(text)
    assert not leaks
    assert opened, "the file itself is read"
    searched = bytes(getattr(world.ask("reviewer", "GET", queue), "content", b"")).decode()
    assert str(world.filed.public_id) not in searched


def test_the_crawl_finds_the_data_that_a_user_may_read(world: World) -> None:
    sought = {"candidate": NEEDLES.keys() - {"e-mail"}, "reviewer": {"name", "birth date"}}
    for person, there in sought.items():
        missing = set(there)
        for _address, _answer, text in _walk(world, person):
            missing -= _needles_in(text)
            if not missing:
                break  # the remaining pages show no further data
        assert not missing, person
    accounts = world.ask("staff", "GET", "/admin/accounts/user/")
    assert "e-mail" in _needles_in(bytes(getattr(accounts, "content", b"")).decode())
