"""Every search of the portal finds a stored text in each spelling, and every list searches the same way."""

import re
from collections.abc import Callable
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.journal.services import record
from intake.outbox.services import post
from intake.review.committees.operations import add_committee_member
from intake.review.exports.operations import export_shortlist
from intake.review.models import ShortlistExport
from intake.review.queue.saved_views import save_view
from intake.submissions.delivery_kinds import DOSSIER
from intake.submissions.models import Submission
from offers.models import Offer
from tests.factories.participants import make_participation, portal_programme
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_conflict, make_filed
from tests.factories.submissions import make_draft, make_open_offer

pytestmark = pytest.mark.django_db

SPELLINGS = {
    "Nguyen": "Nguyễn",
    "kirmizi": "Kırmızı",
    "belanger-coeur": "Bélanger-Cœur",
    "lukasz": "Łukasz",
    "dang": "Đặng",
    "GROSS": "Groß",
    "O'Ecuyer": "O’Écuyer",
    "jean–pierre": "Jean Pierre",
    "soren": "Søren",
}
"""Spellings, and the one stored text that each finds."""

type Found = Callable[[str], set[str]]
"""Returns the stored texts that a page shows when this is typed in its search box."""


class World(NamedTuple):
    """The reader, the offer of the files, a file and a reviewer per stored text, and files by number."""

    staff: User
    offer: Offer
    filed: dict[str, Submission]
    reviewers: dict[str, User]
    numbered: dict[str, Submission]


@pytest.fixture(scope="module")
def kept_world(module_db: None) -> World:
    offer = make_open_offer(organisation="Agence")
    filed = {name: make_filed(offer, last_name=name, first_name="Al") for name in SPELLINGS.values()}
    reviewers = {name: make_staff(Role.REVIEWER, display_name=name) for name in SPELLINGS.values()}
    others = (make_filed(offer, last_name="Autre", first_name="Al") for _rank in range(3))
    return World(make_staff(Role.STAFF), offer, filed, reviewers, {_number(row): row for row in others})


@pytest.fixture
def world(kept_world: World) -> World:
    return deepcopy(kept_world)


def _list(world: World, model: str, rows: dict[int, str]) -> Found:
    """Search the administration's list of a model. `rows`: stored texts by primary key."""
    client, address = client_of(world.staff), reverse(f"admin:{model}_changelist")

    def find(typed: str) -> set[str]:
        shown: Any = client.get(address, {"q": typed}).context["cl"].result_list
        return {rows[row.pk] for row in shown if row.pk in rows}

    return find


def _accounts(world: World) -> Found:
    return _list(world, "accounts_user", {user.pk: name for name, user in world.reviewers.items()})


def _queue(world: World) -> Found:
    return _list(world, "submissions_submission", {row.pk: name for name, row in world.filed.items()})


def _saved_view(world: World) -> Found:
    filed = {row.pk: name for name, row in world.filed.items()}
    client, queue = client_of(world.staff), reverse("admin:submissions_submission_changelist")

    def find(typed: str) -> set[str]:
        view = save_view(owner=world.staff, name=typed, query=urlencode({"q": typed}))
        shown: Any = client.get(f"{queue}?{view.query}").context["cl"].result_list
        return {filed[row.pk] for row in shown}

    return find


def _journal_of_people(world: World) -> Found:
    done = {
        record(actor=user, action="LOOKED_AT", subject=None).pk: name
        for name, user in world.reviewers.items()
    }
    return _list(world, "journal_entry", done)


def _journal_of_files(world: World) -> Found:
    opened = {
        record(actor=None, action="LOOKED_AT", subject=submission).pk: name
        for name, submission in world.filed.items()
    }
    return _list(world, "journal_entry", opened)


def _deliveries(world: World) -> Found:
    with transaction.atomic():
        posted = {post(kind=DOSSIER, key=name, subject="rien").pk: name for name in SPELLINGS.values()}
    return _list(world, "outbox_delivery", posted)


