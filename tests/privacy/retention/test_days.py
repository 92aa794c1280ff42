"""The schedule counts days of Québec: in the evening, its day is the one before that of UTC."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
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
from intake.submissions.models import Submission
from intake.submissions.states import State
from intake.web.formats import QUEBEC
from offers.services.creating import closing_instant
from tests.database_roles import write_despite_rules
from tests.factories.people import make_user
from tests.factories.retention import database_clock
from tests.factories.review import make_filed
from tests.factories.submissions import make_extension, make_open_offer

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
    write_despite_rules(filed.transitions.all(), at=at)


def test_a_period_begins_on_the_day_of_quebec_that_met_its_purpose(filed: Submission) -> None:
    offer = filed.offer
    assert read_retention(filed).since == offer.closes_on
    for days, candidate in ((2, filed.candidate), (4, make_user())):
        make_extension(offer, candidate, days=days)
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


@pytest.mark.parametrize(
    "state, outcome, lasts",
    [
        (State.SUBMITTED, "NOT_SELECTED", True),
        (State.SHORTLISTED, "NOT_SELECTED", True),
        (State.RESERVE, "NOT_SELECTED", True),
        (State.SELECTED, "SELECTED", True),
        (State.PLACED, "SELECTED", True),
        (State.COMPLETED, "PARTICIPANT", True),
        (State.DECLINED, "NOT_SELECTED", False),
        (State.INADMISSIBLE, "INELIGIBLE", False),
        (State.WITHDRAWN, "WITHDRAWN", False),
    ],
)
def test_a_period_begins_after_the_stage_unless_a_decision_ended_the_file(
    filed: Submission, state: State, outcome: str, *, lasts: bool
) -> None:
    write_despite_rules(Submission.objects.filter(pk=filed.pk), state=state)
    kept = read_retention(filed)
    assert (kept.outcome, kept.since) == (outcome, filed.offer.ends_on if lasts else filed.offer.closes_on)


@pytest.mark.parametrize("opened", [timedelta(0), 900 * _DAY])
def test_an_account_is_due_once_its_day_begins_in_quebec(opened: timedelta) -> None:
    used = date(timezone.localdate().year + 1, 3, 1)
    day = used.replace(year=used.year + 2)
    user = make_user()
    last_login = _evening(used) if opened else None
    User.objects.filter(pk=user.pk).update(date_joined=_evening(used) - opened, last_login=last_login)
    with database_clock(_evening(day - _DAY)):
        assert due_accounts() == []
    with database_clock(datetime.combine(day, time(0), tzinfo=QUEBEC)):
        assert due_accounts() == [user.pk]
