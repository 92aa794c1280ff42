"""Progress of two committees, the ranking for each reader, and the decisions that may be made."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from intake.review.access import visibility
from intake.review.assignment import queries as assignment_queries
from intake.review.assignment.progress import progress_of
from intake.review.decisions import queries as decisions_queries
from intake.review.evidence.queries import is_verifiable_by
from intake.review.marks.queries import waiting_for_marks
from intake.review.models import Assignment
from intake.review.queue.rows import queue_rows
from intake.review.ranking.table import ranking_table_of
from intake.submissions.models import Submission
from intake.submissions.states import Action
from tests.review.committees_world import FIRST, LATER, World, each, files_by_person

pytestmark = pytest.mark.django_db

OF_A, OF_B = "a1 a2 a3 a4 a5 a6", "b1 b2 b3 b4 b5"


# -- Progress ----------------------------------------------------------------------------------------------------
def test_files_that_await_marks_are_listed_only_if_readable(world: World) -> None:
    def waiting(letter: str) -> dict[str, str]:
        return each(
            world,
            lambda user: world.named(
                assignment_queries.files_to_mark(offer=world.offers[letter], actor=user)
            ),
        )

    others = dict.fromkeys(("sitting", "staff", "former"), "a1 a2 a6")
    assert waiting("a") == {"one": "a1 a2 a6", "two": "a2 a6", "bound": "a2 a6"} | others
    everybody = dict.fromkeys(("four", "sitting", "staff", "bound", "applied", "former"), OF_B)
    assert waiting("b") == {"one": "b1 b2 b4 b5"} | everybody


def test_an_assignment_is_open_until_its_member_submits_or_leaves(world: World) -> None:
    def readings(reviewer: str = "") -> set[tuple[str, str]]:
        found = assignment_queries.open_assignments(
            offer=world.offers["b"],
            actor=world.people["staff"],
            reviewer=world.people[reviewer].pk if reviewer else None,
        )
        return {(world.name_of(row.submission_id), world.person_of(row.reviewer_id)) for row in found}

    assert readings() == {("b1", "one"), ("b3", "one"), ("b3", "four")}
    assert readings("four") == {("b3", "four")}


def progress(
    world: World, letter: str, actor: str, *, on: date = LATER, most: int | None = None
) -> tuple[bool, int, list[object]]:
    found = progress_of(offer=world.offers[letter], actor=world.people[actor], on=on, most=most)
    rows: list[object] = [
        (world.person_of(row.member.pk), row.marked, row.left, row.late, row.more, row.asked)
        for row in found.rows
    ]
    return found.divided, found.unassigned, rows


def test_a_conflict_on_one_file_removes_no_other_assignment(world: World) -> None:
    one, four = ("one", 0, 1, 1, False, 1), ("four", 1, 1, 0, False, 2)
    assert progress(world, "b", "staff") == (True, 2, [four, one])
    not_late_yet = ("one", 0, 1, 0, False, 1)
    assert progress(world, "b", "staff", on=FIRST) == (True, 2, [four, not_late_yet])


def test_remaining_files_of_a_member_exclude_marked_and_forbidden_ones(world: World) -> None:
    rows = [
        ("sitting", 1, 3, 0, False, 4),
        ("two", 1, 1, 0, False, 2),
        ("one", 2, 2, 0, False, 4),
    ]
    assert progress(world, "a", "staff") == (False, 0, rows)
    without_a1 = [
        ("sitting", 1, 2, 0, False, 3),
        ("two", 1, 1, 0, False, 2),
        ("one", 1, 2, 0, False, 3),
    ]
    assert progress(world, "a", "bound") == (False, 0, without_a1)
    bounded = [
        ("sitting", 1, 2, 0, True, 3),
        ("two", 1, 1, 0, False, 2),
        ("one", 2, 2, 0, False, 4),
    ]
    assert progress(world, "a", "staff", most=2) == (False, 0, bounded)


def test_files_of_a_departed_member_have_no_other_reader(world: World) -> None:
    staff, left = world.people["staff"], world.people["left"]
    offer = world.offers["b"]
    row = assignment_queries.DepartedMember(member=left.pk, name=str(left), offer=offer.number or "", files=1)
    told = each(world, lambda user: "yes" if assignment_queries.departed_of(user) == (row,) else "")
    # `one` has a conflict on a file of the offer; the others read no file of it, or have no access.
    assert told == dict.fromkeys(("four", "sitting", "staff", "bound", "applied", "former"), "yes")
    assert assignment_queries.departed_of(world.people["one"]) == ()
    assert files_by_person(world, assignment_queries.left_by_departed) == {"left": "b2"}
    assert world.named(Submission.objects.filter(assignment_queries.unassigned())) == "b2 b4"
    assert world.named(Submission.objects.filter(waiting_for_marks())) == f"a1 a2 a6 {OF_B}"
    held = Assignment.objects.filter(waiting_for_marks("submission__"))
    assert held.count() == 5
    assert [assignment_queries.readers_of_departed(each_offer) for each_offer in world.offers.values()] == [
        0,
        1,
        0,
    ]
    proposal = assignment_queries.propose_division(offer=offer, readers=1, actor=staff)
    assert [world.person_of(member) for _pk, member in proposal.taken_back] == ["left"]
    assert [world.name_of(file) for file, _member in proposal.division.given] == ["b2", "b4"]
    has = {world.person_of(pk): number for pk, number in proposal.has.items()}
    assert has == {"one": 1, "four": 2}
    # The lots decide which of the two has three files in the end.
    total = Counter(has) + Counter(world.person_of(member) for _file, member in proposal.division.given)
    assert sorted(total.values()) == [2, 3]
    assert (proposal.files, proposal.division.short) == (5, ())


def test_an_impossible_assignment_is_refused_with_its_reason(world: World) -> None:
    pairs = {
        ("a1", "two"): "CONFLICT",
        ("a2", "four"): "NO_MEMBER",
        ("a2", "rival"): "NO_MEMBER",
        ("a2", "two"): None,
        ("a3", "two"): "NOT_IN_HAND",
        ("a4", "two"): "UNDER_RESERVE",
        ("a5", "two"): "NOT_IN_HAND",
        ("b1", "two"): "NO_FILE",
    }
    numbers = {(world.files[file].pk, world.people[person].pk): why for (file, person), why in pairs.items()}
    own = (world.files["a2"].pk, world.files["a2"].candidate_id)
    files = Submission.objects.filter(pk__in={file for file, _person in numbers})
    found = assignment_queries.refusals(
        [*numbers, own], offer=world.offers["a"], actor=world.people["staff"], files=files
    )
    assert found == {pair: why for pair, why in numbers.items() if why} | {own: "OWN"}
    hidden = assignment_queries.refusals(
        list(numbers), offer=world.offers["a"], actor=world.people["bound"], files=files
    )
    assert hidden[world.files["a1"].pk, world.people["two"].pk] == "NO_FILE"


# -- Ranking and deciding ----------------------------------------------------------------------------------------
def test_a_queue_line_has_its_marks_or_requires_own_marks_first(world: World) -> None:
    def lines(name: str) -> list[tuple[str, bool, tuple[object, ...]]]:
        person = world.people[name]
        page = visibility.visible_submissions(person).filter(offer=world.offers["a"]).order_by("-pk")
        return [
            (world.name_of(line.pk), vars(line)["own_first"], tuple(vars(line)["read_marks"]))
            for line in queue_rows(page, person)
        ]

    nothing = (None, 0, None)
    marks = {"a1": (Decimal(4), 1, None), "a2": (Decimal(3), 1, None), "a3": (Decimal(3), 2, None)}
    names = ("a6", "a5", "a4", "a3", "a2", "a1")
    assert lines("staff") == [(name, False, marks.get(name, nothing)) for name in names]
    assert lines("former") == [(name, name == "a2", marks.get(name, nothing)) for name in names]
    assert lines("applied") == []
    own = marks | {"a3": (Decimal(3), 2, Decimal(1))}
    assert lines("sitting") == [(name, True, own.get(name, nothing)) for name in names]


def test_each_user_gets_a_ranking_of_files_with_readable_marks(world: World) -> None:
    def board(name: str) -> tuple[object, ...]:
        found = ranking_table_of(user=world.people[name], offer=world.offers["a"])
        ranked = [
            (world.name_of(place.submission), place.standing.rank, place.standing.tied, place.scores)
            for place in found.ranked
        ]
        rest = " ".join(
            world.name_of(place.submission) + ("?" if place.unread else "")
            for place in found[len(found.ranked) :]
        )
        return ranked, rest, found.marks_first, found.reviewers, found.unread, len(found)

    one, three, four, five = (Decimal(number) for number in (1, 3, 4, 5))
    assert board("staff") == (
        [("a1", 1, False, (four,)), ("a2", 2, True, (three,)), ("a3", 2, True, (one, five))],
        "a4 a6",
        False,
        3,
        0,
        5,
    )
    assert board("sitting") == ([("a3", 1, False, (one, five))], "a1? a2? a4? a6?", True, 2, 4, 5)
    assert board("former") == (
        [("a1", 1, False, (four,)), ("a3", 2, False, (one, five))],
        "a2? a4 a6",
        False,
        2,
        1,
        5,
    )


def test_decidable_files_have_no_prepared_decision_and_no_pending_review(world: World) -> None:
    def decidable(name: str, action: Action) -> str:
        found = decisions_queries.decidable(user=world.people[name], offer=world.offers["a"], action=action)
        return " ".join(world.name_of(row.pk) for row in found)

    assert [
        decidable("staff", Action.FIND_INADMISSIBLE),
        decidable("bound", Action.FIND_INADMISSIBLE),
        decidable("staff", Action.DECLINE),
        decidable("staff", Action.SELECT),
    ] == ["a2 a1 a6", "a2 a6", "a2", ""], "worst marked first, for a refusal"
    awaited = {
        name: item.batch
        for name, file in world.files.items()
        if (item := decisions_queries.pending_decision(file))
    }
    assert awaited == {"a3": world.batch}


def test_findings_are_verified_by_members_then_after_selection_by_deciders(
    world: World,
) -> None:
    def verifies(state: str, reserve: str = "NONE") -> set[str]:
        file = Submission(state=state, reserve=reserve)
        return {name for name, person in world.people.items() if is_verifiable_by(file, person)}

    staff = {"sitting", "staff", "bound", "applied", "former"}
    assert [
        verifies("SUBMITTED"),
        verifies("SUBMITTED", "PENDING"),
        verifies("SELECTED"),
        verifies("PLACED"),
        verifies("WITHDRAWN"),
    ] == [set(world.people) - {"nobody"}, set(), staff, staff, set()]
