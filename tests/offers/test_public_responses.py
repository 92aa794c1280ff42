"""Responses of the public addresses of offers: headers, calendars, the feed, the list; and the output of commands."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import feedparser
import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client

from intake.devtools.demonstration.offers import load_demonstration
from offers.listing import Listing
from offers.models import Offer, Programme
from offers.models.programme import DEFAULT_WORDING
from tests.factories.offers import NOON, make_offer, make_programme, mark_cancelled

pytestmark = pytest.mark.django_db
type Answer = Any
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the clock of views and commands to noon on 10 March 2027."""
    for module in ("offers.views", "intake.devtools.management.commands.load_demonstration_offers"):
        monkeypatch.setattr(f"{module}.timezone", SimpleNamespace(now=lambda: NOON))


def with_plain_spaces(text: object) -> str:
    return str(text).replace("\u00a0", " ")


def test_only_an_offer_of_the_default_programme_has_a_job_posting(client: Client) -> None:
    make_offer(number="1")
    make_offer(number="2", programme=make_programme())
    gone = make_offer(number="3")
    mark_cancelled(gone.pk)
    found = []
    for number in "123":
        page: Answer = client.get(f"/offres/{number}/")
        found.append(page.context["posting"] is not None)
    assert found == [True, False, False]
    first: Answer = client.get("/offres/1/")
    posting = first.context["posting"]
    assert posting["url"] == "http://testserver/offres/1/"
    assert posting.get("baseSalary", True)


def test_the_feed_contains_the_fifty_offers_that_changed_last(client: Client) -> None:
    model = make_offer(number="1")
    fields = {
        field.name: getattr(model, field.name)
        for field in Offer._meta.concrete_fields
        if field.name not in {"id", "public_id", "number", "search_text"}
    }
    Offer.objects.bulk_create(Offer(**fields, number=f"N-{number:02}") for number in range(50))
    found = feedparser.parse(client.get("/offres/flux.atom").content)
    assert [entry.link.split("/")[-2] for entry in found.entries] == [
        f"N-{number:02}" for number in reversed(range(50))
    ]


# -- The list --------------------------------------------------------------------------------------------------


def test_facets_count_the_offers_of_the_chosen_state() -> None:
    make_offer(number="A", place="Rome, Italie")
    for number, place in (("D", "Rome, Italie"), ("E", "Oslo, Norvège")):
        make_offer(number=number, place=place, closes_on=NOON.date() - DAY, opens_at=NOON - 20 * DAY)
    facets = {shown.facet.parameter: shown for shown in Listing({"etat": "fermee"}, at=NOON).facets}
    assert [(choice.label, choice.count) for choice in facets["lieu"].choices] == [
        ("Oslo, Norvège", 1),
        ("Rome, Italie", 1),
    ]


def test_the_list_uses_the_labels_of_its_only_programme() -> None:
    assert Listing({}, at=NOON).words is DEFAULT_WORDING
    make_offer(place="Rome")
    grants = make_programme(name="Bourse", dates_label="Dates du séjour")
    make_offer(programme=grants, place="Oslo")
    words = Listing({"lieu": "Oslo"}, at=NOON).words
    assert words is not None
    assert words.dates == "Dates du séjour"
    assert Listing({"lieu": "Rome"}, at=NOON).words is DEFAULT_WORDING
    assert Listing({}, at=NOON).words is None


# -- Models ----------------------------------------------------------------------------------------------------


def test_a_programme_has_all_its_labels_or_none() -> None:
    words = {"dates_label": "a", "allowance_label": "b", "at_start": "c", "lead": "d", "next_steps": "e"}
    Programme(code="X", name="X", **words).clean()
    Programme(code="STAGES-OIG", name="X").clean()
    for code, given, missing in (
        ("X", {}, set(words)),
        ("STAGES-OIG", {"lead": "d"}, set(words) - {"lead"}),
        ("X", words | {"at_start": ""}, {"at_start"}),
    ):
        with pytest.raises(ValidationError) as refused:
            Programme(code=code, name="X", **given).clean()
        assert set(refused.value.error_dict) == missing
    own = Programme(code="X", name="X", **words).words
    assert [getattr(own, name) for name in own.__slots__] == ["a", "a", "b", "b", "c", "d", "e", "fr-CA"]
    assert Programme(code="STAGES-OIG", name="X").words is DEFAULT_WORDING


# -- Shapes and commands ---------------------------------------------------------------------------------------


def test_years_of_the_model_left_in_the_text_are_reported_by_section() -> None:
    model = make_offer(
        number="M-1", closes_on=date(2027, 10, 1), starts_on=date(2028, 1, 10), ends_on=date(2028, 7, 7)
    )
    first, second = model.sections.order_by("position")[:2]
    model.sections.filter(pk=second.pk).update(text="En 2027, puis 2028, 20271 et 2029.")
    model.sections.filter(pk=first.pk).update(text="En 2028.")
    out = StringIO()
    call_command("clone_offer", "M-1", "--number", "M-2", "--closes", "2029-10-01", stdout=out)
    assert [with_plain_spaces(one) for one in json.loads(out.getvalue())["warnings"]] == [
        f"La section « {first.title} » mentionne encore 2028 : à relire.",
        f"La section « {second.title} » mentionne encore 2027 : à relire.",
        f"La section « {second.title} » mentionne encore 2028 : à relire.",
    ]


@pytest.mark.parametrize(
    "year, first_day",
    [
        (2025, date(2025, 1, 13)),
        (2028, date(2028, 1, 10)),
        (2034, date(2034, 1, 9)),
    ],
)
def test_the_stage_of_the_demonstration_begins_on_a_monday_from_the_ninth(year: int, first_day: date) -> None:
    _closed, edition = load_demonstration(at=datetime(year - 1, 10, 1, 12, tzinfo=UTC))
    assert edition.starts_on == first_day
