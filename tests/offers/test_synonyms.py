"""Synonyms: a search of offers also finds other names of the same thing, which staff maintain."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from offers.models import SynonymGroup
from offers.models.synonyms import MAX_TERM_LENGTH, MAX_TERMS
from offers.search import SearchPart, read_search
from tests.factories.offers import NOON, make_offer, make_synonyms
from tests.factories.people import client_of, make_staff
from tests.two_connections import act_meanwhile

pytestmark = pytest.mark.django_db
NBSP = "\u00a0"


@pytest.fixture(autouse=True)
def groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the views' clock, and keep only two groups of synonyms."""
    monkeypatch.setattr("offers.views.timezone", SimpleNamespace(now=lambda: NOON))
    SynonymGroup.objects.all().delete()
    make_synonyms("IA", "intelligence artificielle", "AI")
    make_synonyms("ONU", "Nations Unies", "Organisation des Nations Unies")


def numbers(client: Client, typed: str) -> set[str]:
    """Return the numbers of the offers that contain a search."""
    listing = client.get("/offres/", {"q": typed}).context["listing"]
    return set() if listing.is_approximate else {card["offer"].number for card in listing.cards}


# -- Searches ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "typed, found",
    [
        ("IA", {"ACRONYM", "NAME"}),
        ("ia", {"ACRONYM", "NAME"}),
        ("intelligence artificielle", {"ACRONYM", "NAME"}),
        ("Intelligence  ARTIFICIELLE", {"ACRONYM", "NAME"}),
        ("intelligence-artificielle", {"ACRONYM", "NAME"}),
        ("l’IA", {"ACRONYM", "NAME"}),
        ("AI", {"ACRONYM", "NAME", "AID"}),
        ("intelligence artificielle rome", {"NAME"}),
        ("rome ia", {"NAME"}),
        ("artificielle intelligence", {"NAME", "SMART"}),
        ("intelligence", {"NAME", "SMART"}),
    ],
)
def test_a_term_finds_the_offers_that_contain_a_synonym(client: Client, typed: str, found: set[str]) -> None:
    make_offer(number="ACRONYM", domain="Éthique de l’IA", place="Paris, France")
    make_offer(number="NAME", domain="Éthique de l’intelligence artificielle", place="Rome, Italie")
    make_offer(number="SMART", domain="Intelligence économique et lumière artificiellement", place="Paris")
    make_offer(number="AID", domain="Aide sociale", place="Nice")
    assert numbers(client, typed) == found


@pytest.mark.parametrize("written", ["éthique (IA)", "IA, éthique", "éthique de l’IA", "Ia"])
def test_a_synonym_is_found_at_any_place_of_a_text(client: Client, written: str) -> None:
    make_offer(number="1", domain=written)
    assert numbers(client, "intelligence artificielle") == {"1"}


@pytest.mark.parametrize("written", ["Médiation sociale", "IAEA", "via Paris", "SIA"])
def test_part_of_a_word_is_no_synonym(client: Client, written: str) -> None:
    make_offer(number="1", domain=written)
    assert numbers(client, "intelligence artificielle") == set()


def test_a_synonym_of_several_terms_is_found_only_as_a_phrase(client: Client) -> None:
    make_offer(number="1", domain="Des nations très unies")
    assert numbers(client, "ONU") == set()
    assert numbers(client, "nations unies") == set()


def test_accents_of_a_term_do_not_matter(client: Client) -> None:
    make_synonyms("Québec", "Belle-Province")
    make_offer(number="1", place="QUEBEC")
    make_offer(number="2", place="La belle province")
    assert numbers(client, "belle province") == numbers(client, "quebec") == {"1", "2"}


def test_the_longest_term_at_a_word_is_taken() -> None:
    assert [part.text for part in read_search("organisation des nations unies à Paris")] == [
        "organisation des nations unies",
        "a",
        "paris",
    ]
    assert read_search("l’onu jean-pierre") == (
        SearchPart("l"),
        SearchPart("onu", ("Nations Unies", "Organisation des Nations Unies")),
        SearchPart("jean pierre"),
    )


@pytest.mark.parametrize("term", ["C++", "(.*)", "a|b", "\\d", "[x]", "?", "%", "^$", "a.b", "{2}", "***:x"])
def test_a_term_has_no_meaning_for_the_database(client: Client, term: str) -> None:
    make_synonyms(term, "langage C")
    make_offer(number="1", domain="Langage C")
    make_offer(number="2", domain="Forêts")
    make_offer(number="3", domain=f"Le {term} seul")
    assert numbers(client, term) == {"1", "3"}
    assert numbers(client, "langage c") == {"1", "3"}


@pytest.mark.parametrize(
    "typed", ["ia\0", "ia (", "ia \\", "ia [", "(?i)ia", "ia " * 33, "'; DROP TABLE x; --"]
)
def test_a_hostile_search_is_only_text(client: Client, typed: str) -> None:
    make_offer(number="1", domain="Forêts")
    assert client.get("/offres/", {"q": typed}).status_code == 200
    assert numbers(client, typed) == set()


