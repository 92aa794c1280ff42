"""Worlds that a test module makes once. Tests only read them, or undo their changes."""

from copy import deepcopy
from typing import Any, NamedTuple

import pytest
from django.urls import reverse

from intake.accounts.models import User
from intake.submissions.models import Submission
from offers.models import Offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.review.committees_world import World, make_world
from tests.review.service_calls import Committee, make_committee


@pytest.fixture(scope="module")
def committee(module_db: None) -> Committee:
    """One committee for the module; each call is undone at once."""
    return make_committee()


@pytest.fixture(scope="module")
def world(module_db: None) -> World:
    """Two committees with files for the module. Its tests write nothing."""
    return make_world()


@pytest.fixture
def kept(made: Any) -> Any:
    """A copy, which the test may change, of what its module makes once."""
    return deepcopy(made)


class Received(NamedTuple):
    """A submission to an open offer, and a staff member: the starting point of most modules."""

    filed: Submission
    staff: User


@pytest.fixture(scope="module")
def made_once(module_db: None) -> Received:
    """Made once; tests use the copies below."""
    return Received(make_filed(make_open_offer()), make_staff())


@pytest.fixture(scope="module")
def fresh_page(made_once: Received) -> Any:
    """The page of `filed` as `staff` first sees it, requested once for the module."""
    address = reverse("review:file", args=[made_once.filed.public_id])
    return client_of(made_once.staff).get(address)


@pytest.fixture
def received(made_once: Received) -> Received:
    """A copy that the test may change."""
    return deepcopy(made_once)


@pytest.fixture
def filed(received: Received) -> Submission:
    """A submission to `offer`, which is open and has no grid line."""
    return received.filed


@pytest.fixture
def offer(filed: Submission) -> Offer:
    """The offer of `filed`."""
    return filed.offer


@pytest.fixture
def staff(received: Received) -> User:
    """A staff member who decides and is impartial."""
    return received.staff


@pytest.fixture(scope="module")
def two_listed_once(made_once: Received) -> list[Submission]:
    """Two shortlisted submissions of `offer`, made once; tests use copies."""
    return [make_shortlisted(made_once.filed.offer) for _time in range(2)]


@pytest.fixture(scope="module")
def listed_once(module_db: None) -> list[Submission]:
    """Four shortlisted submissions of one offer, made once; tests use the copies in `rows`."""
    offer = make_open_offer()
    return [make_shortlisted(offer, last_name=name) for name in ("Zola", "Hugo", "Sand", "Roy")]


@pytest.fixture
def rows(listed_once: list[Submission]) -> list[Submission]:
    """Four shortlisted submissions of one offer."""
    return deepcopy(listed_once)
