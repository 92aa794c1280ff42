"""Every list of the administration answers what it declares, and refuses every other lookup in the same way."""

import re
from collections.abc import Iterator
from html import unescape
from itertools import product
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib import admin
from django.contrib.admin import FieldListFilter, SimpleListFilter
from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.utils import get_fields_from_path
from django.http import HttpRequest
from django.template.backends.django import Template
from django.test import RequestFactory
from django.urls import reverse

import intake.urls  # noqa: F401 -- registers the lists of the administration
from intake.review.committees.operations import start_anonymous_review
from intake.submissions.models import Submission
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed, make_reviewer
from tests.factories.submissions import make_open_offer
from tests.house.browser import one_savepoint
from tests.house.world import World

pytestmark = pytest.mark.django_db

LISTS = sorted(each.opts.label_lower for each in admin.site._registry.values())
STAFF = ("reviewer", "staff", "administrator")
SUFFIXES = (
    "",
    "__exact",
    "__iexact",
    "__contains",
    "__startswith",
    "__in",
    "__gt",
    "__lte",
    "__range",
    "__regex",
    "__isnull",
    "__year",
    "__date__week_day",
    "__0",
    "__pk",
    "__email__startswith",
    "__password__startswith",
    "__nothing",
)
VALUES = ("(", "1", "", "a,b", "2026", "\ud800".encode("utf-8", "surrogatepass"), "9" * 30)
FEW = 4  # lookups of each list that the quick form asks as each person


def _admin_of(label: str) -> ModelAdmin[Any]:
    return next(each for each in admin.site._registry.values() if each.opts.label_lower == label)


def _address(label: str) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_changelist")


def _request(world: World, person: str) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = world.people[person]
    return request


def _declared(label: str, request: HttpRequest) -> set[str]:
    """Return the parameters that the filters of a list take."""
    owner, names = _admin_of(label), set[str]()
    for each in owner.get_list_filter(request):
        if isinstance(each, type) and issubclass(each, SimpleListFilter):
            names.add(str(each.parameter_name))
            continue
        path, kind = each if isinstance(each, tuple) else (each, FieldListFilter.create)
        field = get_fields_from_path(owner.model, str(path))[-1]
        spec = kind(field, request, {}, owner.model, owner, field_path=str(path))
        names |= {str(name) for name in spec.expected_parameters()}
    return names


def _lookups(label: str) -> list[str]:
    """Return the lookups of each column and relation of a list's model, of its annotations, and of nothing."""
    model = _admin_of(label).model
    names = {field.name for field in model._meta.get_fields()}
    names |= set(model.objects.all().query.annotations) | {
        "pk",
        "is_void",
        "is_blind",
        "nothing",
        "",
        "objects",
    }
    return [name + suffix for name, suffix in product(sorted(names), SUFFIXES) if name + suffix]


