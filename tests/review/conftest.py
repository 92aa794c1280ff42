"""Worlds that a module of tests makes once and only reads, or undoes after each test."""

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
    """One committee for the whole module; each call is undone at once."""
    return make_committee()


@pytest.fixture(scope="module")
def world(module_db: None) -> World:
    """Two committees at work for the whole module: its tests write nothing."""
    return make_world()


class Received(NamedTuple):
    """A candidature that an open offer received, and one of the staff: what most modules begin from."""

    filed: Submission
    staff: User


@pytest.fixture(scope="module")
def made_once(module_db: None) -> Received:
    """Make them once; a test takes those below, which are its own."""
    return Received(make_filed(make_open_offer()), make_staff())


@pytest.fixture(scope="module")
def fresh_page(made_once: Received) -> Any:
    """Read the page of `filed` as `staff` does, nothing having happened yet: once, for those who look there first."""
    address = reverse("review:file", args=[made_once.filed.public_id])
    return client_of(made_once.staff).get(address)


@pytest.fixture
def received(made_once: Received) -> Received:
    """Copy them: each test may change them."""
    return deepcopy(made_once)


@pytest.fixture
def filed(received: Received) -> Submission:
    """A candidature to `offer`, which is open and whose grid has no line."""
    return received.filed


@pytest.fixture
def offer(filed: Submission) -> Offer:
    """The offer of `filed`."""
    return filed.offer


@pytest.fixture
def staff(received: Received) -> User:
    """One of the staff, who reads, decides, and has no stake."""
    return received.staff


@pytest.fixture(scope="module")
def two_listed_once(made_once: Received) -> list[Submission]:
    """Put two on the shortlist of `offer`, once; a test takes copies."""
    return [make_shortlisted(made_once.filed.offer) for _time in range(2)]


@pytest.fixture(scope="module")
def listed_once(module_db: None) -> list[Submission]:
    """Put four on the shortlist of an offer, once; a test takes `rows`, which are its own."""
    offer = make_open_offer()
    return [make_shortlisted(offer, last_name=name) for name in ("Zola", "Hugo", "Sand", "Roy")]


@pytest.fixture
def rows(listed_once: list[Submission]) -> list[Submission]:
    """Four candidatures on the shortlist of one offer."""
    return deepcopy(listed_once)
