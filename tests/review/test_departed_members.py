"""Files assigned to a member who left the committee: staff are told, find them, and divide them at once."""

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.services import set_roles
from intake.journal.models import Entry
from intake.review.models import Assignment, CommitteeMember
from intake.review.selectors import to_do
from intake.review.services import assign_files, remove_committee_member
from intake.submissions.models import Submission
from intake.submissions.services import withdraw_submission
from offers.models import Offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_conflict, make_filed, make_reviewer, mark
from tests.factories.submissions import make_draft, make_open_offer
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db

QUEUE = "admin:submissions_submission_changelist"


@pytest.fixture(autouse=True)
def nothing_is_kept() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def offer() -> Offer:
    return make_open_offer()


def unseat(member: User, offer: Offer) -> None:
    seat = CommitteeMember.objects.get(reviewer=member, offer=offer)
    remove_committee_member(member=seat, actor=make_staff())


def lose_the_role(member: User, _offer: Offer) -> None:
    set_roles(user=member, roles=set())


def close(member: User, _offer: Offer) -> None:
    User.objects.filter(pk=member.pk).update(is_active=False)


def apply_there(member: User, offer: Offer) -> None:
    make_draft(offer=offer, candidate=member)


LEAVING = pytest.mark.parametrize("leave", [unseat, lose_the_role, close, apply_there])


def give(member: User, *files: Submission) -> None:
    assign_files(
        offer=files[0].offer,
        pairs=[(file.pk, member.pk) for file in files],
        way=Assignment.Way.HAND,
        due_on=None,
        actor=make_staff(),
        at=timezone.now(),
    )


def desk_of(user: User) -> str:
    return text_of(client_of(user).get(reverse("admin:index")).content)


def listed(user: User, offer: Offer, **narrowed: str) -> list[int]:
    asked = {"offre": offer.number or "", **narrowed}
    answer = client_of(user).get(reverse(QUEUE), asked)
    assert answer.status_code == 200
    return sorted(row.pk for row in answer.context["cl"].result_list)


def pairs() -> set[tuple[int, int]]:
    return set(Assignment.objects.values_list("submission", "reviewer"))


def even_page(offer: Offer) -> str:
    return reverse("review:assign_evenly", args=[offer.number])


@LEAVING
def test_the_dashboard_names_who_left_and_how_many_files_they_hold(
    offer: Offer, leave: Callable[[User, Offer], None]
) -> None:
    gone, files = make_reviewer(offer, email="partie@exemple.invalid"), [make_filed(offer) for _ in range(3)]
    give(gone, *files)
    staff = make_staff()
    assert "n’évalue plus" not in desk_of(staff)
    leave(gone, offer)
    said = f"3 dossiers attribués à {gone}, qui n’évalue plus pour l’offre {offer.number}"
    assert said in desk_of(staff)
    page = client_of(staff).get(reverse("admin:index")).content.decode()
    assert f'href="{even_page(offer)}"' in page
    assert listed(staff, offer, lecture=f"{gone.pk}-ancien") == sorted(file.pk for file in files)


@LEAVING
def test_their_files_are_listed_as_nobodys(offer: Offer, leave: Callable[[User, Offer], None]) -> None:
    gone, present = make_reviewer(offer), make_reviewer(offer)
    lost, shared, kept = make_filed(offer), make_filed(offer), make_filed(offer)
    give(gone, lost, shared)
    give(present, shared, kept)
    staff = make_staff()
    assert listed(staff, offer, attribution="aucune") == []
    leave(gone, offer)
    assert listed(staff, offer, attribution="aucune") == [lost.pk]
    page = client_of(staff).get(reverse("review:assignments", args=[offer.number]), {"voir": "sans-lecture"})
    assert [row.submission.pk for row in page.context["rows"]] == [lost.pk]
    assert page.context["unread"] == 1
    assert "1 dossier n’est attribué à personne" in desk_of(staff)


@LEAVING
def test_one_action_divides_what_they_held_and_the_alarm_ends(
    offer: Offer, leave: Callable[[User, Offer], None]
) -> None:
    gone = make_reviewer(offer)
    files = [make_filed(offer) for _ in range(4)]
    ann, bob = make_reviewer(offer), make_reviewer(offer)
    give(gone, *files)
    give(ann, files[0])
    leave(gone, offer)
    staff = make_staff()
    browser = client_of(staff)
    shown = browser.get(even_page(offer))
    assert shown.context["readers"] == 2, "as many as a file had with them"
    text = text_of(shown.content)
    assert f"4 lectures seraient reprises à {gone}" in text
    proposal = shown.context["proposal"]
    done = browser.post(even_page(offer), {"readers": 2, "seen": proposal.digest}, follow=True)
    assert "4 lectures reprises" in text_of(done.content)
    assert pairs() == {(file.pk, member.pk) for file in files for member in (ann, bob)}
    assert "n’évalue plus" not in desk_of(staff)
    assert to_do(ann)["unmarked"] == 4
    entry = Entry.objects.get(action="ASSIGNMENTS_TAKEN_BACK")
    assert (entry.actor, entry.detail) == (staff, f"{gone.public_id}=4")


