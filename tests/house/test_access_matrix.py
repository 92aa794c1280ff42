"""Access matrix: every address × every person gets the outcome that `access.txt` declares.

An undeclared address fails, and so does a declared one that no longer exists. A refused person gets exactly the
response they would get if the object did not exist.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import zip_longest
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.http import HttpResponseBase
from django.template.backends.django import Template
from django.urls import Resolver404, resolve, reverse

from tests.house.access import DECLARED_IN, FACTOR, REFUSALS, VISITORS, Line, declared
from tests.house.browser import one_savepoint
from tests.house.policy import policy_faults
from tests.house.routes import all_routes
from tests.house.world import NOWHERE, UNCHECKED, World

pytestmark = pytest.mark.django_db

ROUTES = {route.name: route for route in all_routes()}
OBJECTS = {"public_id", "object_id", "number", "run_id", "view_id", "order_id", "factor_id", "session_id"}
"""Parameters that name a person's object. The others name a part of it or a display option."""


def _about(line: Line) -> tuple[str, str, str]:
    """Return the subject of an address: equal for all addresses of one object."""
    kind = re.sub(r"_(add|change|delete|history|changelist)$", "", line.route)
    if not line.route.startswith("admin:"):
        kind = line.route.partition(":")[0]
    named = ROUTES[line.route].parameters & OBJECTS if line.route in ROUTES else ()
    return kind, line.variant, ", ".join(sorted(named))


LINES: dict[str, list[Line]] = defaultdict(list)
for _line in declared():
    LINES[_line.route].append(_line)
SEEN = {
    (person, _about(line))
    for lines in LINES.values()
    for line in lines
    if line.route in ROUTES
    for person in VISITORS
    if line.outcome(person, f"/{ROUTES[line.route].pattern}") not in REFUSALS | {"405"}
}
"""People who may see each object."""


def _objects() -> list[object]:
    """Return the addresses of people's objects: one of each subject and one in four others, unless it is exhaustive."""
    names = sorted(name for name, route in ROUTES.items() if OBJECTS & route.parameters)
    first = {_about(LINES[name][0]): name for name in reversed(names) if LINES[name]}
    return [
        pytest.param(name, marks=pytest.mark.full if place % 4 and name not in first.values() else ())
        for place, name in enumerate(names)
    ]


@dataclass(frozen=True)
class Answer:
    """The compared parts of a response."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)


class ResponseCache:
    """Responses per person and address. Each request is undone, so one response serves every test that needs it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._answers: dict[tuple[str, str, str], Answer] = {}

    def ask(self, person: str, method: str, address: str) -> Answer:
        """Return the response, from the cache if possible."""
        key = (person, method, address)
        if key not in self._answers:
            self._answers[key] = _read_response(self.world.ask(person, method, address))
        return self._answers[key]

    def ask_undrawn(self, person: str, method: str, address: str) -> Answer:
        """Return the response, from the cache if possible, without the text of its page: half of its time."""
        if (answer := self._answers.get((person, method, address))) is not None:
            return answer
        with _undrawn():
            return _read_response(self.world.ask(person, method, address))


@contextmanager
def _undrawn() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", lambda *_given: "")
        yield


def _read_response(answer: HttpResponseBase) -> Answer:
    body = b"" if answer.streaming else bytes(getattr(answer, "content", b""))
    return Answer(answer.status_code, dict(answer.headers.items()), body)


@pytest.fixture(autouse=True)
def in_one_savepoint(db: None) -> Iterator[None]:
    """Share one savepoint: only requests write here."""
    with one_savepoint():
        yield


@pytest.fixture(scope="module")
def asked(world: World) -> ResponseCache:
    """One cache for the module."""
    return ResponseCache(world)


def test_every_address_is_declared_in_the_matrix() -> None:
    missing = {
        f"{name} {method}"
        for name in ROUTES
        for method in ("GET", "POST")
        if not any(line.method == method for line in LINES[name] if not line.variant)
    }
    assert not missing, f"Say who gets what at these addresses in tests/house/{DECLARED_IN.name}"
    gone = {name for name, lines in LINES.items() if lines} - ROUTES.keys()
    assert not gone, f"These addresses are gone: take them out of tests/house/{DECLARED_IN.name}"


def test_no_two_addresses_share_a_name() -> None:
    assert len(ROUTES) == len(all_routes())


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_each_kind_of_user_gets_the_declared_outcome(asked: ResponseCache, name: str) -> None:
    assert not _differences(asked, name, each=False), f"See tests/house/{DECLARED_IN.name}"


@pytest.mark.full
@pytest.mark.parametrize("name", sorted(ROUTES))
def test_each_page_is_drawn_for_each_kind_of_user(asked: ResponseCache, name: str) -> None:
    assert not _differences(asked, name, each=True), f"See tests/house/{DECLARED_IN.name}"


