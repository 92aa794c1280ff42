"""Search in the public list of offers: words with typing errors, and facets, all of them in the address."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from offers.models import Offer
from tests.factories.offers import NOON, make_offer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the views' clock to noon on 10 March 2027."""
    monkeypatch.setattr("offers.views.timezone", SimpleNamespace(now=lambda: NOON))


@pytest.fixture
def offers() -> list[Offer]:
    """Four offers that differ in the searched fields."""
    unesco: dict[str, Any] = {
        "organisation": "Organisation des Nations Unies pour l’éducation",
        "organisation_short": "UNESCO",
        "domain": "Éthique de l’intelligence artificielle",
        "place": "Paris, France",
    }
    return [
        make_offer(number="2027-020", **unesco),
        make_offer(number="2027-021", **unesco | {"domain": "Statistique", "remote_possible": True}),
        make_offer(number="2027-022", organisation="Agence de l’énergie", place="Paris, France"),
        make_offer(number="2027-023", organisation_short="FAO", place="Rome, Italie", domain="Forêts"),
    ]


def listing(client: Client, **parameters: Any) -> Any:
    return client.get("/offres/", parameters).context["listing"]


def numbers(client: Client, **parameters: Any) -> list[str | None]:
    return [card["offer"].number for card in listing(client, **parameters).cards]


def links(client: Client, **parameters: Any) -> dict[str, dict[str, list[str]]]:
    """Return the parameters of each facet's link, by label."""
    page = client.get("/offres/", parameters).content.decode()
    block = page[page.index('<div class="offer-facets"') :].partition("<h2>")[0]
    found = re.findall(r'<a[^>]* href="([^"]*)"[^>]*>(.*?)</a>', block, re.DOTALL)
    return {
        " ".join(re.sub("<[^>]+>", "", words).split()): parse_qs(
            urlsplit(address.replace("&amp;", "&")).query
        )
        for address, words in found
    }


@pytest.mark.usefixtures("offers")
@pytest.mark.parametrize(
    "typed",
    ["UNESCO", "unseco", "unecso", "Uneso", "unessco", "éducatoin", "educasion", "unesco pariz"],
)
def test_a_term_with_a_typing_error_finds_its_offers(client: Client, typed: str) -> None:
    assert sorted(map(str, numbers(client, q=typed))) == ["2027-020", "2027-021"]


@pytest.mark.usefixtures("offers")
@pytest.mark.parametrize("typed", ["rone", "roem", "Rom", "italei", "fao"])
def test_short_terms_with_typing_errors_are_found_too(client: Client, typed: str) -> None:
    assert numbers(client, q=typed) == ["2027-023"]


@pytest.mark.usefixtures("offers")
@pytest.mark.parametrize("typed", ["xyzzy", "zq", "paris tokyo", "%", "_____", "a" * 100])
def test_a_term_similar_to_no_offer_finds_none(client: Client, typed: str) -> None:
    assert numbers(client, q=typed) == []


@pytest.mark.usefixtures("offers")
def test_exact_matches_exclude_approximate_ones(client: Client) -> None:
    make_offer(number="2027-024", place="Parme, Italie")
    exact = listing(client, q="Paris")
    assert not exact.is_approximate
    assert {card["offer"].place for card in exact.cards} == {"Paris, France"}


@pytest.mark.usefixtures("offers")
def test_approximate_results_are_announced_and_ordered_by_similarity(client: Client) -> None:
    make_offer(number="2027-024", place="Pariste, France", closes_on=NOON.date() + 60 * DAY)
    page = client.get("/offres/", {"q": "pariset"})
    assert page.context["listing"].is_approximate
    assert "Voici celles qui s’en approchent" in page.content.decode()
    assert next(iter(page.context["listing"].cards))["offer"].place == "Pariste, France"
    assert "s’en approchent" not in client.get("/offres/", {"q": "paris"}).content.decode()


@pytest.mark.usefixtures("offers")
def test_each_choice_displays_its_count(client: Client) -> None:
    words = set(links(client))
    assert {"Paris, France (3)", "Rome, Italie (1)", "Forêts (1)", "Télétravail possible (1)"} <= words
    assert "Organisation des Nations Unies pour l’éducation (UNESCO) (2)" in words


@pytest.mark.usefixtures("offers")
def test_choices_terms_and_order_are_kept_together(client: Client) -> None:
    asked = {"q": "paris", "etat": "ouverte", "tri": "lointaine", "lieu": "paris, france", "page": "3"}
    there = links(client, **asked)["Organisation des Nations Unies pour l’éducation (UNESCO) (2)"]
    assert there == {
        **{key: [value] for key, value in asked.items() if key != "page"},
        "organisation": ["unesco"],
    }
    assert numbers(client, lieu="paris, france", organisation="unesco", teletravail="oui") == ["2027-021"]
    # The other choices of a facet are counted as if it were not chosen, so that users can change it.
    assert "Rome, Italie (1)" in links(client, lieu="paris, france")
    page = client.get("/offres/", asked).content.decode()
    assert '<input type="hidden" name="lieu" value="paris, france">' in page


@pytest.mark.usefixtures("offers")
def test_a_choice_is_removed_by_a_link(client: Client) -> None:
    there = links(client, lieu="Paris, France", etat="ouverte")
    assert there["Enlever le filtre : Paris, France"] == {"etat": ["ouverte"]}


@pytest.mark.usefixtures("offers")
def test_an_outdated_bookmark_displays_an_empty_list_with_a_link_to_all(client: Client) -> None:
    response = client.get("/offres/", {"lieu": "Tokyo, Japon\0"})
    page = response.content.decode()
    assert "Aucune offre ne correspond" in page
    assert "tokyo, japon" in page
    assert "Voir toutes les offres" in page


@pytest.mark.parametrize(
    "asked, cost",
    [
        ({}, 1),
        ({"q": "rome"}, 2),
        ({"q": "rone"}, 3),
        ({"q": "’"}, 1),
        ({"q": "onu fao oms oif ia paris rome unesco"}, 3),
        ({"lieu": "rome, italie"}, 1),
    ],
)
def test_the_list_runs_as_many_queries_for_three_rows(
    client: Client, asked: dict[str, str], cost: int
) -> None:
    counts: list[int] = []
    for _round in range(2):
        make_offer()
        if counts:
            make_offer()
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/offres/", asked).status_code == 200
        counts.append(len(captured))
    assert counts == [cost, cost]
