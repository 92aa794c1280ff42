"""The reviewer's dashboard, exactly: which files come first, their due days, and the lists they link to."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.journal.models import LIST_SHOWN, Entry
from intake.review.assignment.operations import assign_files
from intake.review.dashboard import reviewer
from intake.review.dashboard.reviewer import DueDay, NextFile, due_text, reviewer_dashboard
from intake.review.models import Assignment
from intake.submissions.models import Submission
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_assessment, make_filed, make_reviewer
from tests.factories.submissions import make_open_offer

TODAY = timezone.localdate()
QUEUE = "/admin/submissions/submission/"


@pytest.mark.parametrize(
    "days, words",
    [
        (-1_000, "en retard de 1 000 jours"),
        (-2, "en retard de 2 jours"),
        (-1, "en retard de 1 jour"),
        (0, "échéance aujourd’hui"),
        (1, "échéance demain"),
        (2, "échéance : 3 mars 2031"),
    ],
)
def test_a_due_day_is_described_relative_to_a_given_day(days: int, words: str) -> None:
    on = date(2031, 3, 1)
    assert due_text(on + timedelta(days=days), on).replace("\u00a0", " ") == words


def give(submission: Submission, user: User, staff: User, days: int | None) -> None:
    assign_files(
        offer=submission.offer,
        pairs=[(submission.pk, user.pk)],
        way=Assignment.Way.HAND,
        due_on=None,
        actor=staff,
        at=timezone.now(),
    )
    if days is not None:
        Assignment.objects.filter(submission=submission, reviewer=user).update(
            due_on=TODAY + timedelta(days=days)
        )


def next_file(submission: Submission, due: str = "", *, is_late: bool = False) -> NextFile:
    assert submission.standing_filing is not None
    return NextFile(
        submission=submission,
        number=submission.standing_filing.receipt.number,
        name=submission.filed_name,
        offer=str(submission.offer),
        url=f"/admin/candidatures/{submission.public_id}/",
        due=due,
        is_late=is_late,
        is_anchor=False,
    )


@pytest.mark.django_db
def test_a_reviewer_gets_due_files_first_then_files_without_due_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer = make_open_offer()
    old, new, today, late, done = (make_filed(offer) for _each in range(5))
    ann, staff = make_reviewer(offer), make_staff()
    for submission, days in ((old, None), (new, None), (today, 0), (late, -2), (done, -9)):
        give(submission, ann, staff, days)
    give(late, make_reviewer(offer), staff, -30)  # another member's due day does not count
    make_assessment(done, ann, 4)
    make_assessment(new, ann, None)
    make_assessment(today, ann, None)
    with CaptureQueriesContext(connection) as queries:
        found = reviewer_dashboard(user=ann, on=TODAY)
    assert found is not None
    due_late, due_today = "en retard de 2\u00a0jours", "échéance aujourd’hui"
    assert found.files == (
        next_file(late, due_late, is_late=True),
        next_file(today, due_today),
        next_file(old),
        next_file(new),
    )
    assert (found.left, found.more, found.left_url) == ("4", 0, f"{QUEUE}?a-moi=a-noter")
    assert found.due_days == (
        DueDay(due_late, 1, f"{QUEUE}?a-moi=a-noter&rendre={TODAY - timedelta(days=2)}", is_late=True),
        DueDay(due_today, 1, f"{QUEUE}?a-moi=a-noter&rendre={TODAY}", is_late=False),
    )
    assert (found.progress.key, found.progress.words, found.progress.length) == (
        "avancement-moi",
        "1\u00a0candidature notée sur 5",
        72.0,
    )
    assert found.marked_url == f"{QUEUE}?a-moi=notees"
    assert found.drafts == (next_file(today, due_today), next_file(new))
    assert (found.drafts_words, found.drafts_url) == (
        "2\u00a0brouillons à remettre",
        f"{QUEUE}?a-moi=brouillons",
    )
    assert len(queries) < 25, "each file's offer and receipt are read with it"
    monkeypatch.setattr(reviewer, "LISTED", 1)
    cut = reviewer_dashboard(user=ann, on=TODAY)
    assert cut is not None
    assert (cut.files, cut.more, len(cut.due_days), cut.left) == (found.files[:1], 3, 1, "4")


@pytest.mark.django_db
def test_a_reviewer_without_membership_has_no_dashboard() -> None:
    assert reviewer_dashboard(user=make_reviewer(), on=TODAY) is None
    found = reviewer_dashboard(user=make_reviewer(make_open_offer()), on=TODAY)
    assert found is not None
    assert (found.left, found.files, found.more, found.due_days) == ("0", (), 0, ())
    assert (found.drafts, found.drafts_words, found.progress.words) == ((), "", "0 candidature notée sur 0")


@pytest.mark.django_db
def test_the_journal_names_the_files_and_drafts_that_the_dashboard_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reviewer, "LISTED", 1)
    offer = make_open_offer()
    due, begun, ann = make_filed(offer), make_filed(offer), make_reviewer(offer)
    for submission, days in ((due, 0), (begun, None)):
        give(submission, ann, make_staff(), days)
    make_assessment(begun, ann, None)
    client_of(ann).get(reverse("admin:index"))
    _page, *shown = Entry.objects.get(action=LIST_SHOWN).detail.split(" ")
    assert set(shown) == {str(due.public_id), str(begun.public_id)}