def _committees(world: World) -> Found:
    seats = {
        add_committee_member(offer=world.offer, reviewer=reviewer).pk: name
        for name, reviewer in world.reviewers.items()
    }
    return _list(world, "review_committeemember", seats)


def _conflicts(world: World) -> Found:
    conflicts = {make_conflict(submission).pk: name for name, submission in world.filed.items()}
    return _list(world, "review_conflict", conflicts)


def _exports(world: World) -> Found:
    for name in SPELLINGS.values():
        actor = make_staff(display_name=name)
        export_shortlist(offer=world.offer, file_format="csv", to=BytesIO(), actor=actor, reason="Envoi")
    made = dict(ShortlistExport.objects.values_list("pk", "actor__display_name"))
    return _list(world, "review_shortlistexport", made)


def _offers(world: World) -> dict[int, str]:
    del world
    return {make_open_offer(organisation=name).pk: name for name in SPELLINGS.values()}


def _offer_desk(world: World) -> Found:
    return _list(world, "offers_offer", _offers(world))


def _public_offers(world: World) -> Found:
    rows, client = _offers(world), client_of(make_user())

    def find(typed: str) -> set[str]:
        shown: Any = client.get("/offres/", {"q": typed}).context["listing"]
        assert not shown.is_approximate
        return {rows[card["offer"].pk] for card in shown.cards}

    return find


def _assignments(world: World) -> Found:
    filed = {row.pk: name for name, row in world.filed.items()}
    client, address = client_of(world.staff), reverse("review:assignments", args=[world.offer.number])

    def find(typed: str) -> set[str]:
        shown: Any = client.get(address, {"q": typed}).context["rows"]
        return {filed[row.submission.pk] for row in shown}

    return find


def _personal_deadlines(world: World) -> Found:
    offer = make_open_offer()  # without any submission
    people = {
        make_draft(offer=offer, last_name=name, first_name="Al").submission.candidate_id: name
        for name in SPELLINGS.values()
    }
    client, address = client_of(world.staff), reverse("extensions:offer", args=[offer.number])

    def find(typed: str) -> set[str]:
        shown: Any = client.post(address, {"words": typed}).context["found"]
        return {people[row.user.pk] for row in shown}

    return find


def _register(world: World) -> Found:
    client, address = client_of(world.staff), reverse("admin:register_participation_search")
    entered = {
        reverse("admin:register_participation_change", args=[row.pk]): name
        for name in SPELLINGS.values()
        for row in [make_participation(last_name=name, first_name="Al")]
    }

    def find(typed: str) -> set[str]:
        person = {"last_name": typed, "first_name": "Al", "birth_date": "1990-05-04"}
        shown: Any = client.post(address, person | {"programme": portal_programme().pk}).context["found"]
        return {entered[row["url"]] for row in shown}

    return find


LISTS: dict[str, tuple[Callable[[World], Found], ...]] = {
    "accounts.User": (_accounts,),
    "journal.Entry": (_journal_of_people, _journal_of_files),
    "outbox.Delivery": (_deliveries,),
    "submissions.Submission": (_queue, _saved_view),
    "review.CommitteeMember": (_committees,),
    "review.ShortlistExport": (_exports,),
    "review.Conflict": (_conflicts,),
    "offers.Offer": (_offer_desk,),
}
"""Lists of the administration that have a search box, with their searches."""
BOXES = {"offers/list.html": _public_offers, "review/assignments.html": _assignments}
"""Search boxes of the portal's own pages, by template."""
FORMS = (_personal_deadlines, _register)
"""Searches that are sent in a body, because the text is personal and must not be in an address."""
PAGES = [*(page for pages in LISTS.values() for page in pages), *BOXES.values(), *FORMS]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__.strip("_"))
def test_a_page_finds_a_name_in_any_spelling(world: World, page: Callable[[World], Found]) -> None:
    find = page(world)
    assert {typed: find(typed) for typed in SPELLINGS} == {typed: {name} for typed, name in SPELLINGS.items()}


