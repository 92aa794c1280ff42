"""Random requests to every address, as every kind of visitor: no answer is a server error.

The quick form asks each address once, in three seconds at most. The exhaustive form asks, for each seed, each address
as each kind of visitor: 50,000 requests in all. A failure names the request that the seed draws again.
"""

import math
import traceback
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from http import HTTPStatus
from typing import Final

import pytest
from pytest_django import Settings

from tests.house.access import VISITORS, declared
from tests.house.browser import one_savepoint, rolled_back
from tests.house.crawl import pages
from tests.house.fuzzing import PAIRS, ROUTES, Forms, FuzzedRequest, Fuzzer
from tests.house.world import World

pytestmark = pytest.mark.django_db

AT_LEAST: Final = 50_000
"""Requests of the exhaustive form."""
SEEDS: Final = range(1, 1 + math.ceil(AT_LEAST / len(PAIRS)))
SECONDS: Final = 900
"""Limit for one seed, `timeout` of pyproject.toml: three requests per second; one busy core does fifty."""
UNREADY: Final = {
    line.route for line in declared() if any(outcome.startswith("5") for outcome in line.outcomes.values())
}
"""Addresses whose 503 the access matrix declares."""


@pytest.fixture(autouse=True)
def in_one_savepoint(db: None, settings: Settings) -> Iterator[None]:
    """Share one savepoint: only requests write here. As in production, a proxy's header names the client."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    with one_savepoint():
        yield


@pytest.fixture(scope="module")
def forms_of_every_page(world: World) -> Forms:
    """The forms and links of every page, once for all seeds."""
    forms = Forms()
    for page in pages(world):
        if page.is_html:
            forms.learn(page.address, page.content)
    return forms


def _send(world: World, request: FuzzedRequest) -> tuple[int, bytes, str]:
    """Return the status of a response, its page if it is one, and the error of the view, in short."""
    with rolled_back():
        try:
            answer = request.send(world)
        except Exception as error:  # noqa: BLE001 -- what a visitor would see as a server error
            last = traceback.extract_tb(error.__traceback__)[-1]
            return 500, b"", f"{type(error).__name__}: {str(error)[:200]} ({last.filename}:{last.lineno})"
    is_page = answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming
    return answer.status_code, bytes(getattr(answer, "content", b"")) if is_page else b"", ""


def _errors(world: World, fuzzer: Fuzzer, forms: Forms, count: int) -> tuple[dict[str, str], Counter[int]]:
    """Send `count` requests; return the request of each kind of server error, and how often each status came."""
    statuses: Counter[int] = Counter()
    errors: dict[str, str] = {}
    for route, request in fuzzer.requests(count):
        status, page, error = _send(world, request)
        statuses[status] += 1
        if status == HTTPStatus.OK:
            forms.learn(request.address, page)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR and not (route.name in UNREADY and not error):
            errors.setdefault(f"{route.name} {status} {error}", str(request))
    return errors, statuses


def test_a_random_request_to_each_address_causes_no_server_error(world: World) -> None:
    forms = Forms()
    errors, statuses = _errors(world, Fuzzer(0, world, forms), forms, len(ROUTES))
    assert errors == {}
    assert {200, 302, 404, 405} <= statuses.keys(), statuses


@pytest.mark.full
@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_many_random_requests_cause_no_server_error(
    world: World, forms_of_every_page: Forms, seed: int
) -> None:
    forms = deepcopy(forms_of_every_page)
    errors, statuses = _errors(world, Fuzzer(seed, world, forms), forms, len(PAIRS))
    assert errors == {}
    assert {200, 302, 400, 403, 404, 405, 422} <= statuses.keys(), statuses


def test_each_seed_draws_each_address_as_each_kind_of_visitor(world: World) -> None:
    drawn = [
        (route.name, request.person) for route, request in Fuzzer(1, world, Forms()).requests(len(PAIRS))
    ]
    assert Counter(drawn) == Counter((route.name, visitor) for route in ROUTES for visitor in VISITORS)
    assert {line.route for line in declared()} <= {name for name, _visitor in drawn}
    assert len(SEEDS) * len(PAIRS) >= AT_LEAST


def test_a_seed_draws_the_same_requests_again(world: World) -> None:
    first, again, other = (
        [str(request) for _route, request in Fuzzer(seed, world, Forms()).requests(100)] for seed in (7, 7, 8)
    )
    assert first == again
    assert first != other


def test_an_exception_of_a_view_is_a_server_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offers.views.Listing", lambda query, **_options: int(query.get("page", "x")))
    route, request = next(
        drawn
        for drawn in Fuzzer(1, world, Forms()).requests(len(PAIRS))
        if drawn[0].name == "offers:list" and drawn[1].method == "GET"
    )
    status, _page, error = _send(world, request)
    assert (route.name, status) == ("offers:list", 500)
    assert error.startswith("ValueError: invalid literal for int()")