def test_a_typing_error_beside_a_known_term_finds_similar_offers(client: Client) -> None:
    make_offer(number="1", domain="Intelligence artificielle", place="Paris, France")
    make_offer(number="2", domain="Forêts", place="Paris, France")
    listing = client.get("/offres/", {"q": "IA pariz"}).context["listing"]
    assert listing.is_approximate
    assert [card["offer"].number for card in listing.cards] == ["1"]


@pytest.mark.parametrize("offers", [0, 1])
def test_the_list_states_the_synonyms_that_it_searched(client: Client, offers: int) -> None:
    if offers:
        make_offer(domain="IA")
    page = client.get("/offres/", {"q": "ia"}).content.decode()
    assert f"Recherche élargie à ces synonymes{NBSP}: intelligence artificielle, AI" in page
    assert "élargie" not in client.get("/offres/", {"q": "rome"}).content.decode()


def test_staff_find_offers_by_the_same_synonyms() -> None:
    make_offer(number="2027-020", domain="Intelligence artificielle")
    page: Any = client_of(make_staff()).get(reverse("admin:offers_offer_changelist"), {"q": "IA"})
    assert [offer.number for offer in page.context["cl"].result_list] == ["2027-020"]


def test_the_first_groups_have_names_in_both_languages() -> None:
    first = import_module("offers.migrations.0002_criteria_and_history").FIRST_GROUPS
    SynonymGroup.objects.all().delete()
    for terms in first:
        make_synonyms(*terms)
    assert {terms[0] for terms in first} >= {"IA", "ONU", "UNESCO", "OIF", "OMS", "FAO"}
    assert read_search("WHO") == (
        SearchPart("who", ("OMS", "Organisation mondiale de la santé", "World Health Organization")),
    )


# -- The administration -----------------------------------------------------------------------------------------------
def posted(terms: str, group: SynonymGroup | None = None) -> Any:
    """Return the response to staff who save the text of a group."""
    page = "admin:offers_synonymgroup_change" if group else "admin:offers_synonymgroup_add"
    address = reverse(page, args=[group.pk] if group else [])
    return client_of(make_staff()).post(address, {"terms": terms})


@pytest.mark.parametrize(
    "terms, message",
    [
        ("", "Ce champ est obligatoire."),
        ("OMS", "Inscrivez au moins deux termes, un par ligne."),
        ("OMS\n\n  \n", "Inscrivez au moins deux termes, un par ligne."),
        ("OMS\noms", "« oms » est deux fois dans ce groupe."),
        ("Santé\nSANTE", "« SANTE » est deux fois dans ce groupe."),
        ("OMS\n-", "« - » ne contient aucun mot."),
        (
            "OMS\nnations-unies",
            "« Nations Unies » est déjà dans un autre groupe : ONU, Nations Unies, Organisation des Nations Unies.",
        ),
        (f"OMS\n{'x' * (MAX_TERM_LENGTH + 1)}", f"« {'x' * (MAX_TERM_LENGTH + 1)} » dépasse 100 caractères."),
        ("\n".join(f"t{rank}" for rank in range(MAX_TERMS + 1)), "Un groupe a au plus 20 termes."),
    ],
)
def test_a_group_that_is_not_valid_is_refused_with_a_sentence(terms: str, message: str) -> None:
    page = posted(terms)
    assert page.status_code == 200
    errors = [text.replace(NBSP, " ") for text in page.context["adminform"].form.errors["terms"]]
    assert errors == [message]
    assert SynonymGroup.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_term_that_another_user_saves_at_the_same_time_is_refused() -> None:
    page: Any = act_meanwhile(
        lambda: posted("oms\nWHO"), lambda: make_synonyms("OMS", "Organisation mondiale de la santé")
    )
    assert page.status_code == 200
    assert "est déjà dans un autre groupe" in str(page.context["adminform"].form.errors["terms"])
    assert SynonymGroup.objects.count() == 3


def test_staff_enter_change_and_delete_a_group_with_a_history() -> None:
    assert posted(" OMS \r\n\r\nOrganisation  mondiale de la santé\0\r\n").status_code == 302
    group = SynonymGroup.objects.get(terms__contains=["OMS"])
    assert group.terms == ["OMS", "Organisation mondiale de la santé"]
    shown = client_of(make_staff()).get(reverse("admin:offers_synonymgroup_change", args=[group.pk]))
    assert ">\nOMS\nOrganisation mondiale de la santé</textarea>" in shown.content.decode()
    assert posted("OMS\r\nOrganisation mondiale de la santé", group).status_code == 302
    assert posted("OMS\r\nWHO", group).status_code == 302
    group.refresh_from_db()
    assert group.terms == ["OMS", "WHO"]
    changes = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert changes == ["Ajout.", "Aucun champ modifié.", "Modification de Termes."]
    address = reverse("admin:offers_synonymgroup_delete", args=[group.pk])
    assert client_of(make_staff()).post(address, {"post": "yes"}).status_code == 302
    assert not SynonymGroup.objects.filter(pk=group.pk).exists()