# -- Numbers -------------------------------------------------------------------------------------------------------
def _number(submission: Submission) -> str:
    assert submission.standing_filing is not None
    return submission.standing_filing.receipt.number


def _journal_of_numbers(world: World, filed: dict[str, Submission]) -> Found:
    rows = {
        record(actor=None, action="LOOKED_AT", subject=submission).pk: number
        for number, submission in filed.items()
    }
    return _list(world, "journal_entry", rows)


def _deliveries_of_numbers(world: World, filed: dict[str, Submission]) -> Found:
    address, client = reverse("admin:outbox_delivery_changelist"), client_of(world.staff)

    def find(typed: str) -> set[str]:
        shown: Any = client.get(address, {"q": typed}).context["cl"].result_list
        return {row.key for row in shown} & set(filed)

    return find


def _queue_of_numbers(world: World, filed: dict[str, Submission]) -> Found:
    return _list(world, "submissions_submission", {row.pk: number for number, row in filed.items()})


def _conflicts_of_numbers(world: World, filed: dict[str, Submission]) -> Found:
    rows = {make_conflict(submission).pk: number for number, submission in filed.items()}
    return _list(world, "review_conflict", rows)


def _assignments_of_numbers(world: World, filed: dict[str, Submission]) -> Found:
    client, address = client_of(world.staff), reverse("review:assignments", args=[world.offer.number])

    def find(typed: str) -> set[str]:
        shown: Any = client.get(address, {"q": typed}).context["rows"]
        return {_number(row.submission) for row in shown} & set(filed)

    return find


NUMBERED = [
    _journal_of_numbers,
    _deliveries_of_numbers,
    _queue_of_numbers,
    _conflicts_of_numbers,
    _assignments_of_numbers,
]
PARTS: dict[str, Callable[[str], str]] = {
    "all of it": str,
    "in lower case": str.lower,
    "its end": lambda number: number[-8:],
    "its end with a dash": lambda number: number[-8:].replace("-", "\N{EN DASH}"),
    "its figures": lambda number: number.split("-")[-2],
    "the end of its figures": lambda number: number[-5:],
}


@pytest.mark.parametrize("page", NUMBERED, ids=lambda page: page.__name__.strip("_"))
def test_a_page_finds_a_number_by_any_part_of_it(
    world: World, page: Callable[[World, dict[str, Submission]], Found]
) -> None:
    filed = world.numbered
    find, (wanted, *_others) = page(world, filed), filed
    assert {words: find(part(wanted)) for words, part in PARTS.items()} == {
        words: {wanted} for words in PARTS
    }


# -- All of them ---------------------------------------------------------------------------------------------------
def test_every_list_with_a_search_box_is_tested() -> None:
    searched = {
        model._meta.label
        for model, page in admin.site._registry.items()
        if page.get_search_fields(HttpRequest())
    }
    assert searched == LISTS.keys()


def test_no_list_uses_the_search_of_django() -> None:
    djangos = {
        model._meta.label
        for model, page in admin.site._registry.items()
        if page.get_search_fields(HttpRequest())
        and type(page).get_search_results is admin.ModelAdmin.get_search_results
    }
    assert djangos == set()


def test_every_search_box_of_the_portals_own_pages_is_tested() -> None:
    folder = Path(settings.BASE_DIR, "templates")
    boxes = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.html")
        if re.search(r'type="search"|name="q"', path.read_text(encoding="utf-8"))
        and path.relative_to(folder).parts[0] != "admin"
    }
    assert boxes == BOXES.keys()


def test_only_the_shared_search_ignores_case() -> None:
    other = re.compile(r"unaccent|__icontains|__istartswith|__iexact|__search\b")
    rooms = [
        path
        for room in ("intake", "offers")
        for path in Path(settings.BASE_DIR, room).rglob("*.py")
        if path.parent.name != "migrations"
    ]
    assert len(rooms) > 100
    assert [str(path) for path in rooms if other.search(path.read_text(encoding="utf-8"))] == []
