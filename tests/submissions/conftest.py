"""What a module of tests makes once, and copies for each of them: a draft, and the receipt of a filing."""

from copy import deepcopy

import pytest

from intake.submissions.models import Draft, Receipt
from tests.factories.submissions import make_draft, make_filing


@pytest.fixture(scope="module")
def kept_draft(module_db: None) -> Draft:
    """Make one for the module; a test takes `draft`, which is its own."""
    return make_draft()


@pytest.fixture
def draft(kept_draft: Draft) -> Draft:
    """A draft that may be filed as it is, to an offer that is open."""
    return deepcopy(kept_draft)


@pytest.fixture(scope="module")
def kept_receipt(module_db: None) -> Receipt:
    """File one for the module; a test takes `receipt`, which is its own."""
    return make_filing()


@pytest.fixture
def receipt(kept_receipt: Receipt) -> Receipt:
    """The receipt of a filing, to an offer that is open."""
    return deepcopy(kept_receipt)
