"""Removal of a committee member: their marks still count, and their other files are divided in the same act."""

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.review.assignment.operations import StaleDivisionError, assign_evenly, assign_files, revoke_member
from intake.review.assignment.progress import progress_of
from intake.review.assignment.queries import propose_division, propose_replacement, unassigned
from intake.review.committees.operations import add_committee_member
from intake.review.delivery_kinds import ASSIGNED_MAIL
from intake.review.marks.queries import mean_of
from intake.review.models import Assignment, CommitteeMember
from intake.review.ranking.table import ranking_table_of
from intake.review.shortlists.lines import shortlist_lines
from intake.submissions.models import Submission
from offers.models import Offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_assessment, make_conflict, make_filed, make_reviewer
from tests.factories.submissions import make_draft, make_open_offer
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db


class CaseData(NamedTuple):
    """Six files, each assigned to two of the three members; a day for each; nothing is marked yet. A remote zone."""

    offer: Offer
    gone: User
    others: list[User]
    files: list[Submission]
    due_on: date
    staff: User


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer = make_open_offer(time_zone="Pacific/Kiritimati")
    gone, *others = (make_reviewer(offer) for _member in range(3))
    files = [make_filed(offer) for _file in range(6)]
    staff = make_staff()
    due_on = timezone.localdate() + timedelta(days=12)
    for number, file in enumerate(files):
        pair = [gone, others[number % 2]]
        assign_files(
            offer=offer,
            pairs=[(file.pk, member.pk) for member in pair],
            way=Assignment.Way.EVEN,
            due_on=due_on,
            actor=staff,
            at=timezone.now(),
        )
    return CaseData(offer, gone, others, files, due_on, staff)


@pytest.fixture
def world(made: CaseData) -> CaseData:
    return deepcopy(made)


def seat_of(world: CaseData) -> CommitteeMember:
    return CommitteeMember.objects.get(offer=world.offer, reviewer=world.gone)


def page_of(world: CaseData) -> str:
    return reverse("admin:review_committeemember_delete", args=[seat_of(world).pk])


def readers_of(file: Submission) -> dict[int, date | None]:
    return dict(Assignment.objects.filter(submission=file).values_list("reviewer", "due_on"))


def remove(world: CaseData, *, due_on: date | None = None, at: datetime | None = None) -> None:
    seat = seat_of(world)
    seen = propose_replacement(offer=world.offer, member=world.gone, actor=world.staff).digest
    revoke_member(member=seat, due_on=due_on, actor=world.staff, seen=seen, at=at or timezone.now())


def test_a_mark_of_a_removed_member_counts_and_its_file_gets_no_third_reader(
    world: CaseData,
) -> None:
    marked, both, *rest = world.files
    make_assessment(marked, world.gone, 2)
    make_assessment(marked, world.others[0], 5)
    make_assessment(both, world.gone, 4)

    def figures() -> list[object]:
        table = ranking_table_of(user=world.staff, offer=world.offer)
        return [
            [mean_of(file) for file in (marked, both)],
            [(row.submission, row.standing, row.scores) for row in table.ranked],
            list(shortlist_lines(world.offer, None)),
        ]

    before = figures()
    assert before[0] == [(Decimal("3.5"), 2), (Decimal(4), 1)]
    remove(world)
    assert figures() == before
    assert set(readers_of(marked)) == {world.gone.pk, world.others[0].pk}
    assert set(readers_of(both)) == {world.gone.pk, world.others[1].pk}
    again = propose_division(offer=world.offer, readers=2, actor=world.staff)
    assert (again.division.given, again.taken_back) == ((), ())
    for file in rest:
        assert set(readers_of(file)) == {member.pk for member in world.others}


def test_a_file_keeps_its_due_day_when_another_member_takes_it(world: CaseData) -> None:
    Assignment.objects.filter(reviewer=world.gone).update(due_on=world.due_on - timedelta(days=1))
    remove(world)
    taken = Assignment.objects.filter(submission__in=world.files)
    assert taken.count() == 12
    assert set(taken.values_list("due_on", flat=True)) == {world.due_on}
    told = {str(member.pk) for member in world.others}
    assert told <= set(Delivery.objects.filter(kind=ASSIGNED_MAIL).values_list("subject_id", flat=True))
    today = world.due_on - timedelta(days=12)
    progress = progress_of(offer=world.offer, actor=world.staff, on=today)
    assert [(row.left, row.late) for row in progress.rows] == [(6, 0), (6, 0)]


def test_a_chosen_due_day_replaces_the_days_of_the_files_that_others_take(world: CaseData) -> None:
    day = world.due_on + timedelta(days=3)
    remove(world, due_on=day)
    for number, file in enumerate(world.files):
        had, took = world.others[number % 2], world.others[1 - number % 2]
        assert readers_of(file) == {had.pk: world.due_on, took.pk: day}


def test_a_day_that_is_over_is_not_given_to_another_member(world: CaseData) -> None:
    Assignment.objects.update(due_on=date(2026, 1, 5))
    page = client_of(world.staff).get(page_of(world))
    assert "6 dossiers sont déjà en retard" in text_of(page.content)
    remove(world)
    for number, file in enumerate(world.files):
        assert readers_of(file)[world.others[1 - number % 2].pk] is None


@pytest.mark.parametrize("hour, kept", [(4, date(2031, 1, 9)), (5, None)])
def test_a_due_day_is_over_at_midnight_in_quebec_wherever_the_offer_is(
    world: CaseData, hour: int, kept: date | None
) -> None:
    Assignment.objects.update(due_on=date(2031, 1, 9))
    remove(world, at=datetime(2031, 1, 10, hour, tzinfo=UTC))
    for number, file in enumerate(world.files):
        assert readers_of(file)[world.others[1 - number % 2].pk] == kept


