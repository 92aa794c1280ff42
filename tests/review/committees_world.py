"""Two committees with files, one that divided them and one that did not, and a person in each position."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.review.assignment.operations import assign_files
from intake.review.committees.operations import add_committee_member, lift_conflict, remove_committee_member
from intake.review.models import Assignment, CommitteeMember, DecisionBatch
from intake.submissions.after_filing.operations import start_amendment, withdraw_submission
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.decisions import make_batch
from tests.factories.people import make_staff, make_user
from tests.factories.review import (
    make_assessment,
    make_conflict,
    make_filed,
    make_filed_for_review,
    make_shortlisted,
)
from tests.factories.submissions import ALL_DECLARATIONS, make_draft, make_open_offer

FIRST: Final = date(2031, 4, 7)
"""The earlier of two due days; the later one is the next day."""
LATER: Final = date(2031, 4, 8)


@dataclass(frozen=True, slots=True)
class World:
    """Users, offers and files by the names that the tables use."""

    people: dict[str, User]
    offers: dict[str, Offer]
    """`a` divided nothing, `b` divided its files, `c` has no submission."""
    files: dict[str, Submission]
    """By the letter of their offer and their number in it."""
    batch: DecisionBatch
    """A batch on the shortlisted file of `a`, prepared by `staff`."""

    def named(self, files: QuerySet[Submission]) -> str:
        """Return the names of `files`, in order. Drafts have no name."""
        found = set(files.order_by().values_list("pk", flat=True))
        return " ".join(name for name, file in self.files.items() if file.pk in found)

    def name_of(self, pk: int) -> str:
        """Return the name of the file with this primary key."""
        return next(name for name, file in self.files.items() if file.pk == pk)

    def person_of(self, pk: int) -> str:
        """Return the name of the user with this primary key."""
        return next(name for name, person in self.people.items() if person.pk == pk)


def make_world() -> World:
    """Make the world by the portal's operations."""
    offers = {letter: make_open_offer() for letter in "abc"}
    a, b, _c = offers.values()
    people = {
        # Members. Their addresses are in another order than their memberships.
        "one": _member("d", a, b),
        "two": _member("c", a),
        "four": _member("b", b),
        "sitting": _member("a", a, role=Role.STAFF),
        # A member who later applied to `a`, and one who left `b`.
        "rival": _member("e", a),
        "left": _member("f", b),
        # Staff: impartial; in conflict on `a1`; with a draft for `a`; and one who left the committee of `a`.
        "staff": make_staff(),
        "bound": make_staff(),
        "applied": make_staff(),
        "former": _member("g", a, role=Role.STAFF),
        "nobody": make_user(),
    }
    files = {
        "a1": make_filed(a),
        "a2": make_filed(a),
        "a3": make_shortlisted(a),
        "a4": make_filed_for_review(a),
        "a5": make_filed(a),
        "a6": make_filed(a),
        **{f"b{number}": make_filed(b) for number in range(1, 6)},
    }
    world = World(people, offers, files, make_batch(files["a3"], preparer=people["staff"]))
    _mark_all(world)
    _divide(world)
    _leave(world)
    return world


def _member(letter: str, *offers: Offer, role: Role = Role.REVIEWER) -> User:
    member = make_staff(role, f"{letter}@exemple.invalid")
    for offer in offers:
        add_committee_member(offer=offer, reviewer=member)
    return member


def _mark_all(world: World) -> None:
    """`a6` is filed again after its mark. `one`, `sitting`, `former` and `left` have draft assessments."""
    people, files = world.people, world.files
    for file, member, value in (
        ("a1", "one", 4),
        ("a1", "two", 2),
        ("a1", "rival", 5),
        ("a1", "sitting", None),
        ("a2", "one", None),
        ("a2", "two", 3),
        ("a2", "former", None),
        ("a3", "one", 5),
        ("a3", "sitting", 1),
        ("a6", "two", 3),
        ("b2", "left", None),
        ("b5", "four", 3),
    ):
        make_assessment(files[file], people[member], value)
    again = files["a6"]
    draft = start_amendment(submission=again, actor=again.candidate)
    file_draft(draft=draft, actor=again.candidate, declarations=ALL_DECLARATIONS)
    withdraw_submission(submission=files["a5"], actor=files["a5"].candidate, reason="Non.")
    move_submission(submission=files["a2"], action=Action.START_REVIEW, actor=people["staff"])


def _divide(world: World) -> None:
    for due_on, pairs in (
        (FIRST, (("b1", "one"),)),
        (LATER, (("b2", "left"), ("b3", "one"), ("b3", "four"), ("b5", "four"))),
    ):
        assign_files(
            offer=world.offers["b"],
            pairs=[(world.files[file].pk, world.people[member].pk) for file, member in pairs],
            way=Assignment.Way.HAND,
            due_on=due_on,
            actor=world.people["staff"],
            at=timezone.now(),
        )


def _leave(world: World) -> None:
    people, files, staff = world.people, world.files, world.people["staff"]
    for file, person in (("a1", "two"), ("a1", "bound"), ("b3", "one")):
        make_conflict(files[file], people[person])
    lifted = make_conflict(files["b3"], people["four"])
    lift_conflict(conflict=lifted, actor=staff, reason="Homonyme.", at=timezone.now())
    for person in ("rival", "applied"):
        make_draft(offer=world.offers["a"], candidate=people[person])
    for offer, person in (("b", "left"), ("a", "former")):
        seat = CommitteeMember.objects.get(offer=world.offers[offer], reviewer=people[person])
        remove_committee_member(member=seat, actor=staff)


def each(world: World, ask: Callable[[User], str]) -> dict[str, str]:
    """Return the answer for each person, without empty answers."""
    return {name: said for name, person in world.people.items() if (said := ask(person))}


def files_by_person(world: World, condition: Callable[[User], Q]) -> dict[str, str]:
    """Return the files that a condition selects for each person."""
    return each(world, lambda user: world.named(Submission.objects.filter(condition(user))))


def letters(world: World, offers: Callable[[User], set[int]]) -> dict[str, str]:
    """Return the letters of the offers that a function returns for each person."""
    return each(
        world,
        lambda user: "".join(letter for letter, offer in world.offers.items() if offer.pk in offers(user)),
    )
