"""Statements whose plan is kept read few arrivals in a rush, also if they were planned while few had arrived."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from intake.submissions.access.queries import own_submission
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.filing.arrivals import file_arrival, many_wait
from intake.submissions.filing.line import FEW
from intake.submissions.lifecycle.locks import read_submission
from intake.submissions.models import Draft
from intake.web.prepared import fetch_one
from tests.database_roles import as_owner
from tests.factories.submissions import make_arrival, make_draft, make_open_offer

pytestmark = pytest.mark.django_db

_PLANNED = 6  # times that PostgreSQL plans a statement for its values, before it keeps a plan for any
_READ = (
    "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'submissions_arrival'"
)


def _rows_read() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        (read,) = cursor.fetchone()
    return int(read)


def _of_the_page(draft: Draft) -> None:
    assert own_submission(draft.submission.candidate, draft.submission.public_id)


def _in_a_rush(draft: Draft) -> None:
    with connection.cursor() as cursor:
        given = [draft.submission.public_id, None, COLLECTION.key, COLLECTION.version]
        cursor.execute("SELECT * FROM applicant_in_a_rush(%s, %s, %s, %s)", given)
        assert cursor.fetchone()


def _are_many(_draft: Draft) -> None:
    many_wait(timezone.now())


def _first_in_line(_draft: Draft) -> None:
    fetch_one("SELECT next_arrival_in_line(%s)", [[]])


@pytest.mark.parametrize(
    "read, most",
    [
        (_in_a_rush, 1),
        (_are_many, FEW),
        *(
            pytest.param(read, 1, marks=pytest.mark.full)
            for read in (_of_the_page, read_submission, _first_in_line)
        ),
    ],
)
def test_a_statement_reads_no_more_arrivals_than_it_needs(read: Callable[[Draft], object], most: int) -> None:
    offer = make_open_offer()
    drafts = [make_draft(offer=offer) for _ in range(3 * FEW)]
    for draft in drafts[:FEW]:
        file_arrival(arrival=make_arrival(draft), actor=draft.submission.candidate)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE submissions_arrival")
    asked = drafts[2 * FEW]  # neither the first one in line nor the last
    for _time in range(_PLANNED):
        read(asked)
    for draft in drafts[FEW:]:
        make_arrival(draft)
    before = _rows_read()
    read(asked)
    assert _rows_read() - before <= most
