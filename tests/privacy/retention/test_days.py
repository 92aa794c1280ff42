"""The schedule counts days of Québec: in the evening, its day is the one before that of UTC."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from intake.accounts.models import User
from intake.privacy.retention.erasing import erase_submission
from intake.privacy.retention.queries import (
    due_accounts,
    due_submissions,
    erasure_day,
    read_retention,
    soon_due_submissions,
)
from intake.submissions.extensions.operations import extend_personal_deadline
from intake.submissions.models import Submission
from intake.web.formats import QUEBEC
from offers.services.creating import closing_instant
from tests.database_roles import as_owner
from tests.factories.people import make_staff, make_user
from tests.factories.retention import database_clock
from tests.factories.review import make_filed
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db
_DAY = timedelta(days=1)


def _evening(day: date) -> datetime:
    return datetime.combine(day, time(22), tzinfo=QUEBEC)


@pytest.fixture
def filed() -> Submission:
    """A withdrawn file: no stage keeps it longer. Its offer closes in the evening."""
    on = timezone.localdate() + 30 * _DAY
    closes_at = closing_instant(closes_on=on, zone=QUEBEC, like=time(22))
    filed = make_filed(make_open_offer(closes_on=on, closes_at=closes_at))
    Submission.objects.filter(pk=filed.pk).update(state="WITHDRAWN")
    return filed


def _move(filed: Submission, *, at: datetime) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE submissions_transition DISABLE TRIGGER USER")
        cursor.execute("UPDATE submissions_transition SET at = %s WHERE submission_id = %s", [at, filed.pk])
        cursor.execute("ALTER TABLE submissions_transition ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_period_begins_on_the_day_of_quebec_that_met_its_purpose(filed: Submission) -> None:
    offer = filed.offer
    assert read_retention(filed).since == offer.closes_on
    for days, candidate in ((2, filed.candidate), (4, make_user())):
        extend_personal_deadline(
            offer=offer,
            candidate=candidate,
            author=make_staff(),
            reason="Panne.",
            closes_on=offer.closes_on + days * _DAY,
            at=timezone.now(),
        )
    assert read_retention(filed).since == offer.closes_on + 2 * _DAY, "not by another person's extension"
    _move(filed, at=_evening(offer.closes_on + 3 * _DAY))
    assert read_retention(filed).since == offer.closes_on + 3 * _DAY


def test_a_file_is_due_once_its_day_begins_in_quebec(filed: Submission) -> None:
    day = erasure_day(filed)
    assert day is not None
    with database_clock(_evening(day - _DAY)):
        assert due_submissions() == []
        assert soon_due_submissions(days=1) == {filed.pk: day}
        with pytest.raises(IntegrityError, match="is kept until"), transaction.atomic():
            erase_submission(submission=filed)
    with database_clock(datetime.combine(day, time(0), tzinfo=QUEBEC)):
        assert due_submissions() == [(filed.pk, False)]
        assert soon_due_submissions(days=1) == {}


def test_an_account_is_due_once_its_day_begins_in_quebec() -> None:
    used = date(timezone.localdate().year + 1, 3, 1)
    day = used.replace(year=used.year + 2)
    user = make_user()
    User.objects.filter(pk=user.pk).update(date_joined=_evening(used), last_login=None)
    with database_clock(_evening(day - _DAY)):
        assert due_accounts() == []
    with database_clock(datetime.combine(day, time(0), tzinfo=QUEBEC)):
        assert due_accounts() == [user.pk]
