"""Files with and without a complement request."""

from copy import deepcopy

import pytest
from django.test import Client

from intake.submissions.models import Submission
from tests.factories.complements import make_filed_and_closed, request_complement_for
from tests.factories.people import client_of


@pytest.fixture(scope="module")
def kept_filed(module_db: None) -> Submission:
    """Made once for the module; tests use the copy `filed`."""
    return make_filed_and_closed()


@pytest.fixture
def filed(kept_filed: Submission) -> Submission:
    """A submission to an offer that closed an hour ago."""
    return deepcopy(kept_filed)


@pytest.fixture(scope="module")
def kept_incomplete(module_db: None) -> Submission:
    """Made once for the module; tests use the copy `incomplete`."""
    submission = make_filed_and_closed()
    request_complement_for(submission, sections=["etudes"])
    return submission


@pytest.fixture
def incomplete(kept_incomplete: Submission) -> Submission:
    """A file with a complement request for the curriculum vitæ and the studies; its offer closed an hour ago."""
    return deepcopy(kept_incomplete)


@pytest.fixture
def browser(incomplete: Submission) -> Client:
    """The candidate's browser."""
    return client_of(incomplete.candidate)
