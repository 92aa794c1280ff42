"""Contexts of the pages that divide an offer's files, and the messages after each form."""

from copy import deepcopy
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.review.assignment.operations import AssignmentNotAllowedError, assign_files
from intake.review.assignment.queries import RefusalReason
from intake.review.assignment.views import assignments, evenly
from intake.review.assignment.views.assignments import Choice
from intake.review.committees.operations import remove_committee_member
from intake.review.models import Assignment, CommitteeMember
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.models import Submission
from offers.models import Offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import (
    make_assessment,
    make_conflict,
    make_filed,
    make_filed_for_review,
    make_reviewer,
)
from tests.factories.submissions import make_open_offer
from tests.review.form_errors import error_codes
from tests.review.page_responses import asked_by, redirect_of, view_context

pytestmark = pytest.mark.django_db

HAND, EVEN = assignments, evenly


class CaseData(NamedTuple):
    """An offer with its committee and three unassigned files, and a staff member."""

    offer: Offer
    members: list[User]
    files: list[Submission]
    staff: User


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer = make_open_offer()
    people = [make_reviewer(email=f"{name}@exemple.invalid") for name in ("cy", "ann", "bob")]
    for person, name in zip(people, ("Cy", "Ann", "Bob"), strict=True):
        person.display_name = name
        person.save()
    for person in people:
        CommitteeMember.objects.create(offer=offer, reviewer=person)
    files = [make_filed(offer, last_name=name) for name in ("Zola", "Hugo", "Sand")]
    return CaseData(offer, [people[1], people[2], people[0]], files, make_staff())


@pytest.fixture
def world(made: CaseData) -> CaseData:
    return deepcopy(made)


@pytest.fixture
def offer(world: CaseData) -> Offer:
    return world.offer


@pytest.fixture
def staff(world: CaseData) -> User:
    return world.staff


@pytest.fixture
def members(world: CaseData) -> list[User]:
    """Ann, Bob and Cy, in this order, which is not that of their memberships."""
    return world.members


@pytest.fixture
def files(world: CaseData) -> list[Submission]:
    return world.files


def number(file: Submission) -> str:
    assert file.standing_filing is not None
    return file.standing_filing.receipt.number


def give(offer: Offer, *pairs: tuple[Submission, User], due_on: date | None = None) -> None:
    assign_files(
        offer=offer,
        pairs=[(file.pk, member.pk) for file, member in pairs],
        way=Assignment.Way.HAND,
        due_on=due_on,
        actor=make_staff(),
        at=timezone.now(),
    )


def page(offer: Offer, name: str) -> str:
    return reverse(f"review:{name}", args=[offer.number])


def stored_assignments() -> set[tuple[int, int]]:
    return set(Assignment.objects.values_list("submission", "reviewer"))