def _differences(asked: ResponseCache, name: str, *, each: bool) -> list[str]:
    """Return the outcomes that are not the declared ones.

    Unless `each`, a page is drawn for one of the people who see it: all requests reach the view that decides who they
    are, and the crawl draws the pages of each role.
    """
    differences = []
    for line in LINES[name]:
        address = ROUTES[name].address(asked.world.values_for(ROUTES[name], line.variant))
        drawn: set[str] = set()
        for person in VISITORS:
            if not each and person == UNCHECKED and not address.startswith("/admin/"):
                continue  # they get what staff get
            outcome = line.outcome(person, address)
            ask = asked.ask_undrawn if outcome in drawn else asked.ask
            answer = ask(person, line.method, address)
            if not _is(answer, outcome, address):
                differences.append(
                    f"{line.method} {address} as {person}: {_outcome_text(answer)}, not {outcome}"
                )
            if not each and outcome.isdecimal() and outcome not in REFUSALS:
                drawn.add(outcome)
    return differences


@pytest.mark.parametrize("name", _objects())
def test_a_refused_object_is_answered_like_a_missing_one(asked: ResponseCache, name: str) -> None:
    route = ROUTES[name]
    differences = []
    for line in LINES[name]:
        there = asked.world.values_for(route, line.variant)
        address = route.address(there)
        nowhere = route.address(there | {key: NOWHERE[key] for key in OBJECTS & route.parameters})
        for person in (person for person in VISITORS if (person, _about(line)) not in SEEN):
            shown = _comparable_lines(asked.ask(person, line.method, address), address)
            absent = _comparable_lines(asked.ask(person, line.method, nowhere), nowhere)
            differences += [
                f"{line.method} {address} as {person}: « {here.strip()} » instead of « {none.strip()} »"
                for here, none in zip_longest(shown, absent, fillvalue="")
                if here != none
            ][:1]
    assert not differences


def test_every_response_to_an_anonymous_user_has_the_strict_policy(asked: ResponseCache) -> None:
    faults: dict[str, list[str]] = {}
    for name, lines in LINES.items():
        for line in lines:
            address = ROUTES[name].address(asked.world.values_for(ROUTES[name], line.variant))
            answer = asked.ask("anonymous", line.method, address)
            if found := policy_faults(answer.headers, answer.body):
                faults[f"{line.method} {address}"] = found
    assert not faults
    assert len(LINES) > 200


CHANGES_NOTHING = {"verifier:verify"}
"""Verifies a receipt for any sender and changes nothing: a token would only give an unauthenticated user a cookie."""


@pytest.mark.parametrize(
    "person",
    [
        # A missing token is refused before a view asks who the user is: one person is enough.
        person if person == "staff" else pytest.param(person, marks=pytest.mark.full)
        for person in VISITORS
    ],
)
def test_no_post_is_accepted_without_its_token(world: World, person: str) -> None:
    passed = []
    for name, route in ROUTES.items():
        if name in CHANGES_NOTHING:
            continue
        address = route.address(world.values_for(route))
        answer = _read_response(world.ask(person, "POST", address, enforce_csrf_checks=True))
        if answer.status != 403 or "Le formulaire n’a pas été reçu" not in answer.body.decode():
            passed.append(f"{name}: {_outcome_text(answer)}")
    assert not passed


def _is(answer: Answer, outcome: str, address: str) -> bool:
    if outcome == "door":
        where = urlsplit(answer.headers.get("Location", ""))
        doors = {reverse("accounts:sign_in"), reverse("admin:login")}
        return answer.status == 302 and where.path in doors and _leads_back(where.query, address)
    if outcome == FACTOR:
        where = urlsplit(answer.headers.get("Location", ""))
        return (
            answer.status == 302
            and where.path == reverse("accounts:second_factor")
            and _leads_back(where.query, address)
        )
    if outcome.startswith(">"):
        return answer.status in {302, 303} and fnmatchcase(_where(answer), outcome[1:])
    return str(answer.status) == outcome


def _leads_back(query: str, address: str) -> bool:
    # After a visit to the administration's own sign-in page, the user goes to the administration's index.
    return parse_qs(query).get("next") == [
        reverse("admin:index") if address in {reverse("admin:login"), reverse("admin:logout")} else address
    ]


def _where(answer: Answer) -> str:
    try:
        return resolve(urlsplit(answer.headers["Location"]).path).view_name
    except Resolver404:
        return answer.headers["Location"]


def _outcome_text(answer: Answer) -> str:
    return (
        f">{_where(answer)} ({answer.headers['Location']})"
        if "Location" in answer.headers
        else str(answer.status)
    )


def _comparable_lines(answer: Answer, address: str) -> list[str]:
    """Return the response as lines that can be compared.

    The address, the instant, tokens and the request id differ per request, and are removed.
    """
    headers = [
        f"{name}: {value}"
        for name, value in sorted(answer.headers.items())
        if name not in {"X-Request-Reference", "Content-Length", "Expires"}
    ]
    lines = [str(answer.status), *headers, *answer.body.decode().splitlines()]
    return _anonymous("\n".join(lines), address).split("\n")


def _anonymous(text: str, address: str) -> str:
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    text = re.sub(r"""nonce[-=]["']?[\w+/=-]+""", "", text)
    text = text.replace(quote(address, safe=""), "").replace(quote(address), "").replace(address, "")
    return re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", "", text)
