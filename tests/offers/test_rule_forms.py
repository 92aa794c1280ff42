"""Forms of criteria: fields, accepted and refused input, order; and the default criteria of offers."""

from typing import Any

import pytest
from django.http import QueryDict

from intake.devtools.demonstration.offers import CRITERIA
from offers.criterion_labels import KINDS
from offers.rule_forms import MAX_CRITERIA, FormError, RulesForm

OTHER = {"kind": "OTHER", "effect": "ADVISE", "clause": {"text": "Aimer la mer."}}


def sent(*places: str, **fields: Any) -> QueryDict:
    """Return form data: the places, then fields named `critere_1_effect` for `critere-1-effect`."""
    data = QueryDict(mutable=True)
    data.setlist("place", list(places))
    for name, value in fields.items():
        prefix, key, rest = name.split("_", 2)
        data.setlist(f"{prefix}-{key}-{rest}", value if isinstance(value, list) else [str(value)])
    return data


def kinds(rules: RulesForm) -> list[str]:
    return [card.placed for card in rules.cards]


# -- Display ---------------------------------------------------------------------------------------------------


def test_an_untouched_form_states_its_criterion_unchanged() -> None:
    rules = RulesForm.of([*CRITERIA, OTHER])
    stated = [card.stated() for card in rules.cards]
    assert stated[:-1] == [
        one | ({"bar_school": False, "professional_order_stage": False} if one["kind"] == "STUDIES" else {})
        for one in CRITERIA
    ]
    assert stated[-1] == OTHER
    assert (rules.bound, rules.faults) == (False, [])
    assert not any(card.form.is_bound for card in rules.cards)
    opened = CRITERIA[0] | {"bar_school": True, "professional_order_stage": True}
    assert RulesForm.of([opened]).cards[0].stated() == opened
    assert RulesForm.of([CRITERIA[1] | {"maximum": None}]).cards[0].stated() is None


def test_choices_have_labels_and_keep_unknown_codes_of_an_offer() -> None:
    domicile = {"kind": "DOMICILE", "effect": "BLOCK", "provinces": ["XX", "QC", " "]}
    choices = RulesForm.of([domicile]).cards[0].form.fields["provinces"].choices  # type: ignore[attr-defined]  # -- a choice field
    assert choices[0] == ("QC", "Au Québec")
    assert choices[-1] == ("XX", "À l’endroit noté «\u00a0XX\u00a0»")
    assert len(choices) == 14
    held = sent("1:WRITING", critere_1_languages=["la", "fr"], critere_1_effect="BLOCK")
    (card,) = RulesForm.sent(held).cards
    assert card.stated() == {"kind": "WRITING", "effect": "BLOCK", "languages": ["la", "fr"], "clause": {}}
    # The rules know no other status.
    king = {"kind": "LEGAL_STATUS", "effect": "BLOCK", "accepted": ["KING"]}
    assert RulesForm.of([king]).cards[0].stated() is None


# -- Form data -------------------------------------------------------------------------------------------------
def age(**fields: Any) -> RulesForm:
    usual = {
        "minimum": 18,
        "maximum": 35,
        "on": "starts_on",
        "effect": "BLOCK",
        "reference": " ",
        "text": " a ",
    }
    return RulesForm.sent(
        sent("1:AGE", **{f"critere_1_{name}": value for name, value in (usual | fields).items()})
    )


def test_a_valid_page_returns_its_criteria_in_order() -> None:
    rules = age()
    assert rules.is_valid()
    assert rules.criteria() == [
        {
            "kind": "AGE",
            "effect": "BLOCK",
            "minimum": 18,
            "maximum": 35,
            "on": "starts_on",
            "clause": {"text": "a"},
        }
    ]