# -- By hand ---------------------------------------------------------------------------------------------------
def test_the_page_lists_each_file_with_the_choices_of_each_member(
    offer: Offer, files: list[Submission], staff: User, members: list[User]
) -> None:
    ann, bob, cy = members
    reserved = make_filed_for_review(offer)
    make_filed(make_open_offer())
    give(offer, (files[0], ann), (files[0], bob), (files[1], cy))
    make_assessment(files[0], ann, 4)
    make_assessment(files[1], bob, None)
    make_conflict(files[2], cy)
    client = client_of(staff)
    seen = view_context(client.get(page(offer, "assignments")))
    assert [(row.submission, row.number) for row in seen["rows"]] == [(file, number(file)) for file in files]
    assert [row.choices for row in seen["rows"]] == [
        (
            Choice("Ann", f"{files[0].pk}-{ann.pk}", checked=True, assigned=True, fixed="note remise"),
            Choice("Bob", f"{files[0].pk}-{bob.pk}", checked=True, assigned=True, fixed=""),
            Choice("Cy", f"{files[0].pk}-{cy.pk}", checked=False, assigned=False, fixed=""),
        ),
        (
            Choice("Ann", f"{files[1].pk}-{ann.pk}", checked=False, assigned=False, fixed=""),
            Choice("Bob", f"{files[1].pk}-{bob.pk}", checked=False, assigned=False, fixed=""),
            Choice("Cy", f"{files[1].pk}-{cy.pk}", checked=True, assigned=True, fixed=""),
        ),
        (
            Choice("Ann", f"{files[2].pk}-{ann.pk}", checked=False, assigned=False, fixed=""),
            Choice("Bob", f"{files[2].pk}-{bob.pk}", checked=False, assigned=False, fixed=""),
            Choice("Cy", f"{files[2].pk}-{cy.pk}", checked=False, assigned=False, fixed="conflit d’intérêts"),
        ),
    ]
    assert [row.assigned for row in seen["rows"]] == [f"{files[0].pk}-{bob.pk}", f"{files[1].pk}-{cy.pk}", ""]
    assert reserved.pk not in {row.submission.pk for row in seen["rows"]}
    form, even = seen["form"], seen["even"]
    assert (form.initial, form.on) == ({"shown": True}, timezone.localdate())
    assert (even.initial, even.on, even.auto_id) == (
        {"readers": 2, "common": 0},
        timezone.localdate(),
        "even_%s",
    )
    assert {
        name: seen[name]
        for name in ("title", "offer", "whole", "unread", "reserved", "query", "without", "division_url")
    } == {
        "title": "Attribution",
        "offer": offer,
        "whole": "3",
        "unread": "1",
        "reserved": 1,
        "query": "",
        "without": False,
        "division_url": page(offer, "assignments"),
    }
    assert seen["place"] == {
        "queue_url": f"{reverse('admin:submissions_submission_changelist')}?offre={offer.number}"
    }
    for query, found in (
        ({"voir": "sans-lecture"}, [files[2]]),
        ({"voir": "autre"}, files),
        ({"q": "hugo"}, [files[1]]),
        ({"q": "hugo", "voir": "sans-lecture"}, []),
    ):
        narrowed = view_context(client.get(page(offer, "assignments"), query))
        assert [row.submission for row in narrowed["rows"]] == found
        assert (narrowed["query"], narrowed["without"]) == (
            query.get("q", ""),
            query.get("voir") == "sans-lecture",
        )


@pytest.mark.parametrize("others, size", [(0, 25), (17, 25), (18, 23), (24, 18), (449, 1), (450, 1)])
def test_a_page_has_as_many_files_as_the_field_limit_permits(others: int, size: int) -> None:
    offer, staff = Offer(pk=1), User(pk=1)
    found = HAND._page(asked_by(staff), offer, staff, members=others)
    assert found.paginator.per_page == size


def test_refused_ticks_are_displayed_again_with_the_reasons(
    offer: Offer, files: list[Submission], staff: User, members: list[User]
) -> None:
    ann, bob, cy = members
    mine, marked, _other = files
    give(offer, (mine, ann), (marked, bob))
    make_assessment(marked, bob, 3)
    make_conflict(mine, cy)
    stranger = make_reviewer(make_open_offer())
    elsewhere = make_filed(make_open_offer())
    address = f"{page(offer, 'assignments')}?q="
    sent = {
        "shown": "on",
        "etait": f"{mine.pk}-{ann.pk}",
        "lit": [
            f"{mine.pk}-{bob.pk}",
            f"{mine.pk}-{cy.pk}",
            f"{mine.pk}-{stranger.pk}",
            f"{elsewhere.pk}-{ann.pk}",
            f"{mine.pk}-999999",
            "999999-999999",
            f"{elsewhere.pk}-{bob.pk}",
        ],
    }
    answer = client_of(staff).post(address, sent)
    assert answer.status_code == 422
    seen = view_context(answer)
    assert [error.replace("\u00a0", " ") for error in seen["form"].non_field_errors()] == [
        " ".join(
            [
                "Rien n’a changé.",
                f"Cy a un conflit d’intérêts avec {number(mine)}.",
                f"{stranger} ne siège pas au comité de cette offre.",
                "Un dossier n’est pas une candidature de cette offre.",
                "Cette personne ne siège pas au comité de cette offre.",
                "Un dossier n’est pas une candidature de cette offre.",
            ]
        )
    ]
    assert [[(choice.checked, choice.assigned) for choice in row.choices] for row in seen["rows"]] == [
        [(False, True), (True, False), (False, False)],
        [(False, False), (True, True), (False, False)],
        [(False, False), (False, False), (False, False)],
    ]
    assert stored_assignments() == {(mine.pk, ann.pk), (marked.pk, bob.pk)}


