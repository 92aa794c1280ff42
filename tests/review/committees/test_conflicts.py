"""A conflict of interest hides the file from its user; another user lifts the conflict."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.review.access.errors import (
    InConflictError,
    LiftReasonMissingError,
    NotOnCommitteeError,
    OwnConflictError,
)
from intake.review.access.visibility import visible_submissions
from intake.review.committees.operations import declare_conflict, lift_conflict
from intake.review.dashboard.figures import work_counts
from intake.review.exports.operations import export_shortlist
from intake.review.marks.queries import mean_of
from intake.review.models import Conflict
from intake.submissions.models import Submission
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_assessment, make_conflict, make_dossier, make_filed, make_reviewer

pytestmark = pytest.mark.django_db

AT = datetime(2027, 10, 4, 14, 32, tzinfo=UTC)


@pytest.fixture
def reviewer(filed: Submission) -> User:
    return make_reviewer(filed.offer)


@pytest.mark.parametrize("who", ["reviewer", "staff"])
def test_a_file_in_conflict_is_not_found_for_that_user(filed: Submission, reviewer: User, who: str) -> None:
    make_dossier(filed)
    person = reviewer if who == "reviewer" else make_staff()
    browser = client_of(person)
    pages = [
        reverse(name, args=arguments)
        for name, arguments in (
            ("review:file", [filed.public_id]),
            ("review:dossier", [filed.public_id]),
            ("review:conflict", [filed.public_id]),
            ("review:move", [filed.public_id, "start-review"]),
            ("admin:submissions_submission_change", [filed.pk]),
        )
    ]
    queue = reverse("admin:submissions_submission_changelist")
    assert filed.standing_filing is not None
    queries: tuple[dict[str, str], ...] = (
        {},
        {"q": filed.filed_name},
        {"q": filed.standing_filing.receipt.number},
    )

    def seen() -> list[bool]:
        found = [browser.get(page, follow=True).status_code != 404 for page in pages]
        return found + [pages[0] in browser.get(queue, query).content.decode() for query in queries]

    assert seen() == [True] * 8
    answer = browser.post(
        reverse("review:conflict", args=[filed.public_id]),
        {"reviewer": person.pk, "reason": " Ma nièce. ", "seen": 0},
    )
    assert answer.status_code == 302
    assert Conflict.objects.get().reason == "Ma nièce."
    assert not visible_submissions(person).exists()
    assert work_counts(person) == {
        "received": 0,
        "unmarked": 0,
        "shortlisted": 0,
        "reserved": 0,
        "matched": 0,
    }
    assert seen() == [False] * 8
    entry = Entry.objects.get(action="CONFLICT_DECLARED")
    assert (entry.actor, entry.detail) == (person, str(person.public_id))


def test_an_assessment_of_a_member_in_conflict_does_not_count(filed: Submission, reviewer: User) -> None:
    make_assessment(filed, reviewer, 1, "Avant le conflit.")
    make_assessment(filed, make_reviewer(filed.offer), 5)
    staff, page = client_of(make_staff()), reverse("review:file", args=[filed.public_id])
    assert "Avant le conflit." in staff.get(page).content.decode()
    make_conflict(filed, reviewer)
    assert mean_of(filed) == (Decimal(5), 1)
    assert "Avant le conflit." not in staff.get(page).content.decode()
    with pytest.raises(NotOnCommitteeError):
        make_assessment(filed, reviewer, 3)


def test_staff_declare_conflicts_of_members_and_reviewers_only_their_own(
    filed: Submission, reviewer: User
) -> None:
    colleague, staff = make_reviewer(filed.offer), make_staff()
    with pytest.raises(PermissionDenied):
        declare_conflict(submission=filed, reviewer=reviewer, actor=colleague)
    address = reverse("review:conflict", args=[filed.public_id])
    client_of(staff).post(address, {"reviewer": reviewer.pk, "seen": 0})
    conflict = Conflict.objects.get()
    assert (conflict.reviewer, conflict.declared_by) == (reviewer, staff)
    assert declare_conflict(submission=filed, reviewer=reviewer, actor=reviewer) == conflict
    with pytest.raises(PermissionDenied):  # nor learn of one that exists
        declare_conflict(submission=filed, reviewer=reviewer, actor=colleague)
    with pytest.raises(NotOnCommitteeError):
        declare_conflict(submission=filed, reviewer=make_reviewer(), actor=staff)


def test_another_user_lifts_a_conflict_with_a_reason(filed: Submission, reviewer: User) -> None:
    make_assessment(filed, reviewer, 4)
    conflict = make_conflict(filed, reviewer)
    with pytest.raises(PermissionDenied):
        lift_conflict(conflict=conflict, actor=reviewer, reason="Moi.", at=AT)
    staff = make_staff()
    with pytest.raises(LiftReasonMissingError):
        lift_conflict(conflict=conflict, actor=staff, reason="  ", at=AT)
    page = reverse("admin:review_conflict_change", args=[conflict.pk])
    browser = client_of(staff)
    assert "Inscrivez le motif" in browser.post(page, {"lift_reason": ""}).content.decode()
    assert browser.post(page, {"lift_reason": "Un homonyme."}).status_code == 302
    conflict.refresh_from_db()
    assert (conflict.lifted_by, conflict.lift_reason) == (staff, "Un homonyme.")
    assert visible_submissions(reviewer).get() == filed
    assert mean_of(filed) == (Decimal(4), 1)
    assert Entry.objects.filter(action="CONFLICT_LIFTED", actor=staff).count() == 1


def test_a_page_older_than_a_change_of_conflicts_declares_none(filed: Submission, reviewer: User) -> None:
    lift_conflict(conflict=make_conflict(filed, reviewer), actor=make_staff(), reason="Homonyme.", at=AT)
    make_conflict(filed, make_reviewer(filed.offer))
    address, browser = reverse("review:conflict", args=[filed.public_id]), client_of(reviewer)
    answer = browser.post(address, {"reason": "Ma nièce.", "seen": 0})
    assert answer.status_code == 422
    assert "pendant votre lecture" in answer.content.decode()
    form = answer.context["form"]
    assert form["reason"].value() == "Ma nièce."
    assert Conflict.objects.filter(lifted_at=None, reviewer=reviewer).count() == 0
    assert browser.post(address, {"reason": "Ma nièce.", "seen": form["seen"].value()}).status_code == 302
    assert Conflict.objects.filter(lifted_at=None, reviewer=reviewer).count() == 1


def test_a_user_can_neither_lift_nor_list_their_own_conflict(filed: Submission) -> None:
    staff = make_staff()
    own = make_conflict(filed, staff)
    with pytest.raises(OwnConflictError):
        lift_conflict(conflict=own, actor=staff, reason="Moi.", at=AT)
    browser = client_of(staff)
    shown = browser.get(reverse("admin:review_conflict_changelist")).content.decode()
    assert filed.filed_name not in shown
    assert filed.standing_filing is not None
    number = filed.standing_filing.receipt.number
    for words in (number, filed.filed_name, staff.email, staff.display_name):
        other = client_of(make_staff()).get(reverse("admin:review_conflict_changelist"), {"q": words})
        assert filed.filed_name in other.content.decode(), words
    page = browser.post(reverse("admin:review_conflict_change", args=[own.pk]), {"lift_reason": "Moi."})
    assert (page.status_code, page.headers["Location"]) == (302, "/admin/"), "as if there were none"
    assert Conflict.objects.get().lifted_at is None


def test_only_a_conflict_in_force_warns_who_may_not_lift_it(filed: Submission, reviewer: User) -> None:
    staff = make_staff()
    make_conflict(make_filed(filed.offer), staff)
    conflict = make_conflict(filed, reviewer)
    page = reverse("admin:review_conflict_change", args=[conflict.pk])
    for warns in (True, False):
        assert (str(InConflictError()) in client_of(staff).get(page).content.decode()) is warns
        if warns:
            lift_conflict(conflict=conflict, actor=make_staff(), reason="Un homonyme.", at=AT)


def test_only_an_impartial_user_exports_the_shortlist(filed: Submission) -> None:
    staff = make_staff()
    make_conflict(filed, staff)
    with pytest.raises(InConflictError):
        export_shortlist(offer=filed.offer, file_format="csv", to=BytesIO(), actor=staff, reason="Envoi")
    other = make_staff()
    export_shortlist(offer=filed.offer, file_format="csv", to=BytesIO(), actor=other, reason="Envoi")
    assert Entry.objects.get(action="SHORTLIST_EXPORTED").actor == other
