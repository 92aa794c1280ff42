"""Details of a file and a letter, computed by hand: masked names, findings and mails in two languages."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from intake.review.access.anonymous_review import name_masker
from intake.review.decisions.letters import split_by_language
from intake.review.pages.labels import Label
from intake.review.pages.sealed_filing import FilingDetails, FindingDetails, _finding
from intake.submissions.models import Filing
from tests.factories.payloads import payload, person


@pytest.mark.parametrize(
    "named, said, left",
    [
        # A name part of three letters is masked alone, one of two is not; joined to four letters it is.
        (("Jo", "Roy"), "jo Roy jroy royj jor", "jo ▒▒▒ ▒▒▒ ▒▒▒ jor"),
        # Inside a word: masked from four letters if the word has digits, from six otherwise.
        (("Lise", "Roy"), "xlise2 xlise xroy2 roy2", "▒▒▒ xlise xroy2 ▒▒▒"),
        (("Lise", "Simard"), "supersimard analise", "▒▒▒ analise"),
        (("Elise", "Roy"), "reelisent", "reelisent"),
        # A family name of two letters is masked only with a capital.
        (("Zoé", "Ng"), "Ng ng Zoe", "▒▒▒ ng ▒▒▒"),
    ],
)
def test_a_name_is_masked_at_its_length(named: tuple[str, str], said: str, left: str) -> None:
    assert name_masker(person(first_name=named[0], last_name=named[1]))(said) == left


def test_an_address_and_the_end_of_a_telephone_are_masked() -> None:
    made = person(email="moi@exemple.invalid", phone="+15145550199")
    said = "Écrire à MOI@exemple.invalid ou au +15145550199, poste 0199, jamais au 019."
    assert name_masker(made)(said) == "Écrire à ▒▒▒ ou au ▒▒▒, poste ▒▒▒, jamais au 019."
    assert name_masker(person(email="", phone=""))("Un mot, 2027.") == "Un mot, 2027."


def test_a_finding_is_displayed_in_the_readers_language_with_its_clause() -> None:
    found: dict[str, Any] = {
        "outcome": "NOT_MET",
        "effect": "ADVISE",
        "reason_fr": "Trop tôt.",
        "reason_en": "Too early.",
        "observed": {"register_match": True},
        "clause": {"text": "Dès 18 ans.", "reference": "3.1"},
    }
    read = FindingDetails(
        title="Âge",
        outcome="NOT_MET",
        reason="Trop tôt.",
        advisory=True,
        register_match=True,
        clause_text="Dès 18 ans.",
        clause_reference="3.1",
        ruling=None,
    )
    assert _finding("Âge", found, None) == read
    bare = found | {"effect": "BLOCK", "observed": {}, "clause": None}
    with translation.override("en"):
        assert _finding("Age", bare, None) == replace(
            read,
            title="Age",
            reason="Too early.",
            advisory=False,
            register_match=False,
            clause_text="",
            clause_reference="",
        )


# -- Letters -----------------------------------------------------------------------------------------------------
def test_a_letter_is_split_around_its_english_part() -> None:
    foot = "\n--\nÀ qui écrire."
    assert split_by_language(f"Bonjour{foot}", typed="") == (f"Bonjour{foot}", "", "")
    assert split_by_language(f"Bonjour\n----\nHello{foot}", typed="") == ("Bonjour", "\n----\nHello", foot)
    typed = "Voici :\n----\nun trait"
    french = f"Bonjour\n{typed}"
    assert split_by_language(f"{french}{foot}", typed=typed) == (f"{french}{foot}", "", "")
    english = f"\n----\nHello\n{typed}"
    assert split_by_language(f"{french}{english}{foot}", typed=typed) == (french, english, foot)


def test_the_closing_of_a_filing_is_in_the_zone_of_its_offer() -> None:
    made = payload()
    there = replace(made, call=replace(made.call, time_zone="Asia/Kolkata"))
    read = FilingDetails(Filing(), there, None, has_receipt=False, verdict=Label("", ""), findings=())
    assert read.closes_at is not None
    assert read.closes_at.isoformat() == "2026-10-02T09:30:00+05:30"