def test_changed_assignments_are_summarised_in_one_message(
    offer: Offer, files: list[Submission], staff: User, members: list[User]
) -> None:
    ann, bob, cy = members
    one, two, _other = files
    client = client_of(staff)
    address = f"{page(offer, 'assignments')}?q=x"

    def sent(*ticked: tuple[Submission, User], was: list[tuple[Submission, User]]) -> Any:
        pairs = {
            "lit": [f"{file.pk}-{member.pk}" for file, member in ticked],
            "etait": ",".join(f"{file.pk}-{member.pk}" for file, member in was),
        }
        return redirect_of(
            client.post(address, {"shown": "on"} | {name: value for name, value in pairs.items() if value})
        )

    given = [(one, ann), (one, bob), (two, cy)]
    assert sent(*given, was=[]) == (address, [("success", "3 évaluations attribuées.")])
    assert sent(*given, was=given) == (address, [("success", "Il n’y avait rien à changer.")])
    assert sent((one, ann), (two, ann), was=given) == (
        address,
        [("success", "1 évaluation attribuée. 2 attributions retirées.")],
    )
    make_assessment(one, ann, 4)
    stayed = "Les dossiers déjà notés, ou repris par une autre personne, n’ont pas changé."
    assert sent(was=[(one, ann), (two, ann), (two, cy)]) == (
        address,
        [("success", f"1 attribution retirée. {stayed}")],
    )
    assert stored_assignments() == {(one.pk, ann.pk)}


# -- Evenly ----------------------------------------------------------------------------------------------------
def test_an_even_division_is_previewed_member_by_member(
    offer: Offer, files: list[Submission], staff: User, members: list[User]
) -> None:
    ann, bob, cy = members
    give(offer, (files[0], ann), (files[1], ann))
    make_conflict(files[2], bob)
    address = page(offer, "assign_evenly")
    client = client_of(staff)
    first = view_context(client.get(address))
    assert (first["title"], first["form"].is_bound, first["form"].initial) == (
        "Attribuer également",
        False,
        {"readers": 2, "common": 0},
    )
    assert "proposal" not in first
    day = timezone.localdate() + timedelta(days=3)
    seen = view_context(client.get(address, {"readers": "3", "due_on": day.isoformat()}))
    assert seen["rows"] == [
        {"member": ann, "has": 2, "gets": 1, "total": 3},
        {"member": bob, "has": 0, "gets": 2, "total": 2},
        {"member": cy, "has": 0, "gets": 3, "total": 3},
    ]
    assert seen["short"] == [
        {"submission": files[2], "number": number(files[2]), "readers": 2, "reason": "conflits d’intérêts"}
    ]
    assert {
        name: seen[name]
        for name in ("readers", "new", "taken_back", "few", "short_count", "short_more", "due_on")
    } == {
        "readers": 3,
        "new": 6,
        "taken_back": [],
        "few": False,
        "short_count": 1,
        "short_more": 0,
        "due_on": day,
    }
    few = view_context(client.get(address, {"readers": "4"}))
    assert (few["few"], few["due_on"], {row["reason"] for row in few["short"]}) == (
        True,
        None,
        {"le comité compte trop peu de membres"},
    )
    for wrong, is_shown in (
        ({"readers": "0"}, False),
        ({"readers": "x"}, False),
        ({"readers": "2", "due_on": "2020-01-01"}, False),
    ):
        answer = client.get(address, wrong)
        assert (answer.status_code, "proposal" in view_context(answer)) == (422, is_shown)


