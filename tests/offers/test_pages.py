"""The public pages: each state is reachable and shows its text; one row runs as many queries as many rows."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client
from django.utils.safestring import SafeString, mark_safe

from intake.devtools.demonstration.offers import CRITERIA
from offers import registrations
from offers.criterion_labels import list_criteria
from offers.listing import PAGE_SIZE
from offers.models import Offer
from offers.services.correcting import correct_offer
from offers.services.lifecycle import extend_deadline
from tests.factories.offers import NOON, accept_any_extension_date, make_draft, make_offer, mark_cancelled
from tests.factories.people import make_staff

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NBSP = "\u00a0"


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the views' clock to noon on 10 March 2027, or to another instant."""

    def set_clock(at: datetime) -> None:
        monkeypatch.setattr("offers.views.timezone", SimpleNamespace(now=lambda: at))

    set_clock(NOON)
    return set_clock


@pytest.fixture
def in_every_state() -> dict[str, Offer]:
    """One offer per phase, one draft and one unlisted offer."""
    today = NOON.date()
    cancelled = make_offer(number="CANCELLED")
    mark_cancelled(cancelled.pk)
    cancelled.refresh_from_db()
    return {
        "OPEN": make_offer(number="OPEN", place="Genève, Suisse"),
        "CLOSING_SOON": make_offer(number="SOON", closes_on=today + DAY),
        "UPCOMING": make_offer(number="UPCOMING", opens_at=NOON + DAY),
        "CLOSED": make_offer(number="CLOSED", closes_on=today - DAY, opens_at=NOON - 30 * DAY),
        "CANCELLED": cancelled,
        "DRAFT": make_draft(number="DRAFT"),
        "UNLISTED": make_offer(number="UNLISTED", listed=False),
    }


def page_text(client: Client, address: str = "/offres/", **parameters: Any) -> str:
    response = client.get(address, parameters)
    assert response.status_code == 200
    return re.sub(r"[ \n]+", " ", response.content.decode())


def numbers(client: Client, **parameters: Any) -> list[str | None]:
    response = client.get("/offres/", parameters)
    return [card["offer"].number for card in response.context["listing"].cards]


@pytest.mark.parametrize(
    "state, kept",
    [
        ("", ["SOON", "OPEN", "UPCOMING", "CLOSED", "CANCELLED"]),
        ("ouverte", ["SOON", "OPEN"]),
        ("bientot", ["SOON"]),
        ("a-venir", ["UPCOMING"]),
        ("fermee", ["CLOSED", "CANCELLED"]),
        ("autre", ["SOON", "OPEN", "UPCOMING", "CLOSED", "CANCELLED"]),
    ],
)
@pytest.mark.usefixtures("in_every_state")
def test_a_filter_is_a_link_that_keeps_one_state(client: Client, state: str, kept: list[str]) -> None:
    assert numbers(client, etat=state) == kept


@pytest.mark.usefixtures("in_every_state")
def test_each_filter_displays_its_count(client: Client) -> None:
    page = page_text(client)
    for label, count in [
        ("Toutes", 5),
        ("Ouvertes", 2),
        ("Ferment bientôt", 1),
        ("À venir", 1),
        ("Fermées", 2),
    ]:
        assert f'{label} <span class="offer-count">({count})</span>' in page
    assert "etat=bientot" in page
    assert "q=gen%C3%A8ve&amp;etat=ouverte" in page_text(client, q="genève", page=2)


@pytest.mark.usefixtures("in_every_state")
def test_a_state_without_offers_is_no_link_unless_it_is_chosen(client: Client) -> None:
    assert "etat=bientot" not in page_text(client, q="genève")
    assert 'etat=bientot" aria-current' in page_text(client, q="genève", etat="bientot")


@pytest.mark.usefixtures("in_every_state")
def test_search_filter_and_order_combine(client: Client) -> None:
    assert numbers(client, q="GENEVE") == ["OPEN"]
    assert numbers(client, q="geneve", etat="bientot") == []
    assert numbers(client, etat="ouverte", tri="lointaine") == ["OPEN", "SOON"]
    assert numbers(client, q="x" * 5000) == []
    assert numbers(client, q="\0") == numbers(client)


def test_an_empty_list_of_offers_is_explained(client: Client) -> None:
    assert "Aucune offre n’est publiée en ce moment" in page_text(client)


