"""A draft and a receipt that a test module makes once and copies for each test."""

from copy import deepcopy

import pytest

from intake.submissions.models import Draft, Receipt
from tests.factories.submissions import make_draft, make_filing


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
