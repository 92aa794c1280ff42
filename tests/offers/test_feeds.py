"""Calendars, feeds and search engines' data, parsed by independent programs."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import feedparser
import pytest
import vobject
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from offers.services.correcting import correct_offer
from offers.services.lifecycle import extend_deadline
from tests.factories.offers import (
    NOON,
    accept_any_extension_date,
    cancel_offer,
    make_draft,
    make_offer,
)
from tests.factories.people import make_staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the views' clock to noon on 10 March 2027, or to another instant."""

    def set_clock(at: datetime) -> None:
        monkeypatch.setattr("offers.views.timezone", SimpleNamespace(now=lambda: at))

    set_clock(NOON)
    return set_clock


def calendar(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return vobject.readOne(response.content.decode())


def feed(client: Client, **headers: Any) -> Any:
    response = client.get("/offres/flux.atom", headers=headers)
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(response.content)
    assert not found.bozo, found.bozo_exception
    assert found.version == "atom10"
    return found


# -- The calendar ----------------------------------------------------------------------------------------------
def test_a_deadline_is_a_calendar_event_readable_by_other_programs(client: Client) -> None:
    offer = make_offer(
        number="2027-020",
        organisation="Organisation de l’eau, de l’air ; et du feu",
        closes_on=date(2027, 10, 1),
    )
    event = calendar(client, "/offres/2027-020.ics").vevent
    assert event.uid.value == str(offer.public_id)
    assert event.dtstart.value == datetime(2027, 10, 2, 3, 59, tzinfo=UTC)
    assert event.dtend.value == offer.closes_at
    assert event.dtstamp.value == offer.published_at
    assert event.transp.value == "TRANSPARENT"
    assert event.status.value == "CONFIRMED"
    assert "2027-020" in event.summary.value
    assert "Organisation de l’eau, de l’air ; et du feu" in event.description.value
    assert "1er\u00a0octobre\u00a02027, 23\u00a0h\u00a059 (heure de l’Est, Québec)" in event.description.value
    assert event.url.value == "http://testserver/offres/2027-020/"
    alarms = [component for component in event.getChildren() if component.name == "VALARM"]
    assert {alarm.trigger.value for alarm in alarms} == {-7 * DAY, -DAY}


def test_lines_of_a_calendar_are_folded_and_ended_by_the_standard(client: Client) -> None:
    make_offer(number="2027-020", organisation="É" * 200, domain="Ligne\nsuivante")
    content = client.get("/offres/2027-020.ics").content
    lines = content.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(len(line) for line in lines) <= 75
    for line in lines:
        line.decode()  # no character is split
    assert "É" * 200 in content.replace(b"\r\n ", b"").decode()


@pytest.mark.parametrize("break_", ["\n", "\r", "\r\n", "\u2028", "\x0b", "\x85"])
def test_a_line_break_in_a_name_adds_no_line_to_the_calendar(client: Client, break_: str) -> None:
    name = f"OIT{break_}ATTENDEE:x"
    offer = make_offer(organisation_short=name, organisation=name, place=name)
    answer = client.get(f"/offres/{offer.number}.ics")
    event = calendar(client, f"/offres/{offer.number}.ics").vevent
    assert event.summary.value.endswith("OIT ATTENDEE:x")
    assert "OIT\nATTENDEE:x" in event.description.value
    assert not [line for line in re.split(rb"[\r\n]+", answer.content) if line.startswith(b"ATTENDEE")]


def test_an_extension_moves_the_same_event_and_a_cancellation_ends_it(client: Client) -> None:
    accept_any_extension_date()
    offer = make_offer(number="2027-020")
    first = calendar(client, "/offres/2027-020.ics").vevent
    staff = make_staff()
    extend_deadline(
        offer=offer, author=staff, reason="Panne", at=NOON + DAY, closes_on=offer.closes_on + 7 * DAY
    )
    second = calendar(client, "/offres/2027-020.ics").vevent
    assert second.uid.value == first.uid.value
    assert second.dtend.value == first.dtend.value + 7 * DAY
    assert int(second.sequence.value) > int(first.sequence.value)
    assert second.dtstamp.value == NOON + DAY
    offer.refresh_from_db()
    cancel_offer(offer=offer, author=staff, reason="Retirée", at=NOON + 2 * DAY)
    third = calendar(client, "/offres/2027-020.ics").vevent
    assert third.status.value == "CANCELLED"
    assert int(third.sequence.value) > int(second.sequence.value)
    assert not [component for component in third.getChildren() if component.name == "VALARM"]


def test_the_common_calendar_contains_the_coming_deadlines(client: Client) -> None:
    make_offer(number="SOON", closes_on=NOON.date() + DAY)
    make_offer(number="LATE", closes_on=NOON.date() + 50 * DAY)
    make_offer(number="OVER", closes_on=NOON.date() - DAY, opens_at=NOON - 30 * DAY)
    make_draft(number="DRAFT")
    make_offer(number="HIDDEN", listed=False)
    events = calendar(client, "/offres/echeances.ics").vevent_list
    assert [event.url.value.split("/")[-2] for event in events] == ["SOON", "LATE"]


def test_the_common_calendar_may_have_no_event(client: Client) -> None:
    assert not hasattr(calendar(client, "/offres/echeances.ics"), "vevent")


@pytest.mark.parametrize("number", ["DRAFT", "HIDDEN", "NONE"])
def test_an_offer_that_is_not_public_has_no_calendar(client: Client, number: str) -> None:
    make_draft(number="DRAFT")
    make_offer(number="HIDDEN", listed=False)
    make_offer(number="SHOWN")
    assert client.get("/offres/SHOWN.ics").status_code == 200
    assert client.get(f"/offres/{number}.ics").status_code == 404


# -- The feed --------------------------------------------------------------------------------------------------
def test_the_feed_lists_each_offer_once_by_latest_change(client: Client) -> None:
    first = make_offer(
        number="2027-020", domain="Éthique & « droit » <b>", allowance_min=13000, allowance_max=15000
    )
    second = make_offer(number="2027-021", at=NOON + timedelta(hours=1), opens_at=NOON - 9 * DAY)
    make_draft(number="DRAFT")
    make_offer(number="HIDDEN", listed=False)
    found = feed(client)
    assert [entry.link.split("/")[-2] for entry in found.entries] == ["2027-021", "2027-020"]
    assert [entry.id for entry in found.entries] == [
        f"urn:uuid:{offer.public_id}" for offer in (second, first)
    ]
    entry = found.entries[1]
    assert "Éthique & « droit »" in entry.title
    assert "13\u00a0000\u00a0$ à 15\u00a0000\u00a0$" in entry.summary
    assert "(heure de l’Est, Québec)" in entry.summary
    assert found.feed.id.startswith("urn:uuid:")
    assert found.feed.language == "fr"
    assert found.feed.author
    assert [link.href for link in found.feed.links if link.rel == "self"] == [
        "http://testserver/offres/flux.atom"
    ]


def test_an_announced_change_updates_the_entry_and_keeps_its_id(client: Client) -> None:
    offer = make_offer(number="2027-020")
    make_offer(number="2027-021", opens_at=NOON - 9 * DAY)
    before = feed(client).entries
    assert before[1].updated == before[1].published
    correct_offer(
        offer=offer, author=make_staff(), reason="Ville", at=NOON, header={"place": "Genève, Suisse"}
    )
    after = feed(client).entries
    assert after[0].id == before[1].id
    assert "Genève" in after[0].summary
    assert datetime.fromisoformat(after[0].updated) == NOON
    assert after[0].published == before[1].published


def test_a_feed_may_have_no_entry(client: Client) -> None:
    assert feed(client).entries == []


@pytest.mark.parametrize("address", ["/offres/flux.atom", "/offres/2027-020.ics", "/offres/echeances.ics"])
def test_an_unchanged_feed_or_calendar_is_answered_with_304(client: Client, address: str) -> None:
    accept_any_extension_date()
    offer = make_offer(number="2027-020")
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    extend_deadline(
        offer=offer, author=make_staff(), reason="Panne", at=NOON, closes_on=offer.closes_on + 7 * DAY
    )
    moved = client.get(address, headers={"if-none-match": first.headers["ETag"]})
    assert moved.status_code == 200
    assert moved.content != first.content


# -- For search engines ----------------------------------------------------------------------------------------
def posting(client: Client, number: str = "2027-020") -> dict[str, Any]:
    page = client.get(f"/offres/{number}/").content.decode()
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert len(blocks) == 1
    found: dict[str, Any] = json.loads(blocks[0])
    return found


def test_no_text_of_an_offer_escapes_its_script_block(client: Client) -> None:
    hostile = "</script><script>alert(1)</script><!-- & \u2028"
    make_offer(number="2027-020", organisation=hostile)
    assert posting(client)["hiringOrganization"]["name"] == hostile
    assert b"<script>alert" not in client.get("/offres/2027-020/").content


@pytest.mark.parametrize("address", ["/offres/flux.atom", "/offres/echeances.ics"])
def test_feed_and_calendar_run_as_many_queries_for_three_offers(client: Client, address: str) -> None:
    counts: list[int] = []
    for _round in range(2):
        make_offer()
        if counts:
            make_offer()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured))
    assert counts == [1, 1]
