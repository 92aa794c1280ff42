"""Parsing of rulebooks: each malformed key is refused by its name."""

from typing import Any

import pytest

from eligibility import CriterionKind
from eligibility.codec import MalformedError, rulebook_from_json
from tests.eligibility.examples import RULEBOOK, criterion, rulebook_with


def refusal(rulebook: object) -> MalformedError:
    """Return the error of a malformed rulebook."""
    with pytest.raises(MalformedError) as caught:
        rulebook_from_json(rulebook)
    assert str(caught.value) == f"{caught.value.field}: {caught.value.message}"
    return caught.value


def one(kind: str, /, **changes: object) -> Any:
    """Return a rulebook whose second criterion has this kind, with changes."""
    return rulebook_with(
        criteria=[{"kind": "OTHER", "effect": "ADVISE", "clause": {}}, criterion(kind, **changes)]
    )


def without(kind: str, key: str) -> Any:
    """Return a rulebook whose second criterion lacks a key."""
    rulebook = one(kind)
    del rulebook["criteria"][1][key]
    return rulebook


@pytest.mark.parametrize("not_an_object", [None, 1, "text", [], [RULEBOOK], True])
def test_a_rulebook_must_be_an_object(not_an_object: object) -> None:
    assert refusal(not_an_object).field == "rulebook"


@pytest.mark.parametrize("key", ["schema", "starts_on", "closes_on", "criteria"])
def test_a_rulebook_without_a_required_key_is_refused(key: str) -> None:
    rulebook = rulebook_with()
    del rulebook[key]
    assert (refusal(rulebook).field, refusal(rulebook).message) == (key, "is missing")


@pytest.mark.parametrize(
    "key,value,field",
    [
        ("schema", 2, "schema"),
        ("schema", 1.0, "schema"),
        ("schema", True, "schema"),
        ("schema", "1", "schema"),
        ("schema", None, "schema"),
        ("reference", 2023, "reference"),
        ("reference", "\ud800", "reference"),
        ("starts_on", "2024-02-30", "starts_on"),
        ("starts_on", "2024-1-5", "starts_on"),
        ("starts_on", "20240115", "starts_on"),
        ("starts_on", "2024-W03-1", "starts_on"),
        ("starts_on", "2024-01-15T00:00:00", "starts_on"),
        ("starts_on", " 2024-01-15", "starts_on"),
        ("starts_on", "2024-01-15\n", "starts_on"),
        ("starts_on", "٢٠٢٤-٠١-١٥", "starts_on"),
        ("starts_on", "0000-01-15", "starts_on"),
        ("starts_on", "12024-01-15", "starts_on"),
        ("starts_on", None, "starts_on"),
        ("closes_on", 20231001, "closes_on"),
        ("criteria", {}, "criteria"),
        ("criteria", None, "criteria"),
        ("criteria", [1], "criteria[0]"),
        ("criteria", [{}], "criteria[0].kind"),
        ("extra", 1, "extra"),
        ("Extra key\n", 1, '"Extra key\\n"'),
    ],
)
def test_an_invalid_value_is_refused_with_its_field(key: str, value: object, field: str) -> None:
    assert refusal(rulebook_with({key: value})).field == field


@pytest.mark.parametrize(
    "kind,key",
    [
        ("STUDIES", "degree_window_months"),
        ("STUDIES", "finishing_within_months"),
        ("AGE", "minimum"),
        ("AGE", "maximum"),
        ("RESIDENCE", "months"),
    ],
)
@pytest.mark.parametrize("value", [None, "12", 12.0, True, False, -1, [12]])
def test_a_number_must_be_a_non_negative_integer(kind: str, key: str, value: object) -> None:
    assert refusal(one(kind, **{key: value})).field == f"criteria[1].{key}"
    missing = refusal(without(kind, key))
    assert (missing.field, missing.message) == (f"criteria[1].{key}", "is missing")


@pytest.mark.parametrize(
    "kind,changes,field",
    [
        ("AGE", {"minimum": 36}, "maximum"),
        ("AGE", {"on": "opens_on"}, "on"),
        ("AGE", {"on": None}, "on"),
        ("RESIDENCE", {"on": "STARTS_ON"}, "on"),
        ("AGE", {"months": 12}, "months"),
        ("SKILLS", {"languages": ["fr"]}, "languages"),
        ("OTHER", {"text": "…"}, "text"),
        ("STUDIES", {"bar_school": None}, "bar_school"),
        ("STUDIES", {"bar_school": 1}, "bar_school"),
        ("STUDIES", {"professional_order_stage": "false"}, "professional_order_stage"),
        ("LEGAL_STATUS", {"accepted": []}, "accepted"),
        ("LEGAL_STATUS", {"accepted": "CITIZEN"}, "accepted"),
        ("LEGAL_STATUS", {"accepted": ["CITIZEN", "TOURIST"]}, "accepted[1]"),
        ("LEGAL_STATUS", {"accepted": [None]}, "accepted[0]"),
        ("DOMICILE", {"provinces": []}, "provinces"),
        ("DOMICILE", {"provinces": ["QC", " "]}, "provinces[1]"),
        ("DOMICILE", {"provinces": [1]}, "provinces[0]"),
        ("WRITING", {"languages": []}, "languages"),
        ("WRITING", {"languages": {"fr": True}}, "languages"),
        ("WRITING", {"languages": [""]}, "languages[0]"),
        ("SKILLS", {"effect": "REFUSE"}, "effect"),
        ("SKILLS", {"effect": None}, "effect"),
        ("SKILLS", {"kind": "HEIGHT"}, "kind"),
        ("SKILLS", {"kind": "skills"}, "kind"),
        ("SKILLS", {"kind": None}, "kind"),
        ("SKILLS", {"kind": ["SKILLS"]}, "kind"),
        ("SKILLS", {"clause": None}, "clause"),
        ("SKILLS", {"clause": "Admissibilité, 7"}, "clause"),
        ("SKILLS", {"clause": {"texte": "…"}}, "clause.texte"),
        ("SKILLS", {"clause": {"text": None}}, "clause.text"),
        ("SKILLS", {"clause": {"reference": 7}}, "clause.reference"),
    ],
)
def test_an_invalid_criterion_is_refused_with_its_path(
    kind: str, changes: dict[str, object], field: str
) -> None:
    assert refusal(one(kind, **changes)).field == f"criteria[1].{field}"


def test_only_the_kind_other_may_repeat() -> None:
    rulebook = rulebook_from_json(rulebook_with(criteria=[criterion("OTHER"), criterion("OTHER")]))
    assert [one.kind for one in rulebook.criteria] == [CriterionKind.OTHER, CriterionKind.OTHER]


def test_omitted_defaults_are_written_explicitly() -> None:
    studies = criterion("STUDIES")
    for key in ("bar_school", "professional_order_stage", "clause"):
        del studies[key]
    rulebook = rulebook_with(criteria=[studies])
    del rulebook["reference"]
    written: Any = rulebook_from_json(rulebook).as_json()
    assert written["reference"] is None
    assert written["criteria"] == [criterion("STUDIES", clause={})]