@pytest.fixture(autouse=True)
def in_one_savepoint(db: None) -> Iterator[None]:
    """Share one savepoint: only requests write here."""
    with one_savepoint():
        yield


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no page: half of the time of a request."""
    monkeypatch.setattr(Template, "render", lambda *_given: "")


def _ask(world: World, person: str, label: str, **asked: Any) -> tuple[int, str]:
    answer = world.ask(person, "GET", f"{_address(label)}?{urlencode(asked, doseq=True)}")
    return answer.status_code, answer.headers.get("Location", "")


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.full)])
@pytest.mark.parametrize("label", LISTS)
def test_a_list_refuses_every_lookup_that_it_does_not_declare(world: World, label: str, every: bool) -> None:  # noqa: FBT001 -- a table's column
    told = {}
    for person in STAFF:
        expected = _ask(world, person, label, nothing="x")
        assert expected[0] in {400, 403}
        declared = _declared(label, _request(world, person))
        lookups = [name for name in _lookups(label) if name not in declared]
        step = 1 if every else len(lookups) // FEW
        for place, name in enumerate(lookups[:: max(step, 1)]):
            for value in VALUES if every else VALUES[place % len(VALUES) :][:1]:
                if (answer := _ask(world, person, label, **{name: value})) != expected:
                    told[f"{person} {name}={value!r}"] = answer
    assert not told


@pytest.mark.parametrize("label", LISTS)
def test_the_refusal_of_a_lookup_is_the_same_page_whatever_its_value(world: World, label: str) -> None:
    key = str(_admin_of(label).model.objects.order_by("pk")[0].pk)
    pages = set()
    for asked in ({"pk__in": key}, {"pk__in": "999999999"}, {"pk__regex": "("}, {"nothing": "x"}):
        address = f"{_address(label)}?{urlencode(asked)}"
        answer: Any = world.ask("staff", "GET", address)
        text = answer.content.decode()
        for own in (answer.headers["X-Request-Reference"], quote(address), quote(address, safe="")):
            text = text.replace(own, "")
        pages.add((answer.status_code, re.sub(r'nonce[-=][^ >]+|csrfmiddlewaretoken" value="\w+"', "", text)))
    assert len(pages) == 1


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.full)])
@pytest.mark.parametrize("label", LISTS)
def test_a_malformed_value_of_a_filter_keeps_its_list_or_is_refused(
    world: World,
    label: str,
    every: bool,  # noqa: FBT001 -- a table's column
) -> None:
    odd = {}
    malformed = (*VALUES[:3], *VALUES[-2:], "2026-13-45", "9999-12-31T23:59:59-14:00", "x" * 2_000)
    for person in STAFF if every else STAFF[1:2]:
        asked = [*product(sorted(_declared(label, _request(world, person))), malformed)]
        for name, value in asked if every else asked[LISTS.index(label) % 3 :: 3]:
            answer = _ask(world, person, label, **{name: value})
            if answer[0] not in {200, 400, 403}:
                odd[f"{person} {name}={value!r}"] = answer
    assert not odd


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.full)])
@pytest.mark.parametrize("label", LISTS)
def test_the_administrations_own_parameters_never_fail(world: World, label: str, every: bool) -> None:  # noqa: FBT001 -- a table's column
    asked = [
        (name, value)
        for name, values in {
            "o": ("1", "-1.2", "99", "x", "--3", "1." * 1_500),
            "p": ("0", "-1", "2", "9999", "x", "9" * 3_000),
            "q": ("", "x", "’" * 900, "a " * 1_900),
            "all": ("", "1"),
            "e": ("1",),
            "_facets": ("True", ""),
            "_popup": ("1", "x"),
            "_to_field": ("id", "pk", "password", "candidate", "x" * 500),
            "_source_model": ("accounts.user",),
            "_changelist_filters": ("password__startswith=x",),
        }.items()
        for value in values
    ]
    odd = {}
    for name, value in asked if every else asked[LISTS.index(label) % 3 :: 3]:
        answer = _ask(world, "staff", label, **{name: value})
        if answer[0] not in {200, 400}:
            odd[f"{name}={value[:40]!r}"] = answer
    assert not odd


def test_a_member_learns_no_letter_of_a_hidden_name() -> None:
    offer = make_open_offer()
    filed = make_filed(offer, last_name="Diallo", first_name="Aïssatou")
    member = make_reviewer(offer)
    start_anonymous_review(offer=offer, actor=make_staff())
    client, page = client_of(member), reverse("review:file", args=[filed.public_id])
    true, false = {"folded_name__contains": "diallo"}, {"folded_name__contains": "tremblay"}
    for lookup in (true, false, {"candidate__in": filed.candidate_id}, {"filed_name__gte": "d"}):
        assert client.get(_address(Submission._meta.label_lower), lookup).status_code == 400
    assert client.get(_address(Submission._meta.label_lower), {"q": "diallo"}).context["cl"].result_count == 0
    beside = make_filed(offer, last_name="Tremblay")
    links = {
        str(beside.public_id) in client.get(page, {"_changelist_filters": urlencode(each)}).content.decode()
        for each in (true, false, {})
    }
    assert links == {True}, "the neighbours of a file are those of the whole list"


def test_a_page_that_is_gone_is_the_last_page_of_the_same_filter() -> None:
    offer = make_open_offer()
    for _rank in range(3):
        make_filed(offer)
    make_filed(make_open_offer())
    client, owner = client_of(make_staff()), _admin_of(Submission._meta.label_lower)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, "list_per_page", 2)
        patch.setattr(owner, "list_max_show_all", 2)
        pages = {
            asked: client.get(
                _address(Submission._meta.label_lower), {"offre": str(offer.number), "p": asked}
            )
            for asked in ("1", "2", "9999", "0", "-3")
        }
    shown = {
        asked: (page.context["cl"].page_num, [row.pk for row in page.context["cl"].result_list])
        for asked, page in pages.items()
    }
    assert len(shown["2"][1]) == 1
    assert shown["9999"] == shown["2"]
    assert shown["0"] == shown["-3"] == shown["1"]


def test_ending_a_search_keeps_the_filters() -> None:
    offer = make_open_offer()
    make_filed(offer, last_name="Diallo")
    client, address = client_of(make_staff()), _address(Submission._meta.label_lower)
    for word in ("diallo", "personne"):
        page = client.get(address, {"offre": str(offer.number), "q": word}).content.decode()
        links = re.findall(r'href="([^"]*)">Effacer la recherche<', page)
        assert {unescape(link) for link in links} <= {f"?offre={offer.number}"}
        assert links or word == "personne"
