"""Who may read which submission: every query starts at one selector."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.review.access.visibility import visible_submissions
from intake.review.models import CommitteeMember
from intake.submissions.models import Submission
from tests.factories.people import client_of, give_role, make_administrator, make_staff, make_user
from tests.factories.review import make_dossier, make_filed, make_reviewer
from tests.factories.submissions import make_draft, make_open_offer

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(module_db: None) -> tuple[Submission, Submission]:
    """Two files, each of its own offer; there is no other offer."""
    return make_filed(make_open_offer()), make_filed(make_open_offer(), last_name="Autre")


@pytest.fixture
def filed(kept: tuple[Submission, Submission]) -> Submission:
    return kept[0]


@pytest.fixture
def other(kept: tuple[Submission, Submission]) -> Submission:
    return kept[1]


def seen_by(user: User) -> set[int]:
    return set(visible_submissions(user).values_list("pk", flat=True))


def test_a_reviewer_reads_only_filed_submissions_of_their_committees(
    filed: Submission, other: Submission
) -> None:
    make_draft(offer=filed.offer)
    assert seen_by(make_reviewer(filed.offer)) == {filed.pk}
    assert seen_by(make_reviewer(other.offer)) == {other.pk}
    assert seen_by(make_reviewer(filed.offer, other.offer)) == {filed.pk, other.pk}
    assert seen_by(make_reviewer()) == set()


def test_staff_and_administrators_read_every_filed_submission_and_no_draft(
    filed: Submission, other: Submission
) -> None:
    make_draft(offer=filed.offer)
    for user in (make_staff(), make_administrator()):
        assert seen_by(user) == {filed.pk, other.pk}


def test_candidates_other_users_and_closed_accounts_read_no_submission(filed: Submission) -> None:
    gone = make_reviewer(filed.offer)
    gone.is_active = False
    gone.save()
    for user in (filed.candidate, make_user(), make_user(is_staff=True), gone):
        assert seen_by(user) == set()
    assert not visible_submissions(AnonymousUser()).exists()


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.STAFF])
def test_a_user_who_applied_reads_no_submission_of_the_offer_as_staff(role: Role) -> None:
    offer = make_open_offer()
    candidate = make_user()
    give_role(user=candidate, role=role)
    candidate = User.objects.get(pk=candidate.pk)
    CommitteeMember.objects.create(offer=offer, reviewer=candidate)
    own = make_filed(offer, candidate=candidate)
    make_filed(offer)
    others = set(Submission.objects.exclude(offer=offer).values_list("pk", flat=True))
    # A member who later applied: the membership no longer gives access to the others' files.
    assert seen_by(candidate) == (set() if role == Role.REVIEWER else others)
    assert client_of(candidate).get(reverse("review:file", args=[own.public_id])).status_code == 404


def addresses(submission: Submission) -> list[str]:
    return [
        reverse("review:file", args=[submission.public_id]),
        reverse("review:dossier", args=[submission.public_id]),
        reverse("review:move", args=[submission.public_id, "start-review"]),
        reverse("admin:submissions_submission_change", args=[submission.pk]),
    ]


def _but_for_the_address(answer: Any, address: str) -> str:
    """Return the page without its own address and the parts that differ per response."""
    text = str(answer.content.decode())
    for written in (address, quote(address, safe="")):
        text = text.replace(written, "ADDRESS")
    return re.sub(r'(nonce="|name="csrfmiddlewaretoken" value="|class="reference">)[^"<]+', r"\1", text)


def test_a_link_to_a_file_ends_with_the_right_to_read_it(filed: Submission) -> None:
    make_dossier(filed)
    reviewer = make_reviewer(filed.offer)
    client, page = client_of(reviewer), reverse("review:dossier", args=[filed.public_id])
    answer = client.get(page)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"], "no copy answers later"
    assert b"".join(answer).startswith(b"%PDF")
    CommitteeMember.objects.filter(reviewer=reviewer).delete()
    assert client.get(page).status_code == 404


def test_a_submission_of_another_committee_is_answered_like_a_missing_one(
    filed: Submission, other: Submission
) -> None:
    make_dossier(filed)
    stranger = client_of(make_reviewer(other.offer))
    absent = Submission(pk=10**9, offer=filed.offer)
    for theirs, nothing in zip(addresses(filed), addresses(absent), strict=True):
        found, missing = stranger.get(theirs), stranger.get(nothing)
        assert (found.status_code, missing.status_code) == (404, 404)
        assert _but_for_the_address(found, theirs) == _but_for_the_address(missing, nothing)


def test_anonymous_visitors_and_candidates_are_sent_to_sign_in(filed: Submission) -> None:
    for address in addresses(filed):
        for client in (Client(), client_of(filed.candidate)):
            answer = client.get(address)
            assert (answer.status_code, answer.headers["Location"]) == (302, f"/admin/login/?next={address}")


def test_a_search_finds_no_submission_of_another_committee(filed: Submission, other: Submission) -> None:
    queue = reverse("admin:submissions_submission_changelist")
    stranger = client_of(make_reviewer(other.offer))
    member = client_of(make_reviewer(filed.offer))
    assert filed.standing_filing is not None
    for words in (filed.standing_filing.receipt.number, "Tremblay", filed.candidate.email):
        assert filed.filed_name in member.get(queue, {"q": words}).content.decode()
        assert filed.filed_name not in stranger.get(queue, {"q": words}).content.decode()
