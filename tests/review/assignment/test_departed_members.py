"""Files assigned to a departed member: staff are notified, find them, and divide them again."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import NamedTuple

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.services import set_roles
from intake.journal.models import Entry
from intake.review.assignment.operations import assign_files
from intake.review.committees.operations import remove_committee_member
from intake.review.dashboard.figures import work_counts
from intake.review.models import Assignment, CommitteeMember
from intake.submissions.after_filing.operations import start_amendment, withdraw_submission
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Submission
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_assessment, make_conflict, make_filed, make_reviewer
from tests.factories.submissions import ALL_DECLARATIONS, make_draft, make_open_offer
from tests.review.reading import assigned_pairs
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db

QUEUE = "admin:submissions_submission_changelist"


@pytest.fixture(autouse=True)
def nothing_is_kept() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


class CaseData(NamedTuple):
    """An offer, its committee and its files. Nothing is assigned yet."""

    offer: Offer
    gone: User
    """The member who leaves."""
    present: list[User]
    files: list[Submission]


@pytest.fixture(scope="module")
def made(module_db: None) -> tuple[CaseData, CaseData]:
    """One offer with three members and three files, another with two members and one file."""
    worlds = []
    for others, count in ((2, 3), (1, 1)):
        offer = make_open_offer()
        gone, *present = (make_reviewer(offer) for _member in range(1 + others))
        worlds.append(CaseData(offer, gone, present, [make_filed(offer) for _file in range(count)]))
    large, small = worlds
    return large, small


@pytest.fixture
def large(made: tuple[CaseData, CaseData]) -> CaseData:
    return deepcopy(made[0])


@pytest.fixture
def small(made: tuple[CaseData, CaseData]) -> CaseData:
    return deepcopy(made[1])


def unseat(member: User, offer: Offer) -> None:
    seat = CommitteeMember.objects.get(reviewer=member, offer=offer)
    remove_committee_member(member=seat, actor=make_staff())


def lose_the_role(member: User, _offer: Offer) -> None:
    with as_owner():
        set_roles(user=member, roles=set())


def close(member: User, _offer: Offer) -> None:
    User.objects.filter(pk=member.pk).update(is_active=False)


def apply_there(member: User, offer: Offer) -> None:
    make_draft(offer=offer, candidate=member)


LEAVING = pytest.mark.parametrize(
    "leave",
    [unseat, *(pytest.param(way, marks=pytest.mark.full) for way in (lose_the_role, close, apply_there))],
)


def give(member: User, *files: Submission) -> None:
    assign_files(
        offer=files[0].offer,
        pairs=[(file.pk, member.pk) for file in files],
        way=Assignment.Way.HAND,
        due_on=None,
        actor=make_staff(),
        at=timezone.now(),
    )


def admin_client_of(user: User) -> str:
    return text_of(client_of(user).get(reverse("admin:index")).content)


def listed(user: User, offer: Offer, **narrowed: str) -> list[int]:
    asked = {"offre": offer.number or "", **narrowed}
    answer = client_of(user).get(reverse(QUEUE), asked)
    assert answer.status_code == 200
    return sorted(row.pk for row in answer.context["cl"].result_list)


def even_page(offer: Offer) -> str:
    return reverse("review:assign_evenly", args=[offer.number])


def test_present_members_raise_no_alert(large: CaseData) -> None:
    offer, gone, (present, _other), (first, second, third) = large
    give(gone, first, second)
    give(present, second, third)
    staff = make_staff()
    assert "n’évalue plus" not in admin_client_of(staff)
    assert listed(staff, offer, attribution="aucune") == []


@LEAVING
def test_a_departed_member_is_named_with_the_number_of_their_files(
    large: CaseData, leave: Callable[[User, Offer], None]
) -> None:
    offer, gone, (present, _other), (lost, shared, kept) = large
    give(gone, lost, shared)
    give(present, shared, kept)
    staff = make_staff()
    leave(gone, offer)
    client = client_of(staff)
    desk = client.get(reverse("admin:index"))
    said = f"2 dossiers attribués à {gone}, qui n’évalue plus pour l’offre {offer.number}"
    assert said in text_of(desk.content)
    assert f'href="{even_page(offer)}"' in desk.content.decode()
    assert "1 dossier n’est attribué à personne" in text_of(desk.content)
    assert listed(staff, offer, lecture=f"{gone.pk}-ancien") == [lost.pk, shared.pk]
    assert listed(staff, offer, attribution="aucune") == [lost.pk]
    page = client.get(reverse("review:assignments", args=[offer.number]), {"voir": "sans-lecture"})
    assert [row.submission.pk for row in page.context["rows"]] == [lost.pk]
    assert page.context["unread"] == "1"


@LEAVING
def test_one_action_divides_the_files_of_a_departed_member(
    large: CaseData, leave: Callable[[User, Offer], None]
) -> None:
    offer, gone, (ann, bob), files = large
    give(gone, *files)
    give(ann, files[0])
    leave(gone, offer)
    staff = make_staff()
    browser = client_of(staff)
    shown = browser.get(even_page(offer))
    assert shown.context["readers"] == 2, "as many as a file had with them"
    text = text_of(shown.content)
    assert f"3 attributions seraient retirées à {gone}" in text
    proposal = shown.context["proposal"]
    done = browser.post(even_page(offer), {"readers": 2, "seen": proposal.digest}, follow=True)
    assert "3 attributions retirées à d’anciens membres" in text_of(done.content)
    assert assigned_pairs() == {(file.pk, member.pk) for file in files for member in (ann, bob)}
    assert "n’évalue plus" not in admin_client_of(staff)
    assert work_counts(ann)["unmarked"] == 3
    entry = Entry.objects.get(action="ASSIGNMENTS_TAKEN_BACK")
    assert (entry.actor, entry.detail) == (staff, f"{gone.public_id}=3")


def test_a_file_without_a_replacement_reader_is_taken_back_and_reported(
    small: CaseData, large: CaseData
) -> None:
    offer, gone, (ann,), (file,) = small
    give(gone, file)
    give(ann, file)
    unseat(gone, offer)
    elsewhere = large.files[0]
    for member in (large.gone, *large.present):
        give(member, elsewhere)
    unseat(large.gone, large.offer)
    others = assigned_pairs() - {(file.pk, gone.pk), (file.pk, ann.pk)}
    browser = client_of(make_staff())
    shown = browser.get(even_page(offer))
    assert shown.context["readers"] == 2
    assert "1 dossier n’aurait pas toutes ses évaluations" in text_of(shown.content)
    digest = shown.context["proposal"].digest
    browser.post(even_page(offer), {"readers": 2, "seen": digest})
    assert assigned_pairs() == {(file.pk, ann.pk)} | others


def test_a_member_who_leaves_meanwhile_invalidates_the_preview(small: CaseData) -> None:
    offer, gone, _present, (file,) = small
    give(gone, file)
    browser = client_of(make_staff())
    digest = browser.get(even_page(offer), {"readers": "1"}).context["proposal"].digest
    unseat(gone, offer)
    assert browser.post(even_page(offer), {"readers": 1, "seen": digest}).status_code == 422
    assert assigned_pairs() == {(file.pk, gone.pk)}


def test_marked_and_withdrawn_files_are_not_in_the_alert(large: CaseData) -> None:
    offer, gone, _present, (marked, decided, waiting) = large
    give(gone, marked, decided, waiting)
    make_assessment(marked, gone, 4)
    withdraw_submission(submission=decided, actor=decided.candidate, reason="Non.")
    unseat(gone, offer)
    staff = make_staff()
    assert "1 dossier attribué à" in admin_client_of(staff)
    assert listed(staff, offer, lecture=f"{gone.pk}-ancien") == [waiting.pk]


def test_a_mark_of_a_replaced_filing_leaves_the_file_in_the_alert(small: CaseData) -> None:
    offer, gone, _present, (file,) = small
    give(gone, file)
    make_assessment(file, gone, 3)
    draft = start_amendment(submission=file, actor=file.candidate)
    file_draft(draft=draft, actor=file.candidate, declarations=ALL_DECLARATIONS)
    unseat(gone, offer)
    assert listed(make_staff(), offer, lecture=f"{gone.pk}-ancien") == [file.pk]


def test_a_file_assessed_only_by_a_rival_still_needs_a_reviewer(small: CaseData) -> None:
    offer, rival, _present, (file,) = small
    give(rival, file)
    make_assessment(file, rival, 1)
    apply_there(rival, offer)
    staff = make_staff()
    assert listed(staff, offer, lecture=f"{rival.pk}-ancien") == [file.pk]
    assert "1 dossier attribué à" in admin_client_of(staff)


@pytest.mark.parametrize("stake", ["conflict", "candidature"])
def test_staff_in_conflict_get_no_alert_about_departed_members(small: CaseData, stake: str) -> None:
    offer, gone, _present, (file,) = small
    give(gone, file)
    unseat(gone, offer)
    bound = make_staff()
    if stake == "conflict":
        make_conflict(make_filed(offer), bound)
    else:
        make_draft(offer=offer, candidate=bound)
    assert "n’évalue plus" not in admin_client_of(bound)
    assert "n’évalue plus" in admin_client_of(make_staff())


def test_a_reviewer_gets_neither_the_alert_nor_the_filters(small: CaseData) -> None:
    offer, gone, (ann,), (file,) = small
    give(gone, file)
    unseat(gone, offer)
    staff, asked = make_staff(), {"offre": offer.number or ""}
    told = [
        (
            "n’évalue plus" in admin_client_of(person),
            "attribution=" in client_of(person).get(reverse(QUEUE), asked).content.decode(),
        )
        for person in (ann, staff)
    ]
    assert told == [(False, False), (True, True)]


def test_an_undivided_committee_has_no_unassigned_file(large: CaseData) -> None:
    offer, member, _present, (first, other, second) = large
    staff = make_staff()
    assert listed(staff, offer, attribution="aucune") == []
    assert "attribué à personne" not in admin_client_of(staff)
    give(member, first, other)
    cache.clear()
    assert listed(staff, offer, attribution="aucune") == [second.pk]
    assert "attribué à personne" in admin_client_of(staff)


@pytest.mark.full
def test_three_departed_members_take_as_many_queries_as_one(large: CaseData) -> None:
    offer, leaving = large.offer, zip((large.gone, *large.present), large.files, strict=True)
    client = client_of(make_staff())
    make_reviewer(offer)  # one member remains

    def one_more() -> None:
        gone, file = next(leaving)
        give(gone, file)
        unseat(gone, offer)

    def cost(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    pages = [reverse("admin:index"), even_page(offer), f"{reverse(QUEUE)}?attribution=aucune&_facets=True"]
    one_more()
    one = [cost(page) for page in pages]
    one_more()
    one_more()
    assert [cost(page) for page in pages] == one
