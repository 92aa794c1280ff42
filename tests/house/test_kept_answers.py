"""A form that a person sends is answered by a redirect, whatever the answer: neither Back nor Reload sends it again.

Three answers stay as they are: a fault of the portal (500), and what it answers outside the views, in a rush and during
maintenance.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import urldefrag, urljoin

import pytest
from django.http import HttpResponseBase

from tests.house import crawl
from tests.house.access import REFUSALS, VISITORS, declared
from tests.house.browser import one_savepoint, rolled_back
from tests.house.crawl import ROUTES, SEEN_BY, Page
from tests.house.masks import Masks
from tests.house.world import World

pytestmark = pytest.mark.django_db

BY_A_PERSON: Final = {"Sec-Fetch-Mode": "navigate"}
BY_A_SCRIPT: Final = {"Sec-Fetch-Mode": "cors"}
_mask = Masks()


@pytest.fixture(autouse=True)
def in_one_savepoint(db: None) -> Iterator[None]:
    """Share one savepoint: only requests write here."""
    with one_savepoint():
        yield


def _fault(world: World, person: str, address: str, sent: dict[str, Any]) -> str | None:
    """Return what is wrong with the answer to a form that a person sends, compared with what a script gets."""
    with rolled_back():
        direct = _page(person, address, world.client(person).post(address, sent, headers=BY_A_SCRIPT))
    for file in sent.values():
        if hasattr(file, "seek"):
            file.seek(0)
    with rolled_back():
        client = world.client(person)
        answer = client.post(address, sent, headers=BY_A_PERSON)
        if not direct.is_html or direct.status in {302, 303}:
            return None if answer.status_code == direct.status else f"{direct}: now {answer.status_code}"
        if answer.status_code != 303:
            return f"{direct}: no redirect"
        where = urljoin(address, answer.headers["Location"])
        shown, again = (
            _page(person, address, client.get(where, headers=BY_A_PERSON))
            for _time in ("redirected", "reloaded")
        )
    lost = (_said(direct) ^ _said(shown)) | (_said(shown) ^ _said(again))
    is_same = shown.status == direct.status == again.status and not lost
    return None if is_same else f"{direct}: {shown.status}, then {again.status} {sorted(lost)[:4]}"


def _said(page: Page) -> set[str]:
    return {_mask(text) for text in page.texts}


def _page(person: str, address: str, answer: HttpResponseBase) -> Page:
    return crawl.page_of(person, "POST", address, answer)


def _mostly(people: Iterable[str], *always: str) -> list[Any]:
    return [person if person in always else pytest.param(person, marks=pytest.mark.full) for person in people]


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.full)])
@pytest.mark.parametrize("person", _mostly(VISITORS, "anonymous", "candidate", "administrator"))
def test_an_empty_form_is_answered_by_a_redirect_to_what_a_script_gets(
    world: World,
    person: str,
    every: bool,  # noqa: FBT001 -- a table's column
) -> None:
    """The quick form asks once for the refusal of each part, and for each of the forms that the lists share."""
    faults: dict[tuple[str, ...], str | None] = {}
    for line in (line for line in declared() if line.method == "POST"):
        route = ROUTES[line.route]
        address = route.address(world.values_for(route, line.variant))
        outcome = line.outcome(person, address)
        part, _colon, name = line.route.partition(":")
        key = line.route, line.variant
        if not every and outcome in REFUSALS:
            key = outcome, part
        elif not every and part == "admin":
            key = outcome, name.rpartition("_")[2]
        if outcome != "405" and key not in faults:  # no form is sent there
            faults[key] = _fault(world, person, address, {})
    assert not [fault for fault in faults.values() if fault]
    assert len(faults) > 20


@pytest.mark.parametrize("person", _mostly(SEEN_BY, "anonymous", "candidate"))
def test_a_filled_form_is_answered_by_a_redirect_to_what_a_script_gets(world: World, person: str) -> None:
    faults = {}
    for page in crawl.pages(world, people=[person]):
        for form in page.tree.forms if page.is_html else ():
            typed = crawl.filled(form)
            address = urldefrag(urljoin(page.address, form.get("action") or page.address)).url
            key = crawl.route_of(address), *sorted(typed)
            if form.method == "POST" and typed and key not in faults:
                faults[key] = _fault(world, person, address, typed)
    assert not [fault for fault in faults.values() if fault]
    assert faults
