"""Two sizes of a list are compared with the same number of rows; filters and counts are of the complete list."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.benchmarks.rows_shown import HEADERS, at_most, rows_in
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed, make_shortlisted
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", ["queue", "shortlist"])
def test_a_shortened_list_renders_fewer_rows_with_the_same_queries(page: str) -> None:
    offer, client = make_open_offer(), client_of(make_staff())
    for _each in range(3):
        make_shortlisted(offer) if page == "shortlist" else make_filed(offer)
    address = {
        "queue": reverse("admin:submissions_submission_changelist"),
        "shortlist": reverse("review:freeze_shortlist", args=[offer.number]),
    }[page]
    client.get(address)
    with CaptureQueriesContext(connection) as whole:
        assert rows_in(client.get(address).content) == HEADERS + 3
    with at_most(2), CaptureQueriesContext(connection) as shortened:
        answer = client.get(address)
    assert rows_in(answer.content) == HEADERS + 2
    assert "3 candidatures" in answer.content.decode().replace("\u00a0", " ")
    assert len(shortened) == len(whole)
    assert rows_in(client.get(address).content) == HEADERS + 3
