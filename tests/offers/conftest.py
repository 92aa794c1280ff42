"""Offers and a staff member that a test module makes once."""

from copy import deepcopy

import pytest
from django.test import Client

from intake.accounts.models import User
from offers.models import Offer
from tests.factories.offers import make_draft, make_offer
from tests.factories.people import client_of, make_staff
from tests.factories.submissions import make_open_offer


@pytest.fixture(scope="module")
def kept_staff(module_db: None) -> User:
    return make_staff()


@pytest.fixture
def staff(kept_staff: User) -> User:
    """A staff member."""
    return deepcopy(kept_staff)


@pytest.fixture
def desk(staff: User) -> Client:
    """The staff member's browser."""
    return client_of(staff)


@pytest.fixture(scope="module")
def _kept_draft(module_db: None) -> Offer:
    return make_draft()


@pytest.fixture(scope="module")
def _kept_open(module_db: None) -> Offer:
    return make_open_offer()


@pytest.fixture(scope="module")
def _kept_published(module_db: None) -> Offer:
    return make_offer()


@pytest.fixture
def draft_offer(_kept_draft: Offer) -> Offer:
    """A draft offer."""
    return deepcopy(_kept_draft)


@pytest.fixture
def open_offer(_kept_open: Offer) -> Offer:
    """An offer that is open by the database's clock."""
    return deepcopy(_kept_open)


@pytest.fixture
def published_offer(_kept_published: Offer) -> Offer:
    """An offer that was published for the days of these tests."""
    return deepcopy(_kept_published)
