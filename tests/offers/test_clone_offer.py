"""`manage.py clone_offer`: the shape of `docs/contracts.md`, and one clear line for each error."""

import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from intake.devtools.demonstration.offers import load_demonstration
from offers.models import Offer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def offers() -> list[Offer]:
    return load_demonstration(at=datetime(2026, 11, 24, tzinfo=UTC))


def clone(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("clone_offer", *arguments, stdout=out)
    (line,) = out.getvalue().splitlines()
    shape: dict[str, Any] = json.loads(line)
    return shape


def test_the_command_prints_the_new_offer_in_the_shape_of_an_import() -> None:
    shape = clone("2023-020", "--number", "2028-020", "--closes", "2028-10-01")
    expected = {
        "number": "2028-020",
        "starts_on": "2029-01-15",
        "ends_on": "2029-07-13",
        "allowance_min": "15000.00",
        "allowance_max": "15000.00",
        "closes_on": "2028-10-01",
        "closes_at": "2028-10-02T04:00:00Z",
        "funder": "Fonds de recherche du Québec",
        "warnings": [],
    }
    assert {key: shape[key] for key in expected} == expected
    assert shape["contact"] == {
        "unit": "Direction des organisations et des forums internationaux",
        "phone": "418 649-2400",
        "extension": "56320",
        "email": "stages.oig@exemple.invalid",
    }
    assert shape["sections"][1] == {"title": "Description des tâches", "paragraphs": 1, "items": 10}
    assert (shape["rulebook"]["reference"], shape["rulebook"]["starts_on"]) == ("2028-020", "2029-01-15")
    assert len(shape["rulebook"]["criteria"]) == 8
    assert Offer.objects.get(number="2028-020").status == Offer.Status.DRAFT


def test_dates_may_be_given_and_the_copy_published() -> None:
    shape = clone(
        *("2023-020", "--number", "2028-020", "--closes", "2028-10-01"),
        *("--starts", "2029-02-05", "--ends", "2029-08-03", "--publish"),
    )
    assert (shape["starts_on"], shape["ends_on"]) == ("2029-02-05", "2029-08-03")
    assert Offer.objects.get(number="2028-020").status == Offer.Status.PUBLISHED


def test_an_unknown_value_is_printed_as_null(offers: list[Offer]) -> None:
    Offer.objects.filter(pk=offers[0].pk).update(funder="", allowance_min=None, allowance_max=None)
    shape = clone("2023-020", "--number", "2028-020", "--closes", "2028-10-01")
    assert shape["funder"] is shape["allowance_min"] is shape["allowance_max"] is None


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["2023-020", "--number", "X", "--closes", "2028-10-01", "--ends", "2029-01-08"], "ensemble"),
        (["2031-999", "--number", "X", "--closes", "2028-10-01"], "aucune offre ne porte le numéro 2031-999"),
        (["2023-020", "--number", "2027-020", "--closes", "2028-10-01"], "porte déjà ce numéro"),
        (["2023-020", "--number", "a/b", "--closes", "2028-10-01"], "chiffres, des lettres"),
        (["2023-020", "--number", "9" * 21, "--closes", "2028-10-01"], "20 caractères"),
        (["2023-020", "--number", "X\0", "--closes", "2028-10-01"], "n’est pas permise"),
        (["2023-020", "--number", "X", "--closes", "2028-02-30"], "--closes"),
        (["2023-020", "--number", "X", "--closes", "20281001"], "--closes"),
        (["2023-020", "--number", "X", "--closes", "9999-12-31"], "calendrier"),
        (["2023-020", "--number", "X", "--closes", "2028-10-01", "--starts", "2029-01-08"], "ensemble"),
        (
            [
                "2023-020",
                "--number",
                "X",
                "--closes",
                "2028-10-01",
                "--starts",
                "2029-01-08",
                "--ends",
                "2029-01-08",
            ],
            "finir après son début",
        ),
    ],
)
def test_bad_input_is_reported_in_one_line_and_stores_no_offer(arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words) as refusal:
        clone(*arguments)
    assert refusal.value.returncode == 2
    assert "\n" not in str(refusal.value)
    assert Offer.objects.count() == 2


def test_an_unpublishable_copy_is_not_stored(offers: list[Offer]) -> None:
    draft = offers[1]
    Offer.objects.create(
        number="2029-020",
        programme=draft.programme,
        organisation="Sans contact",
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        opens_at=draft.opens_at,
        closes_on=draft.closes_on,
        closes_at=draft.closes_at,
        created_at=draft.created_at,
    )
    with pytest.raises(
        CommandError, match=r"Il manque\u00a0: une adresse courriel.*, des critères"
    ) as refusal:
        clone("2029-020", "--number", "2030-020", "--closes", "2030-10-01", "--publish")
    assert refusal.value.returncode == 2
    assert not Offer.objects.filter(number="2030-020").exists()