def test_files_without_enough_reviewers_are_listed_up_to_a_maximum(
    staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = make_open_offer()
    assert EVEN.SHORT_SHOWN == 50
    monkeypatch.setattr(EVEN, "SHORT_SHOWN", 2)
    files = [make_filed(offer) for _time in range(3)]
    seen = view_context(client_of(staff).get(page(offer, "assign_evenly"), {"readers": "1"}))
    assert [row["submission"] for row in seen["short"]] == files[:2]
    assert (seen["short_count"], seen["short_more"], seen["few"]) == (3, 1, True)


def test_an_even_division_is_confirmed_with_its_numbers(
    offer: Offer, files: list[Submission], staff: User, members: list[User]
) -> None:
    ann, _bob, cy = members
    gone = [make_reviewer(offer, email=f"{name}@exemple.invalid") for name in ("zoe", "yan")]
    withdraw_submission(submission=files[2], actor=files[2].candidate, reason="Autre projet.")
    give(offer, *((files[0], member) for member in gone), (files[1], gone[0]), (files[0], ann))
    for member in gone:
        seat = CommitteeMember.objects.get(reviewer=member)
        remove_committee_member(member=seat, actor=make_staff())
    make_conflict(files[1], cy)
    client, address = client_of(staff), page(offer, "assign_evenly")
    seen = view_context(client.get(address))
    assert (seen["readers"], seen["form"].is_bound) == (3, True), "as many as a file had with those who left"
    assert seen["taken_back"] == [(gone[1], 1), (gone[0], 2)]
    seen = view_context(client.get(address, {"readers": "2"}))

    def make(readers: int, digest: str) -> Any:
        return client.post(address, {"readers": readers, "seen": digest})

    assert redirect_of(make(2, seen["proposal"].digest)) == (
        page(offer, "assignments"),
        [
            ("success", "3 attributions retirées à d’anciens membres."),
            ("success", "3 évaluations attribuées : Ann 1, Bob 1 et Cy 1."),
        ],
    )
    seen = view_context(client.get(address, {"readers": "2"}))
    assert redirect_of(make(2, seen["proposal"].digest))[1] == [
        ("info", "Il n’y avait rien à attribuer : chaque dossier a déjà les évaluations possibles.")
    ]
    seen = view_context(client.get(address, {"readers": "3"}))
    assert redirect_of(make(3, seen["proposal"].digest))[1] == [
        ("success", "1 évaluation attribuée : Bob 1. 1 dossier n’a pas toutes ses évaluations.")
    ]
    refused = make(2, "rien")
    assert (refused.status_code, view_context(refused)["readers"]) == (422, 2)
    assert error_codes(view_context(refused)["form"]) == {
        "__all__": [
            (
                "Les dossiers ou le comité ont changé pendant votre lecture. Voici la répartition "
                "actuelle ; rien n’est attribué."
            )
        ]
    }


# -- By a CSV file -----------------------------------------------------------------------------------------------
def listed(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("liste.csv", text.encode())


def test_a_list_is_previewed_with_its_numbers(
    offer: Offer, files: list[Submission], staff: User, members: list[User]
) -> None:
    ann, bob, cy = members
    give(offer, (files[0], cy))
    pairs = [(files[0], bob), (files[0], cy), (files[1], bob), (files[1], ann)]
    text = "numero,courriel\n" + "".join(f"{number(file)},{member.email}\n" for file, member in pairs)
    client, address = client_of(staff), page(offer, "assign_by_file")
    first = view_context(client.get(address))
    assert (first["title"], first["form"].is_bound, first["form"].on) == (
        "Attribuer par fichier",
        False,
        timezone.localdate(),
    )
    day = timezone.localdate()
    answer = client.post(address, {"file": listed(text), "due_on": day.isoformat()})
    seen = view_context(answer)
    assert answer.status_code == 200
    assert {name: seen[name] for name in ("new", "known", "shares", "text", "due_on")} == {
        "new": 3,
        "known": 1,
        "shares": [("Ann", 1), ("Bob", 2)],
        "text": text,
        "due_on": day,
    }
    again = client.post(address, {"file": listed(text), "text": text, "confirm": "1"})
    assert again.status_code == 200, "another file was chosen: it is read first"
    assert Assignment.objects.count() == 1
    confirmed = {"text": text, "confirm": "1", "due_on": day.isoformat()}
    assert redirect_of(client.post(address, confirmed)) == (
        page(offer, "assignments"),
        [("success", "3 évaluations attribuées.")],
    )
    assert stored_assignments() == {(file.pk, member.pk) for file, member in pairs}
    assert set(Assignment.objects.exclude(reviewer=cy).values_list("due_on", "way")) == {(day, "FILE")}


def test_the_first_twenty_problems_of_a_list_are_displayed(
    offer: Offer, staff: User, members: list[User]
) -> None:
    assert len(members) == 3
    client, address = client_of(staff), page(offer, "assign_by_file")
    for lines, more in ((20, 0), (21, 1)):
        text = "numero,courriel\n" + "X,ann@exemple.invalid\n" * lines
        answer = client.post(address, {"text": text, "confirm": "1"})
        seen = view_context(answer)
        assert (answer.status_code, seen["more_problems"]) == (422, more)
        problems = [problem.replace("\u00a0", " ") for problem in seen["problems"]]
        assert problems == [
            f"ligne {line}, colonne numero : aucune candidature de cette offre ne porte le numéro « X »"
            for line in range(2, 22)
        ]
        assert error_codes(seen["form"]) == {
            "file": ["Rien n’est attribué : corrigez la liste, puis recommencez."]
        }


def test_a_file_changed_since_the_preview_refuses_the_list(
    offer: Offer, files: list[Submission], staff: User, members: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = files[0]

    def changed(**_asked: Any) -> int:
        raise AssignmentNotAllowedError(refused={(file.pk, members[0].pk): RefusalReason.NOT_IN_HAND})

    monkeypatch.setattr(HAND, "assign_files", changed)
    text = f"numero,courriel\n{number(file)},{members[0].email}\n"
    answer = client_of(staff).post(page(offer, "assign_by_file"), {"text": text, "confirm": "1"})
    assert (answer.status_code, error_codes(view_context(answer)["form"])) == (
        422,
        {"file": ["Un dossier a changé entre-temps : rien n’est attribué. Envoyez de nouveau la liste."]},
    )
    assert "shares" not in view_context(answer)


# -- Due day -----------------------------------------------------------------------------------------------------
def test_due_days_are_listed_by_member_and_changed_for_one_or_all(
    offer: Offer, files: list[Submission], staff: User, members: list[User]
) -> None:
    ann, bob, cy = members
    soon, later = timezone.localdate() + timedelta(days=2), timezone.localdate() + timedelta(days=9)
    give(offer, (files[0], bob))
    give(offer, (files[1], bob), (files[1], ann), (files[0], cy), due_on=later)
    give(offer, (files[2], bob), (files[0], ann), due_on=soon)
    give(offer, (files[2], ann), due_on=later)
    make_assessment(files[0], cy, 2)
    client, address = client_of(staff), page(offer, "assign_due")
    seen = view_context(client.get(address))
    assert (seen["title"], seen["on"], seen["form"].is_bound) == ("Échéances", timezone.localdate(), False)
    assert seen["rows"] == [
        {"name": "Ann", "due_on": soon, "files": 1},
        {"name": "Ann", "due_on": later, "files": 2},
        {"name": "Bob", "due_on": soon, "files": 1},
        {"name": "Bob", "due_on": later, "files": 1},
        {"name": "Bob", "due_on": None, "files": 1},
    ]
    choices = seen["form"].fields["member"].choices
    assert [label for _pk, label in choices] == ["Tout le comité", "Ann", "Bob", "Cy"]
    one = "1 évaluation a une nouvelle échéance ; nous envoyons un courriel à la personne d’ici quelques minutes."
    many = (
        "5 évaluations ont une nouvelle échéance ; nous envoyons un courriel à chaque personne d’ici quelques "
        "minutes."
    )

    def change(day: date, member: User | None = None) -> Any:
        return redirect_of(
            client.post(address, {"due_on": day.isoformat(), "member": member.pk if member else ""})
        )

    assert change(later, ann) == (address, [("success", one)])
    assert change(later, ann) == (address, [("info", "Il n’y avait rien à changer.")])
    assert change(soon) == (address, [("success", many)])
    assert [
        (row["name"], row["due_on"], row["files"]) for row in view_context(client.get(address))["rows"]
    ] == [("Ann", soon, 3), ("Bob", soon, 3)]
