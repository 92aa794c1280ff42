"""Who reads, marks, decides and counts what in two committees: each query compared with a table."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.review.access import committee_membership, impartiality, visibility
from intake.review.assignment import queries as assignment_queries
from intake.review.audit import journal_visibility
from intake.review.audit import journal_visibility as untold
from intake.review.dashboard import figures as dashboard_figures
from intake.review.decisions import queries as decisions_queries
from intake.review.marks import queries as marks_queries
from intake.submissions.models import Filing, Submission
from offers.models import Offer
from tests.review.committees_world import FIRST, LATER, World, each, files_by_person, letters

pytestmark = pytest.mark.django_db

ALL = "a1 a2 a3 a4 a5 a6 b1 b2 b3 b4 b5"
OF_A, OF_B = "a1 a2 a3 a4 a5 a6", "b1 b2 b3 b4 b5"


# -- Reading ---------------------------------------------------------------------------------------------------
def test_each_user_reads_the_files_of_the_table(world: World) -> None:
    seen = each(world, lambda user: world.named(visibility.visible_submissions(user)))
    assert seen == {
        "one": "a1 a2 a3 a4 a5 a6 b1 b2 b4 b5",
        "two": "a2 a3 a4 a5 a6",
        "four": OF_B,
        "sitting": ALL,
        "staff": ALL,
        "bound": "a2 a3 a4 a5 a6 b1 b2 b3 b4 b5",
        "applied": OF_B,
        "former": ALL,
    }
    assert not visibility.visible_submissions(AnonymousUser()).exists()


def test_each_user_gets_the_offers_of_their_files_and_staff_the_chosen_one(world: World) -> None:
    def seen(user: User, chosen: str = "") -> set[int]:
        return {offer.pk for offer in visibility.visible_offers(user, chosen=chosen)}

    read = {"one": "ab", "two": "a", "four": "b"}
    staff = dict.fromkeys(("sitting", "staff", "bound", "former"), "ab") | {"applied": "b"}
    assert letters(world, seen) == read | staff
    empty = world.offers["c"].number or ""
    assert letters(world, lambda user: seen(user, empty)) == read | {
        name: f"{seen}c" for name, seen in staff.items()
    }
    numbers = [offer.number or "" for offer in visibility.visible_offers(world.people["staff"], chosen=empty)]
    assert numbers == sorted(numbers)


def test_a_membership_is_valid_until_its_member_leaves_or_applies(world: World) -> None:
    def sits(user: User) -> set[int]:
        return {
            offer.pk for offer in world.offers.values() if visibility.may_assess(user=user, offer_id=offer.pk)
        }

    assert letters(world, sits) == {"one": "ab", "two": "a", "four": "b", "sitting": "a"}


def test_a_committee_is_listed_by_address_without_members_in_conflict(world: World) -> None:
    def members(file: str) -> str:
        return " ".join(world.person_of(user.pk) for user in visibility.committee_of(world.files[file]))

    found = {file: members(file) for file in ("a1", "a2", "b1", "b3")}
    assert found == {"a1": "sitting one", "a2": "sitting two one", "b1": "four one", "b3": "four"}
    of_offer = {
        letter: " ".join(world.person_of(user.pk) for user in assignment_queries.members_of(offer))
        for letter, offer in world.offers.items()
    }
    assert of_offer == {"a": "sitting two one", "b": "four one", "c": ""}


# -- Impartiality ----------------------------------------------------------------------------------------------
def test_an_ended_conflict_excludes_no_file_and_a_rival_is_excluded_from_all(world: World) -> None:
    in_conflict = {"one": "b3", "two": "a1", "bound": "a1"}
    assert files_by_person(world, committee_membership.in_conflict_with) == in_conflict
    assert files_by_person(world, committee_membership.excluded_from) == in_conflict | {
        "rival": OF_A,
        "applied": OF_A,
    }
    told = {
        name: [world.name_of(row.submission_id) for row in committee_membership.current_conflicts(person)]
        for name, person in world.people.items()
    }
    assert {name: " ".join(rows) for name, rows in told.items() if rows} == in_conflict
    has = each(
        world,
        lambda user: " ".join(
            name for name, file in world.files.items() if visibility.has_conflict(user=user, submission=file)
        ),
    )
    assert has == in_conflict

    def bound_on(user: User) -> set[int]:
        return {
            offer.pk for offer in world.offers.values() if visibility.has_conflict_on(user=user, offer=offer)
        }

    assert letters(world, bound_on) == {"one": "b", "two": "a", "bound": "a"}


def test_conflict_events_are_counted_for_the_member_and_for_staff(world: World) -> None:
    def events(file: str) -> dict[str, str]:
        return each(
            world,
            lambda user: str(visibility.conflict_events(user=user, submission=world.files[file]) or ""),
        )

    staff = ("sitting", "staff", "bound", "applied", "former")
    assert events("a1") == {"two": "1"} | dict.fromkeys(staff, "2")
    assert events("b3") == {"one": "1", "four": "2"} | dict.fromkeys(staff, "3")
    assert events("a2") == {}


def test_a_user_who_is_not_impartial_may_not_decide_on_the_offer(world: World) -> None:
    free = letters(
        world, lambda user: set(decisions_queries.decidable_offers(user).values_list("pk", flat=True))
    )
    assert free == {
        **dict.fromkeys(world.people, "abc"),
        **dict.fromkeys(("two", "rival", "bound", "applied"), "bc"),
        "one": "ac",
    }

    def impartial_to(user: User) -> set[int]:
        offers = world.offers.values()
        return {offer.pk for offer in offers if impartiality.is_impartial(user=user, offer=offer)}

    def without(user: User) -> set[int]:
        return set(impartiality.impartial_offers(Offer.objects.all(), user).values_list("pk", flat=True))

    def staked(user: User) -> set[int]:
        return {offer.pk for offer in world.offers.values() if impartiality.lacks_impartiality(offer, user)}

    assert letters(world, impartial_to) == letters(world, without) == free
    assert letters(world, staked) == {"two": "a", "rival": "a", "bound": "a", "applied": "a", "one": "b"}
    assert not impartiality.lacks_impartiality(world.offers["a"], world.files["a1"]), "no account"

    def decides(user: User) -> set[int]:
        return {
            offer.pk
            for offer in world.offers.values()
            if decisions_queries.may_decide_on(user=user, offer=offer)
        }

    of_staff = {name: free[name] for name in ("sitting", "staff", "bound", "applied", "former")}
    assert letters(world, decides) == of_staff


def test_a_batch_waits_for_impartial_users_who_did_not_prepare_it(world: World) -> None:
    def waits(user: User) -> str:
        return "yes" if world.batch in decisions_queries.batches_to_approve(user) else ""

    def reads(user: User) -> str:
        return "yes" if world.batch in decisions_queries.batches_of(user) else ""

    assert each(world, waits) == {"sitting": "yes", "former": "yes"}
    without_a_stake = ("one", "four", "sitting", "left", "staff", "former", "nobody")
    assert each(world, reads) == dict.fromkeys(without_a_stake, "yes")
    (read,) = decisions_queries.batches_of(world.people["staff"])
    assert (vars(read)["action"], vars(read)["count"], vars(read)["refused"]) == ("DECLINE", 1, 0)


# -- Marking ---------------------------------------------------------------------------------------------------
def test_each_user_is_assigned_the_marks_of_the_table(world: World) -> None:
    assert files_by_person(world, committee_membership.assigned_to) == {
        "one": f"{OF_A} b1 b3",
        "two": OF_A,
        "four": "b3 b5",
        "sitting": OF_A,
    }
    assert files_by_person(world, marks_queries.awaiting_mark_of) == {
        "one": "a2 a6 b1",
        "two": "a6",
        "four": "b3",
        "sitting": "a1 a2 a6",
    }
    divided = {letter: committee_membership.is_divided(offer.pk) for letter, offer in world.offers.items()}
    assert divided == {"a": False, "b": True, "c": False}


def test_an_assignment_is_due_on_its_day_and_overdue_the_day_after(world: World) -> None:
    assert files_by_person(world, lambda user: committee_membership.due_on(user, FIRST)) == {"one": "b1"}
    assert files_by_person(world, lambda user: committee_membership.due_on(user, LATER)) == {
        "one": "b3",
        "four": "b3 b5",
        "left": "b2",
    }
    assert files_by_person(world, lambda user: committee_membership.due_before(user, FIRST)) == {}
    assert files_by_person(world, lambda user: committee_membership.due_before(user, LATER)) == {"one": "b1"}


def test_only_submitted_marks_on_current_filings_by_impartial_members_count(world: World) -> None:
    means = {name: marks_queries.mean_of(file) for name, file in world.files.items()}
    assert {name: mean for name, mean in means.items() if mean != (None, 0)} == {
        "a1": (Decimal(4), 1),
        "a2": (Decimal(3), 1),
        "a3": (Decimal(3), 2),
        "b5": (Decimal(3), 1),
    }


def test_each_user_reads_the_marks_of_the_table(world: World) -> None:
    def reads(user: User) -> str:
        files = world.files.items()
        return " ".join(
            name for name, file in files if marks_queries.may_read_marks(user=user, submission=file)
        )

    assert each(world, reads) == {
        "one": "a1 a3",
        "two": "a1 a2",
        "four": "b5",
        "sitting": f"a3 {OF_B}",
        "staff": ALL,
        "bound": ALL,
        "applied": OF_B,
        "former": "a1 a3 a4 a5 a6 b1 b2 b3 b4 b5",
    }


def test_each_user_has_yet_to_mark_the_files_of_the_table(world: World) -> None:
    unread = {
        "one": "a2 a4 a5 a6 b1 b2 b3 b4 b5",
        "two": "a3 a4 a5 a6",
        "four": "b1 b2 b3 b4",
        "sitting": "a1 a2 a4 a5 a6",
        "rival": OF_A,
        "left": "b2",
        "applied": OF_A,
        "former": "a2",
    }

    def by_offer(user: User) -> str:
        found: set[int] = set()
        for offer in world.offers.values():
            files = Submission.objects.filter(offer=offer)
            found |= marks_queries.submissions_with_hidden_marks(user=user, offer=offer, submissions=files)
        return world.named(Submission.objects.filter(pk__in=found))

    assert each(world, by_offer) == unread
    assert files_by_person(world, marks_queries.marks_hidden_from) == unread
    begun = each(
        world,
        lambda user: " ".join(
            world.name_of(row.submission_id) for row in marks_queries.draft_assessments_of(user)
        ),
    )
    assert begun == {"one": "a2", "sitting": "a1", "left": "b2", "former": "a2"}


def test_files_with_hidden_marks_have_no_mean_and_come_last(world: World) -> None:
    def listed(name: str) -> list[tuple[str, bool, Decimal | None, int | None]]:
        files = Submission.objects.filter(offer=world.offers["a"], standing_filing__isnull=False)
        return [
            (
                world.name_of(row.pk),
                marks_queries.are_marks_hidden(row),
                vars(row)["mean_mark"],
                vars(row)["marks"],
            )
            for row in decisions_queries.in_decision_order(files, world.people[name])
        ]

    unread = [(name, True, None, None) for name in ("a1", "a2", "a4", "a5", "a6")]
    assert listed("sitting") == [("a3", False, Decimal(3), 2), *unread]
    assert listed("staff") == [
        ("a1", False, Decimal(4), 1),
        ("a2", False, Decimal(3), 1),
        ("a3", False, Decimal(3), 2),
        *((name, False, None, None) for name in ("a4", "a5", "a6")),
    ]


def test_work_counts_include_only_files_that_the_user_reads(world: World) -> None:
    counted = {
        name: tuple(dashboard_figures.work_counts(person).values())
        for name, person in world.people.items()
        if any(dashboard_figures.work_counts(person).values())
    }
    # Counts: to review, to mark, shortlisted, with a pending review request, found in the register.
    assert counted == {
        "one": (6, 3, 1, 1, 0),
        "two": (1, 1, 1, 1, 0),
        "four": (5, 1, 0, 0, 0),
        "sitting": (7, 3, 1, 1, 0),
        "staff": (7, 0, 1, 1, 0),
        "bound": (6, 0, 1, 1, 0),
        "applied": (5, 0, 0, 0, 0),
        "former": (7, 0, 1, 1, 0),
    }
    keys = ["received", "unmarked", "shortlisted", "reserved", "matched"]
    assert list(dashboard_figures.work_counts(world.people["staff"])) == keys


# -- Hidden data -----------------------------------------------------------------------------------------------
def test_the_hidden_subjects_are_files_in_conflict_and_those_of_an_offer_applied_to(
    world: World,
) -> None:
    def untold(user: User) -> str:
        hidden = journal_visibility.hidden_subjects(user)
        return " ".join(f"{rows.model._meta.model_name} {rows.count()}" for rows in hidden[:3])

    a = Submission.objects.filter(offer=world.offers["a"]).count()
    filed = Filing.objects.filter(submission__offer=world.offers["a"]).count()
    assert each(world, untold) == {
        **dict.fromkeys(("one", "two", "bound"), "submission 1 filing 1 receipt 1"),
        **dict.fromkeys(("rival", "applied"), f"submission {a} filing {filed} receipt {filed}"),
    }
    (rivals, *_rest) = journal_visibility.hidden_subjects(world.people["applied"])
    assert set(rivals) == set(Submission.objects.filter(offer=world.offers["a"]))
    assert journal_visibility.hidden_subjects(AnonymousUser()) == []
    decided = journal_visibility.hidden_subjects(world.files["a3"].candidate)
    assert [rows.exists() for rows in decided] == [True] * 4
    (hidden, *_rest) = journal_visibility.hidden_subjects(world.people["two"])
    assert list(hidden) == [world.files["a1"]]


def test_journal_entries_with_sizes_are_hidden_from_users_in_conflict(world: World) -> None:
    def hidden(user: User) -> str:
        condition = untold.hidden_entries(user)
        entries = Entry.objects.filter(condition).order_by("pk") if condition else Entry.objects.none()
        return " ".join(entries.values_list("action", flat=True))

    assert each(world, hidden) == {
        "one": "FILES_ASSIGNED FILES_ASSIGNED",
        **dict.fromkeys(("two", "rival", "bound", "applied"), "DECISIONS_PREPARED"),
    }
    assert untold.hidden_entries(AnonymousUser()) == Q()