@pytest.mark.parametrize(
    "fields, anchors",
    [
        ({"minimum": 0, "maximum": 0}, []),
        ({"minimum": 150, "maximum": 150}, []),
        ({"minimum": 35}, []),
        ({"minimum": 36}, ["id_critere-1-maximum"]),
        ({"maximum": 151}, ["id_critere-1-maximum"]),
        ({"minimum": -1}, ["id_critere-1-minimum"]),
        ({"minimum": "", "maximum": ""}, ["id_critere-1-minimum", "id_critere-1-maximum"]),
        ({"on": "", "effect": "NEW"}, ["id_critere-1-on", "id_critere-1-effect_groupe"]),
        ({"reference": "r" * 120, "text": "t" * 4000}, []),
        ({"reference": "r" * 121, "text": "t" * 4001}, ["id_critere-1-reference", "id_critere-1-text"]),
    ],
)
def test_each_error_links_to_its_field_in_the_order_of_the_page(
    fields: dict[str, Any], anchors: list[str]
) -> None:
    rules = age(**fields)
    assert [fault.anchor for fault in rules.faults] == anchors
    assert rules.is_valid() is (not anchors)


def test_an_error_names_its_criterion_and_its_field() -> None:
    (fault,) = age(minimum=36).faults
    assert fault.text.replace("\u00a0", " ") == (
        "Âge — Âge maximal : L’âge maximal est plus petit que l’âge minimal."
    )
    assert RulesForm.sent(sent()).faults == [FormError("Ajoutez au moins un critère.", "kind")]
    other = RulesForm.sent(sent("1:OTHER", critere_1_effect="ADVISE", critere_1_text=" "))
    assert [fault.text.partition("\u00a0: ")[2] for fault in other.faults] == [
        "Inscrivez la phrase de l’offre qu’une personne examinera."
    ]
    assert not other.as_typed().faults


@pytest.mark.parametrize(
    "places, kept",
    [
        (["2:AGE", "1:STUDIES"], ["2:AGE", "1:STUDIES"]),
        (["1:AGE", "2:AGE"], ["1:AGE"]),
        (["1:AGE", "1:STUDIES"], ["1:AGE"]),
        (["1:OTHER", "2:OTHER", "2:OTHER"], ["1:OTHER", "2:OTHER"]),
        (["9999:AGE", "10000:STUDIES"], ["9999:AGE"]),
        (["1:KING", "x:AGE", "AGE", "1:AGE ", "²:AGE", ":AGE"], []),
        ([f"{key}:OTHER" for key in range(50)], [f"{key}:OTHER" for key in range(40)]),
    ],
)
def test_unknown_and_repeated_criteria_are_left_out(places: list[str], kept: list[str]) -> None:
    assert kinds(RulesForm.sent(sent(*places))) == kept


# -- Result ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key, by, order", [(3, -1, "132"), (1, 1, "213"), (1, -1, "123"), (3, 1, "123"), (9, 1, "123")]
)
def test_a_criterion_is_moved_within_the_ends_of_the_list(key: int, by: int, order: str) -> None:
    rules = RulesForm.of([CRITERIA[1], OTHER, CRITERIA[0]])
    rules.move(key, by)
    assert "".join(str(card.key) for card in rules.cards) == order


def test_a_rulebook_accepts_up_to_forty_criteria() -> None:
    assert MAX_CRITERIA == 40
    rules = RulesForm.of([OTHER] * 39)
    assert rules.addable_kinds == list(KINDS)
    assert rules.add("OTHER") is not None
    assert (rules.addable_kinds, rules.add("OTHER"), len(rules.cards)) == ([], None, 40)
    empty = RulesForm.of([])
    assert empty.addable_kinds == list(KINDS)
    added = empty.add("OTHER")
    assert added is not None
    assert added.key == 1


def test_unfinished_input_is_kept_without_validation() -> None:
    typed = age(minimum="dix", effect="ADVISE").as_typed()
    form = typed.cards[0].form
    assert (typed.bound, form.is_bound, form.prefix, typed.cards[0].key) == (False, False, "critere-1", 1)
    assert (form["minimum"].value(), form["effect"].value(), form["text"].value()) == ("dix", "ADVISE", " a ")
    assert typed.cards[0].stated() is None