def test_what_left_nobody_in_its_place_is_taken_back_too_and_said(offer: Offer) -> None:
    gone, ann, file = make_reviewer(offer), make_reviewer(offer), make_filed(offer)
    give(gone, file)
    give(ann, file)
    unseat(gone, offer)
    browser = client_of(make_staff())
    shown = browser.get(even_page(offer))
    assert "1 dossier n’aurait pas toutes ses lectures" in text_of(shown.content)
    digest = shown.context["proposal"].digest
    browser.post(even_page(offer), {"readers": 2, "seen": digest})
    assert pairs() == {(file.pk, ann.pk)}


def test_somebody_who_leaves_meanwhile_makes_it_be_read_again(offer: Offer) -> None:
    gone, file = make_reviewer(offer), make_filed(offer)
    make_reviewer(offer)
    give(gone, file)
    browser = client_of(make_staff())
    digest = browser.get(even_page(offer), {"readers": "1"}).context["proposal"].digest
    unseat(gone, offer)
    assert browser.post(even_page(offer), {"readers": 1, "seen": digest}).status_code == 422
    assert pairs() == {(file.pk, gone.pk)}


def test_what_they_marked_and_what_waits_for_no_mark_is_not_in_the_alarm(offer: Offer) -> None:
    gone = make_reviewer(offer)
    marked, decided, waiting = (make_filed(offer) for _ in range(3))
    give(gone, marked, decided, waiting)
    mark(marked, gone, 4)
    withdraw_submission(submission=decided, actor=decided.candidate, reason="Non.")
    unseat(gone, offer)
    staff = make_staff()
    assert "1 dossier attribué à" in desk_of(staff)
    assert listed(staff, offer, lecture=f"{gone.pk}-ancien") == [waiting.pk]


def test_a_rivals_mark_leaves_their_file_to_be_divided(offer: Offer) -> None:
    rival, file = make_reviewer(offer), make_filed(offer)
    give(rival, file)
    mark(file, rival, 1)
    apply_there(rival, offer)
    staff = make_staff()
    assert listed(staff, offer, lecture=f"{rival.pk}-ancien") == [file.pk]
    assert "1 dossier attribué à" in desk_of(staff)


@pytest.mark.parametrize("stake", ["conflict", "candidature"])
def test_staff_with_a_stake_in_the_offer_are_told_of_none(offer: Offer, stake: str) -> None:
    gone, file = make_reviewer(offer), make_filed(offer)
    give(gone, file)
    unseat(gone, offer)
    bound = make_staff()
    if stake == "conflict":
        make_conflict(make_filed(offer), bound)
    else:
        make_draft(offer=offer, candidate=bound)
    assert "n’évalue plus" not in desk_of(bound)
    assert "n’évalue plus" in desk_of(make_staff())


def test_a_reviewer_is_neither_told_nor_offered_the_filters(offer: Offer) -> None:
    gone, ann, file = make_reviewer(offer), make_reviewer(offer), make_filed(offer)
    give(gone, file)
    unseat(gone, offer)
    staff, asked = make_staff(), {"offre": offer.number or ""}
    told = [
        (
            "n’évalue plus" in desk_of(person),
            "attribution=" in client_of(person).get(reverse(QUEUE), asked).content.decode(),
        )
        for person in (ann, staff)
    ]
    assert told == [(False, False), (True, True)]


def test_a_committee_that_divided_nothing_has_no_file_of_nobodys(offer: Offer) -> None:
    member, first, second = make_reviewer(offer), make_filed(offer), make_filed(offer)
    staff = make_staff()
    assert listed(staff, offer, attribution="aucune") == []
    assert "attribué à personne" not in desk_of(staff)
    give(member, first)
    cache.clear()
    assert listed(staff, offer, attribution="aucune") == [second.pk]
    assert "attribué à personne" in desk_of(staff)


def test_three_who_left_cost_as_many_queries_as_one(offer: Offer) -> None:
    staff = make_staff()
    client = client_of(staff)

    def one_more() -> None:
        gone, file = make_reviewer(offer), make_filed(offer)
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