def test_a_list_without_open_offers_displays_closed_ones(client: Client) -> None:
    make_offer(number="CLOSED", closes_on=NOON.date() - DAY, opens_at=NOON - 30 * DAY)
    page = page_text(client)
    assert "Aucune offre n’accepte de candidatures en ce moment" in page
    assert "/offres/CLOSED/" in page


def test_a_list_without_a_match_links_to_the_full_list(client: Client) -> None:
    make_offer()
    page = page_text(client, q="introuvable", etat="ouverte")
    assert f"Aucune offre ne correspond à «{NBSP}introuvable{NBSP}»" in page
    links = dict(re.findall(r'<a (?:class="[^"]*" )?href="([^"]*)">([^<]*)</a>', page))
    assert links["?etat=ouverte"] == "Effacer la recherche"
    assert links["?q=introuvable"] == "Chercher ces mots dans toutes les offres"
    assert links["/offres/"] == "Voir toutes les offres"


def test_a_list_without_an_open_offer_is_explained(client: Client) -> None:
    make_offer(number="CLOSED", closes_on=NOON.date() - DAY, opens_at=NOON - 30 * DAY)
    assert "Aucune offre n’est ouverte en ce moment" in page_text(client, etat="ouverte")
    filtered = page_text(client, etat="ouverte", lieu="nulle part")
    assert "Aucune offre ne correspond aux filtres choisis" in filtered


def test_a_long_list_has_pages_and_any_page_number_is_accepted(client: Client) -> None:
    for place in range(PAGE_SIZE + 1):
        make_offer(number=f"P-{place:02}", closes_on=NOON.date() + (place + 5) * DAY)
    assert numbers(client) == [f"P-{place:02}" for place in range(PAGE_SIZE)]
    assert numbers(client, page=2) == [f"P-{PAGE_SIZE}"]
    assert numbers(client, page=99) == [f"P-{PAGE_SIZE}"]
    assert numbers(client, page="x") == numbers(client)


@pytest.mark.parametrize(
    "state, words",
    [
        ("OPEN", "Il reste 30"),
        ("CLOSING_SOON", "time-left-soon"),
        ("UPCOMING", "Les candidatures ne sont pas encore ouvertes"),
        ("CLOSED", "La période d’inscription est terminée"),
        ("CANCELLED", "Cette offre est annulée"),
    ],
)
def test_each_phase_of_an_offer_displays_its_own_text(
    client: Client, in_every_state: dict[str, Offer], state: str, words: str
) -> None:
    page = page_text(client, f"/offres/{in_every_state[state].number}/")
    assert words in page
    assert ("time-left-soon" in page) is (state == "CLOSING_SOON")
    assert ("La période d’inscription est terminée" in page) is (state == "CLOSED")


def test_the_page_changes_at_the_second_of_closing(client: Client, noon: Callable[[datetime], None]) -> None:
    offer = make_offer(number="2027-020")
    noon(offer.closes_at - timedelta(seconds=1))
    assert "Il reste moins d’une minute" in page_text(client, "/offres/2027-020/")
    noon(offer.closes_at)
    assert "La période d’inscription est terminée" in page_text(client, "/offres/2027-020/")


def test_the_page_of_a_closed_offer_links_to_the_next_one(client: Client) -> None:
    same: dict[str, Any] = {"organisation": "UNESCO", "domain": "Éthique"}
    make_offer(number="2026-020", closes_on=NOON.date() - DAY, opens_at=NOON - 30 * DAY, **same)
    assert "/offres/?etat=ouverte" in page_text(client, "/offres/2026-020/")
    make_offer(number="2027-020", **same)
    page = page_text(client, "/offres/2026-020/")
    assert 'href="/offres/2027-020/"' in page
    assert f"offre 2027-020, date limite le 9{NBSP}avril{NBSP}2027" in page


def test_html_in_the_text_of_an_offer_is_escaped(client: Client) -> None:
    make_offer(number="2027-020", organisation="<script>alert(1)</script>", place="<b>Rome</b>")
    for address in ("/offres/", "/offres/2027-020/"):
        page = page_text(client, address)
        assert "&lt;script&gt;alert" in page
        assert "<script>alert" not in page
        assert "&lt;b&gt;Rome" in page
        assert "<b>Rome" not in page


@pytest.fixture
def no_panels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registrations, "_panels", [])


