"""A page of accounts reads the submissions of its rows, not all submissions."""

import pytest
from django.db import connection

from intake.accounts.models import User
from intake.accounts.selectors import visible_accounts
from intake.submissions.models import Submission
from tests.database_roles import as_owner
from tests.factories.people import make_staff
from tests.factories.submissions import make_filing, make_open_offer

_FILED, _OTHERS = 2, 1_000
_READ = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'submissions_submission'"


@pytest.mark.django_db
def test_a_page_of_accounts_reads_the_submissions_of_its_rows() -> None:
    offer = make_open_offer()
    for _ in range(_FILED):
        make_filing(offer=offer)
    people = User.objects.bulk_create(User(email=f"{n}@exemple.test") for n in range(_OTHERS))
    Submission.objects.bulk_create(Submission(offer=offer, candidate=person) for person in people)
    candidates = visible_accounts(make_staff()).exclude(is_staff=True).order_by("pk")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE submissions_submission, accounts_user")
    before = _rows_read()
    assert len(candidates[:_FILED]) == _FILED
    assert _rows_read() - before <= _FILED


def _rows_read() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        (read,) = cursor.fetchone()
    return int(read)
