"""Versions of the criteria: replacement, change records, and refusal after a concurrent change."""

from datetime import timedelta
from typing import Any

import pytest

from intake.devtools.demonstration.offers import CRITERIA
from offers.change_descriptions import RuleChange, change_lines, rulebook_changes
from offers.models import Offer
from offers.selectors import current_rulebook, current_version
from offers.services.rulebooks import (
    RulebookChangedError,
    draft_rulebook,
    publish_rulebook,
    version_token,
)
from tests.factories.offers import NOON, make_draft, make_offer

pytestmark = pytest.mark.django_db
NBSP = "\u00a0"
AGE = 1


def with_age(maximum: int) -> list[dict[str, Any]]:
    return [one | {"maximum": maximum} if one["kind"] == "AGE" else one for one in CRITERIA]


def versions(offer: Offer) -> list[tuple[int, bool]]:
    return [(each.number, bool(each.published_at)) for each in offer.rulebooks.order_by("number")]


def test_a_draft_is_overwritten_and_a_published_version_stays() -> None:
    offer = make_draft()
    draft_rulebook(offer=offer, criteria=with_age(40), at=NOON)
    assert versions(offer) == [(1, False)]
    assert current_rulebook(offer).criteria[AGE]["maximum"] == 40
    published = make_offer()
    draft_rulebook(offer=published, criteria=with_age(40), at=NOON, reason="À l’étude.")
    draft_rulebook(offer=published, criteria=with_age(41), at=NOON)
    assert versions(published) == [(1, True), (2, False)]
    assert published.rulebooks.get(number=2).reason == "À l’étude."
    assert current_rulebook(published).criteria[AGE]["maximum"] == 35


def test_a_stale_draft_of_the_criteria_is_refused() -> None:
    offer = make_draft()
    read = version_token(current_version(offer))
    draft_rulebook(offer=offer, criteria=with_age(40), at=NOON, edition=read)
    with pytest.raises(RulebookChangedError) as refusal:
        draft_rulebook(offer=offer, criteria=with_age(45), at=NOON, edition=read)
    assert refusal.value.data == {"number": 1, "digest": ""}
    assert current_rulebook(offer).criteria[AGE]["maximum"] == 40


def test_an_offer_without_criteria_has_a_version_token_too() -> None:
    offer = make_draft(criteria=())
    assert version_token(current_version(offer)) == "0"
    assert draft_rulebook(offer=offer, criteria=CRITERIA, at=NOON, edition="0").number == 1


def test_moved_dates_alone_are_a_change_of_the_rulebook() -> None:
    offer = make_offer()
    Offer.objects.filter(pk=offer.pk).update(starts_on=offer.starts_on + timedelta(days=7))
    publish_rulebook(offer=offer, reason="Le stage commence plus tard.", at=NOON)
    assert offer.changes.get(kind="RULES_CHANGED").details.startswith(f"Début du stage{NBSP}: ")


# -- Differences as text -----------------------------------------------------------------------------------------
def rulebook(criteria: list[dict[str, Any]], **days: str) -> dict[str, Any]:
    return {"starts_on": "2028-01-10", "closes_on": "2027-10-01", "criteria": criteria, **days}


OTHER = {"kind": "OTHER", "effect": "ADVISE", "clause": {"text": "Aimer la mer."}}


@pytest.mark.parametrize(
    "before, after, changes",
    [
        (CRITERIA, CRITERIA, []),
        (CRITERIA, with_age(40), [("Âge — âge maximal", "35 ans", "40 ans")]),
        (
            [CRITERIA[2] | {"accepted": ["CITIZEN", "PERMANENT_RESIDENT"]}],
            [CRITERIA[2] | {"accepted": ["PERMANENT_RESIDENT", "CITIZEN"]}],
            [],
        ),
        (
            [CRITERIA[2] | {"accepted": ["CITIZEN", "PERMANENT_RESIDENT"]}],
            [CRITERIA[2] | {"accepted": ["CITIZEN"]}],
            [("Statut au Canada — statuts acceptés", ..., "la citoyenneté canadienne")],
        ),
        (
            [CRITERIA[AGE]],
            [CRITERIA[AGE] | {"effect": "ADVISE"}],
            [("Âge — effet", "bloquant", "à titre indicatif")],
        ),
        (
            [CRITERIA[AGE]],
            [CRITERIA[AGE] | {"clause": {"text": "Avoir l’âge."}}],
            [
                ("Âge — référence dans l’offre", CRITERIA[AGE]["clause"].get("reference", "—"), "—"),
                ("Âge — phrase de l’offre", CRITERIA[AGE]["clause"]["text"], "Avoir l’âge."),
            ],
        ),
        (CRITERIA[:2], CRITERIA[1:2], [("Études", ..., None)]),
        (
            CRITERIA[1:2],
            [*CRITERIA[1:2], OTHER],
            [
                (
                    "Autre critère de l’offre",
                    None,
                    f"une personne doit examiner ce critère («{NBSP}Aimer la mer.{NBSP}»)",
                )
            ],
        ),
        (CRITERIA[1:3], CRITERIA[2:0:-1], [("Ordre des critères", ..., ...)]),
        # A sentence that stays is not reported as removed.
        (
            [OTHER, OTHER | {"clause": {"text": "Nager."}}],
            [OTHER | {"clause": {"text": "Nager."}}],
            [
                (
                    "Autre critère de l’offre",
                    f"une personne doit examiner ce critère («{NBSP}Aimer la mer.{NBSP}»)",
                    None,
                )
            ],
        ),
    ],
)
def test_each_difference_of_criteria_is_listed_once(before: Any, after: Any, changes: list[Any]) -> None:
    found = rulebook_changes(rulebook(before), rulebook(after))
    assert [
        tuple(... if told is ... else got for got, told in zip(_change_values(change), expected, strict=True))
        for change, expected in zip(found, changes, strict=True)
    ] == changes


def _change_values(change: RuleChange) -> tuple[str, str | None, str | None]:
    return change.subject, change.before, change.after


def test_the_record_of_a_change_lists_days_and_criteria_in_french() -> None:
    lines = change_lines(
        rulebook([OTHER]), rulebook([CRITERIA[AGE]], starts_on="2028-02-01", closes_on="2027-10-02")
    )
    assert lines == [
        f"Début du stage{NBSP}: 10 janvier 2028 → 1er février 2028",
        f"Date limite d’inscription{NBSP}: 1er octobre 2027 → 2 octobre 2027",
        f"Âge{NBSP}: ajouté, de 18 à 35\u00a0ans au début du stage",
        f"Autre critère de l’offre{NBSP}: retiré, une personne doit examiner ce critère («{NBSP}Aimer la mer.{NBSP}»)",
    ]