@pytest.mark.usefixtures("no_panels")
def test_panels_of_higher_apps_are_displayed_on_the_page(client: Client) -> None:
    make_offer(number="2027-020")
    assert "offer-panel" not in page_text(client, "/offres/2027-020/")

    def apply(request: HttpRequest, offer: Offer) -> SafeString:
        return mark_safe(f"<a href='/x'>{request.method} {offer.number}</a>")  # noqa: S308 -- the test's own text

    def careless(_request: HttpRequest, _offer: Offer) -> str:
        return "<i>texte</i>"

    def silent(_request: HttpRequest, _offer: Offer) -> None:
        return None

    for panel in (apply, careless, silent, apply):
        registrations.register_panel(panel)
    page = page_text(client, "/offres/2027-020/")
    # In the summary, and again at the end of the page.
    assert page.count('<div class="offer-panel">') == 4
    assert "<a href='/x'>GET 2027-020</a>" in page
    assert "&lt;i&gt;texte&lt;/i&gt;" in page


def test_each_criterion_is_described_under_its_sentence_which_is_published_once(client: Client) -> None:
    make_offer(number="2027-020", criteria=CRITERIA)
    page = page_text(client, "/offres/2027-020/")
    body = page[page.index('<div class="offer-text"') : page.index('id="documents-title"')]
    described = []
    for criterion, row in zip(CRITERIA, list_criteria(CRITERIA), strict=True):
        assert body.count(criterion["clause"]["text"]) == 1
        described.append(body.index(criterion["clause"]["text"]))
        # A description of words that are all in the sentence would state it again.
        if row.name not in {"Statut au Canada", "Domicile"}:
            described.append(body.index(f"<strong>{row.name}{NBSP}:</strong> {row.asks}"))
    assert described == sorted(described)
    assert body.count('class="offer-criterion"') == len(CRITERIA) - 2
    assert body.count("La sélection vient ensuite.") == 1
    assert "Conditions d’admissibilité" not in page


def test_a_criterion_without_its_sentence_is_listed_after_the_text(client: Client) -> None:
    said = {"reference": "Avis", "text": "Savoir nager."}
    make_offer(number="2027-020", criteria=[*CRITERIA, {"kind": "OTHER", "effect": "ADVISE", "clause": said}])
    page = page_text(client, "/offres/2027-020/")
    listed = page[page.index('id="criteria-title">Autres conditions d’admissibilité</h2>') :]
    assert f"«{NBSP}Savoir nager.{NBSP}»" in listed
    assert "à titre indicatif" in listed
    assert CRITERIA[0]["clause"]["text"] not in listed
    assert page.count("La sélection vient ensuite.") == 1


def test_the_contents_link_to_each_title_of_the_text_in_its_order(client: Client) -> None:
    accept_any_extension_date()
    offer = make_offer(number="2027-020")
    extend_deadline(
        offer=offer, author=make_staff(), reason="Panne", at=NOON, closes_on=offer.closes_on + 7 * DAY
    )
    page = page_text(client, "/offres/2027-020/")
    nav, body = page.split('<div class="offer-body">')
    linked = re.findall(r'<a href="#([\w-]+)"', nav[nav.index('id="contents-title"') :])
    assert linked == re.findall(r'<h2 id="([\w-]+)"', body.partition("</main>")[0])
    assert linked[-1] == "apply-title"


def test_changes_since_publication_are_listed_newest_first(client: Client) -> None:
    accept_any_extension_date()
    offer = make_offer(number="2027-020")
    assert "Ce qui a changé" not in page_text(client, "/offres/2027-020/")
    staff = make_staff()
    correct_offer(
        offer=offer, author=staff, reason="Ville inexacte", at=NOON - DAY, header={"place": "Genève, Suisse"}
    )
    extend_deadline(
        offer=offer, author=staff, reason="Panne du portail", at=NOON, closes_on=offer.closes_on + 7 * DAY
    )
    page = page_text(client, "/offres/2027-020/")
    assert page.index("Panne du portail") < page.index("Ville inexacte")
    assert "Date limite prolongée." in page
    assert f"Elle était d’abord le 9{NBSP}avril{NBSP}2027." in page


@pytest.mark.parametrize("state", ["DRAFT", "UNLISTED"])
def test_an_offer_that_is_not_public_is_not_found(
    client: Client, in_every_state: dict[str, Offer], state: str
) -> None:
    assert client.get(f"/offres/{in_every_state['CLOSED'].number}/").status_code == 200
    for number in (in_every_state[state].number, "2031-999"):
        assert client.get(f"/offres/{number}/").status_code == 404
