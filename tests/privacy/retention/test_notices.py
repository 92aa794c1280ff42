"""The notice before an erasure, and the jobs that post it and purge sessions."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from intake.accounts.models import User
from intake.outbox import kinds
from intake.outbox.models import Delivery
from intake.privacy.retention.notices import (
    compose_notice,
    is_notice_obsolete,
    post_notices,
)
from intake.privacy.retention.operations import lift_legal_hold
from intake.privacy.retention.queries import erasure_day, soon_due_submissions
from intake.submissions.models import Submission
from tests.database_roles import as_owner, without_triggers
from tests.factories.people import client_of, make_user
from tests.factories.retention import make_hold
from tests.factories.review import make_filed
from tests.factories.submissions import make_filing, make_open_offer
from tests.submissions.filed_pages import amend, file_again, submission_of

pytestmark = pytest.mark.django_db
KIND = "ERASURE_NOTICE_MAIL"


@pytest.fixture
def soon() -> Submission:
    """An amended file whose period ends in 20 days: its stage ended years ago."""
    filed = submission_of(file_again(amend(make_filing(offer=make_open_offer()))))
    with without_triggers("offers_offer", "submissions_transition") as cursor:
        cursor.execute(
            "UPDATE offers_offer SET starts_on = '2001-01-01', opens_at = opens_at - interval '40 months',"
            " closes_at = now() - interval '36 months' + interval '20 days',"
            " ends_on = (now() - interval '36 months' + interval '20 days')::date WHERE id = %s",
            [filed.offer_id],
        )
        cursor.execute("UPDATE submissions_transition SET at = at - interval '36 months'")
    return Submission.objects.get(pk=filed.pk)


def test_a_notice_is_posted_once_within_its_days(soon: Submission) -> None:
    at = timezone.now()
    make_filed(make_open_offer())
    assert post_notices(at=at) == 1
    assert post_notices(at=at) == 0
    delivery = Delivery.objects.get(kind=KIND)
    letter = compose_notice(delivery, at)
    day = erasure_day(soon)
    assert day is not None
    assert str(day.year) in letter.text
    assert letter.to == soon.candidate.email
    left = (day - timezone.localdate()).days
    assert [soon_due_submissions(days=days) for days in (left, left - 1)] == [{soon.pk: day}, {}]


def test_no_notice_is_posted_for_a_held_file(soon: Submission) -> None:
    at = timezone.now()
    post_notices(at=at)
    delivery = Delivery.objects.get(kind=KIND)
    assert not is_notice_obsolete(delivery, at)
    moved = Delivery(kind=KIND, key="x/2031-01-01", subject_id=delivery.subject_id)
    assert is_notice_obsolete(moved, at)
    User.objects.update(is_active=False)
    assert is_notice_obsolete(delivery, at)
    with as_owner():
        User.objects.update(is_active=True)
    hold = make_hold(soon)
    assert is_notice_obsolete(delivery, at)
    Delivery.objects.all().delete()
    assert post_notices(at=at) == 0
    lift_legal_hold(hold=hold, reason="Fin.", actor=hold.put_by)
    assert post_notices(at=at) == 1


def test_the_daily_job_posts_the_notices(soon: Submission) -> None:
    kinds.get("ANONYMISE").handler(Delivery(kind="ANONYMISE", key="x"), timezone.now())
    assert Delivery.objects.filter(kind=KIND).count() == 1
    assert Submission.objects.get(pk=soon.pk).filed_name


def test_the_job_deletes_expired_sessions_alone() -> None:
    client_of(make_user())
    client_of(make_user())
    expired = Session.objects.all()[0]
    Session.objects.filter(pk=expired.pk).update(expire_date=timezone.now() - timedelta(seconds=1))
    kinds.get("SESSIONS_PURGE").handler(Delivery(kind="SESSIONS_PURGE", key="x"), timezone.now())
    assert Session.objects.count() == 1
    assert not Session.objects.filter(pk=expired.pk).exists()