def test_marks_and_files_of_a_member_are_explained_before_the_removal(world: CaseData) -> None:
    marked, begun, *_rest = world.files
    make_assessment(marked, world.gone, 3)
    make_assessment(begun, world.gone, None, "À relire.")
    client = client_of(world.staff)
    shown = client.get(page_of(world))
    text = text_of(shown.content)
    for words in (
        f"{world.gone} a remis 1 évaluation : elle compte toujours.",
        "Les moyennes et le classement ne changent pas.",
        f"1 brouillon ne compte pas et reste visible pour {world.gone} seulement.",
        "5 dossiers attribués n’ont pas encore sa note.",
        "5 sont attribués aux autres membres, tirés au sort.",
        "chaque dossier garde son échéance",
    ):
        assert words in text, words
    assert [row["total"] for row in shown.context["rows"]] == [6, 5]
    assert CommitteeMember.objects.filter(offer=world.offer).count() == 3
    done = client.post(page_of(world), {"seen": shown.context["proposal"].digest}, follow=True)
    assert f"{world.gone} ne siège plus au comité. 5 évaluations attribuées" in text_of(done.content)
    assert not CommitteeMember.objects.filter(reviewer=world.gone).exists()
    assert "n’évalue plus" not in text_of(client.get(reverse("admin:index")).content)
    actions = Entry.objects.filter(actor=world.staff).order_by("pk").values_list("action", "detail")
    taken_back, assigned = (dict(actions)[name] for name in ("ASSIGNMENTS_TAKEN_BACK", "FILES_ASSIGNED"))
    assert taken_back == f"{world.gone.public_id}=5"
    assert assigned.endswith(f"; seed={shown.context['proposal'].seed}")
    file = text_of(client.get(reverse("review:file", args=[marked.public_id])).content)
    assert "ne siège plus au comité, compte toujours" in file


def test_a_mark_submitted_meanwhile_shows_the_removal_again(world: CaseData) -> None:
    client = client_of(world.staff)
    address, seen = page_of(world), client.get(page_of(world)).context["proposal"].digest
    make_assessment(world.files[0], world.gone, 3)
    again = client.post(address, {"seen": seen})
    assert again.status_code == 422
    assert again.context["left"] == 5
    assert CommitteeMember.objects.filter(reviewer=world.gone).exists()
    with pytest.raises(StaleDivisionError):
        revoke_member(member=seat_of(world), due_on=None, actor=world.staff, seen=seen, at=timezone.now())


def test_a_file_that_no_other_member_may_read_is_named_before_the_removal(world: CaseData) -> None:
    file = world.files[0]
    make_conflict(file, world.others[1])
    shown = client_of(world.staff).get(page_of(world))
    assert "1 dossier n’aura pas de remplaçant" in text_of(shown.content)
    assert [row["submission"] for row in shown.context["short"]] == [file]
    remove(world)
    assert set(readers_of(file)) == {world.others[0].pk}


def test_a_member_removed_from_one_committee_keeps_the_files_of_another(world: CaseData) -> None:
    offer = make_open_offer()
    add_committee_member(offer=offer, reviewer=world.gone)
    kept = make_filed(offer)
    assign_files(
        offer=offer,
        pairs=[(kept.pk, world.gone.pk)],
        way=Assignment.Way.HAND,
        due_on=None,
        actor=world.staff,
        at=timezone.now(),
    )
    remove(world)
    assert set(readers_of(kept)) == {world.gone.pk}


def test_the_files_of_a_member_who_applied_are_divided_with_those_that_they_marked(world: CaseData) -> None:
    make_assessment(world.files[0], world.gone, 5)
    make_draft(offer=world.offer, candidate=world.gone)
    shown = client_of(world.staff).get(page_of(world))
    assert "n’a remis aucune évaluation qui compte" in text_of(shown.content)
    remove(world)
    assert all(set(readers_of(file)) == {member.pk for member in world.others} for file in world.files)


def test_a_file_marked_by_a_removed_member_alone_is_not_unassigned(world: CaseData) -> None:
    marked, waiting, *_rest = world.files
    Assignment.objects.filter(reviewer__in=world.others, submission__in=(marked, waiting)).delete()
    make_assessment(marked, world.gone, 3)
    for other in world.others:
        make_conflict(waiting, other)
    remove(world)
    assert set(Submission.objects.filter(unassigned())) == {waiting}


def test_a_removal_from_an_undivided_committee_divides_nothing() -> None:
    offer, staff = make_open_offer(), make_staff()
    gone, _other = make_reviewer(offer), make_reviewer(offer)
    make_filed(offer)
    seat = CommitteeMember.objects.get(offer=offer, reviewer=gone)
    client, address = client_of(staff), reverse("admin:review_committeemember_delete", args=[seat.pk])
    shown = client.get(address)
    assert "les autres membres notent tous les dossiers" in text_of(shown.content)
    assert client.post(address, {"seen": shown.context["proposal"].digest}).status_code == 302
    assert not CommitteeMember.objects.filter(pk=seat.pk).exists()
    assert not Assignment.objects.filter(submission__offer=offer).exists()


def test_a_division_after_a_conflict_keeps_the_due_day_of_the_file(
    world: CaseData,
) -> None:
    file, *_rest = world.files
    make_conflict(file, world.others[0])
    seen = propose_division(offer=world.offer, readers=2, actor=world.staff).digest
    assign_evenly(offer=world.offer, readers=2, due_on=None, actor=world.staff, seen=seen, at=timezone.now())
    assert readers_of(file)[world.others[1].pk] == world.due_on
