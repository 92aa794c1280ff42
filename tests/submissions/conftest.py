"""A draft and a receipt that a test module makes once and copies for each test."""

from copy import deepcopy

import pytest

from intake.accounts.models import User
from intake.submissions.models import Draft, Receipt
from offers.models import Offer
from tests.factories.people import make_staff
from tests.factories.submissions import make_draft, make_filing, make_open_offer


@pytest.fixture(scope="module")
def kept_draft(module_db: None) -> Draft:
    """Made once for the module; tests use the copy `draft`."""
    return make_draft()


@pytest.fixture
def draft(kept_draft: Draft) -> Draft:
    """A complete draft for an open offer."""
    return deepcopy(kept_draft)


@pytest.fixture(scope="module")
def kept_receipt(module_db: None) -> Receipt:
    """Made once for the module; tests use the copy `receipt`."""
    return make_filing()


@pytest.fixture
def receipt(kept_receipt: Receipt) -> Receipt:
    """The receipt of a filing to an open offer."""
    return deepcopy(kept_receipt)


@pytest.fixture(scope="module")
def kept_offer(module_db: None) -> Offer:
    """Made once for the module; tests use the copy `offer`."""
    return make_open_offer()


@pytest.fixture
def offer(kept_offer: Offer) -> Offer:
    """An open offer."""
    return deepcopy(kept_offer)


@pytest.fixture(scope="module")
def kept_author(module_db: None) -> User:
    """Made once for the module; tests use the copy `author`."""
    return make_staff()


@pytest.fixture
def author(kept_author: User) -> User:
    """A user who may change offers."""
    return deepcopy(kept_author)
