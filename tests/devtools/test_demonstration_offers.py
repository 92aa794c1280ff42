"""The two demonstration offers: loaded once, one always open, with texts of our own."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from intake.devtools.demonstration.offers import CRITERIA, SECTIONS, load_demonstration
from offers.blocks import BulletList, parse_blocks
from offers.models import Offer, Section
from offers.models.offer import OfferPhase
from offers.selectors import current_rulebook, next_edition

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 11, 24, 15, tzinfo=UTC)
MIDNIGHT_2027 = datetime(2027, 10, 2, 4, tzinfo=UTC)


def test_the_demonstration_has_a_closed_offer_and_its_open_successor() -> None:
    closed, current = load_demonstration(at=TODAY)
    assert (closed.number, closed.phase(TODAY)) == ("2023-020", OfferPhase.CLOSED)
    assert (closed.starts_on, closed.ends_on) == (date(2024, 1, 15), date(2024, 7, 12))
    assert closed.closes_at == datetime(2023, 10, 2, 4, tzinfo=UTC)
    assert (current.number, current.phase(TODAY)) == ("2027-020", OfferPhase.OPEN)
    assert (current.closes_on, current.closes_at) == (date(2027, 10, 1), MIDNIGHT_2027)
    assert (current.starts_on, current.ends_on) == (date(2028, 1, 10), date(2028, 7, 7))
    assert next_edition(closed) == current
    for offer in (closed, current):
        assert (offer.starts_on.strftime("%a"), offer.ends_on.strftime("%a"), offer.weeks) == (
            "Mon",
            "Fri",
            26,
        )
        assert offer.contact_email.endswith(".invalid")


def test_loading_the_demonstration_twice_adds_no_offer() -> None:
    first = load_demonstration(at=TODAY)
    assert load_demonstration(at=TODAY + timedelta(days=100)) == first
    assert Offer.objects.count() == 2


@pytest.mark.parametrize(
    "at, number",
    [
        (MIDNIGHT_2027 - timedelta(seconds=1), "2027-020"),
        (MIDNIGHT_2027, "2028-020"),
        (datetime(2027, 1, 1, 4, 59, 59, tzinfo=UTC), "2027-020"),
        (datetime(2023, 10, 2, 4, tzinfo=UTC), "2024-020"),
        (datetime(2031, 6, 1, tzinfo=UTC), "2031-020"),
    ],
)
def test_one_demonstration_offer_is_open_at_any_instant(at: datetime, number: str) -> None:
    current = load_demonstration(at=at)[1]
    assert current.number == number
    assert current.is_open(at)
    assert current.opens_at <= at
    assert (current.starts_on.strftime("%a"), current.ends_on.strftime("%a %b")) == ("Mon", "Fri Jul")


def test_a_new_demonstration_offer_is_added_after_the_closing() -> None:
    load_demonstration(at=MIDNIGHT_2027 - timedelta(seconds=1))
    load_demonstration(at=MIDNIGHT_2027)
    numbers = Offer.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == ["2023-020", "2027-020", "2028-020"]


def test_each_criterion_quotes_the_exact_sentence_of_the_offer() -> None:
    offer = load_demonstration(at=TODAY)[1]
    shown = offer.sections.get(kind=Section.Kind.ELIGIBILITY)
    (conditions,) = [block for block in parse_blocks(shown.text) if isinstance(block, BulletList)]
    note = offer.sections.get(title="Note").text
    clauses = [criterion.clause for criterion in current_rulebook(offer).as_rulebook().criteria]
    assert [clause.text for clause in clauses] == [*(item.text for item in conditions.items), note]
    assert [clause.reference for clause in clauses] == [
        *(f"Admissibilité, {place}" for place in range(1, 8)),
        "Note",
    ]


def test_each_grid_line_quotes_the_skills_of_the_offer() -> None:
    offer = load_demonstration(at=TODAY)[1]
    lines = list(offer.grid_lines.order_by("position"))
    shown = offer.sections.get(kind=Section.Kind.SKILLS).text
    assert all(line.text in shown for line in lines)
    assert [line.text for line in lines if line.requirement == "ASSET"] == [
        "connaître R ou Python est un atout",
        "a travaillé dans une institution publique ou une organisation internationale (c’est un atout).",
    ]
    assert len(lines) == 13


def test_the_texts_of_the_demonstration_follow_french_typography() -> None:
    texts = [section.text for section in SECTIONS] + [criterion["clause"]["text"] for criterion in CRITERIA]
    for text in texts:
        assert "'" not in text
        assert not re.search(r"[^\s\u00a0][:;!?]|[^\u00a0\s:][ ][:;!?»]|«[^\u00a0]", text), text


def test_the_command_prints_both_offers_as_one_json_object() -> None:
    out = StringIO()
    call_command("load_demonstration_offers", stdout=out)
    (line,) = out.getvalue().splitlines()
    closed, current = json.loads(line)["offers"]
    assert closed == {"number": "2023-020", "closes_at": "2023-10-02T04:00:00Z", "moment": "CLOSED"}
    offer = Offer.objects.get(number=current["number"])
    assert (offer.status, offer.is_open(timezone.now())) == ("PUBLISHED", True)
    assert current["closes_at"] == f"{offer.closes_at:%Y-%m-%dT%H:%M:%SZ}"
    assert current["moment"] == offer.phase(timezone.now())
