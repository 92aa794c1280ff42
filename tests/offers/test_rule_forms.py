"""Forms of criteria: fields, accepted and refused input, order; and the default criteria of offers."""

from typing import Any

import pytest
from django.http import QueryDict

from intake.devtools.demonstration.offers import CRITERIA, GRID, SECTIONS
from offers.criterion_labels import DEFAULT_CRITERIA, KINDS, default_criterion
from offers.rule_forms import MAX_CRITERIA, CriterionCard, FormError, ReasonForm, RulesForm
from offers.services.creating import DEFAULT_DOCUMENTS

MEGABYTES_10 = 10 * 1024 * 1024
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
def fields_of(card: CriterionCard) -> dict[str, dict[str, Any]]:
    """Return label, requirement, and bounds or choices of each field."""
    return {
        name: {
            "label": str(field.label),
            "required": field.required,
            **{
                bound: getattr(field, bound)
                for bound in ("min_value", "max_value", "max_length")
                if getattr(field, bound, None) is not None
            },
            **({"choices": [code for code, _words in field.choices]} if hasattr(field, "choices") else {}),
        }
        for name, field in card.form.fields.items()
    }


COMMON: dict[str, dict[str, Any]] = {
    "effect": {"label": "Effet", "required": True, "choices": ["BLOCK", "ADVISE"]},
    "reference": {"label": "Référence dans l’offre", "required": False, "max_length": 120},
    "text": {"label": "Phrase de l’offre", "required": False, "max_length": 4000},
}
DAY = {"label": "Jour de référence", "required": True, "choices": ["starts_on", "closes_on"]}
FIELDS: dict[str, dict[str, dict[str, Any]]] = {
    "STUDIES": {
        "degree_window_months": {
            "label": "Diplôme obtenu depuis, au plus",
            "required": True,
            "min_value": 0,
            "max_value": 1200,
        },
        "finishing_within_months": {
            "label": "Fin des études après le début du stage, au plus",
            "required": True,
            "min_value": 0,
            "max_value": 1200,
        },
        "bar_school": {"label": "École du Barreau du Québec acceptée", "required": False},
        "professional_order_stage": {"label": "Stage d’un ordre professionnel accepté", "required": False},
    },
    "AGE": {
        "minimum": {"label": "Âge minimal", "required": True, "min_value": 0, "max_value": 150},
        "maximum": {"label": "Âge maximal", "required": True, "min_value": 0, "max_value": 150},
        "on": DAY,
    },
    "LEGAL_STATUS": {
        "accepted": {
            "label": "Statuts acceptés",
            "required": True,
            "choices": [
                *("CITIZEN", "PERMANENT_RESIDENT", "PROTECTED_PERSON", "ASYLUM_CLAIMANT", "TEMPORARY_PERMIT"),
                "OTHER",
            ],
        }
    },
    "DOMICILE": {
        "provinces": {
            "label": "Domiciles acceptés",
            "required": True,
            "choices": ["QC", "AB", "BC", "PE", "MB", "NB", "NS", "NU", "ON", "SK", "NL", "NT", "YT"],
        }
    },
    "RESIDENCE": {
        "months": {
            "label": "Durée de résidence, au moins",
            "required": True,
            "min_value": 0,
            "max_value": 1200,
        },
        "on": DAY,
    },
    "WRITING": {
        "languages": {
            "label": "Langues à bien écrire",
            "required": True,
            "choices": ["fr", "en", "es", "pt", "it", "de", "ar", "ru", "zh"],
        }
    },
    "SKILLS": {},
    "ONCE_ONLY": {},
    "OTHER": {},
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_fields_for_its_parameters_with_their_limits(kind: str) -> None:
    (card,) = RulesForm.of([default_criterion(kind)]).cards
    common = COMMON | {"text": COMMON["text"] | {"required": kind == "OTHER"}}
    assert fields_of(card) == common | FIELDS[kind]
    assert [bound.name for bound in card.form.parameters] == list(FIELDS[kind])
    assert [bound.name for bound in card.form.judged] == [*FIELDS[kind], "effect", "reference", "text"]
    assert (card.key, card.kind, card.placed) == (1, kind, f"1:{kind}")


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
def test_criteria_are_added_moved_and_removed() -> None:
    rules = RulesForm.of([CRITERIA[1], OTHER, CRITERIA[0]])
    assert kinds(rules) == ["1:AGE", "2:OTHER", "3:STUDIES"]
    rules.move(3, -1)
    assert kinds(rules) == ["1:AGE", "3:STUDIES", "2:OTHER"]
    rules.move(1, 1)
    assert kinds(rules) == ["3:STUDIES", "1:AGE", "2:OTHER"]
    rules.move(3, -1)
    rules.move(2, 1)
    rules.move(9, 1)
    assert kinds(rules) == ["3:STUDIES", "1:AGE", "2:OTHER"]
    rules.remove(1)
    rules.remove(9)
    assert kinds(rules) == ["3:STUDIES", "2:OTHER"]
    added = rules.add("AGE")
    assert added is not None
    assert (added.placed, added.stated()) == ("4:AGE", default_criterion("AGE"))
    assert rules.add("AGE") is None
    assert rules.add("KING") is None
    rules.add_defaults()
    rest = ("LEGAL_STATUS", "DOMICILE", "RESIDENCE", "WRITING", "SKILLS", "ONCE_ONLY")
    assert kinds(rules) == [
        *("3:STUDIES", "2:OTHER", "4:AGE"),
        *(f"{key}:{kind}" for key, kind in enumerate(rest, start=5)),
    ]
    assert rules.addable_kinds == ["OTHER"]


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


@pytest.mark.parametrize(
    "reason, errors",
    [
        ("Erreur.", []),
        ("x" * 250, []),
        ("x" * 251, ["Assurez-vous que cette valeur comporte au plus 250 caractères (actuellement 251)."]),
        ("  ", ["Expliquez pourquoi les critères changent."]),
    ],
)
def test_a_reason_is_required_and_has_a_maximum_length(reason: str, errors: list[str]) -> None:
    assert list(ReasonForm({"reason": reason}).errors.get("reason", [])) == errors


# -- Default criteria ------------------------------------------------------------------------------------------
def test_the_default_criteria_are_those_of_the_programme() -> None:
    assert list(DEFAULT_CRITERIA.items()) == [
        (
            "STUDIES",
            {
                "degree_window_months": 24,
                "finishing_within_months": 12,
                "bar_school": True,
                "professional_order_stage": True,
            },
        ),
        ("AGE", {"minimum": 18, "maximum": 35, "on": "starts_on"}),
        ("LEGAL_STATUS", {"accepted": ["CITIZEN", "PERMANENT_RESIDENT"]}),
        ("DOMICILE", {"provinces": ["QC"]}),
        ("RESIDENCE", {"months": 12, "on": "closes_on"}),
        ("WRITING", {"languages": ["fr", "en"]}),
        ("SKILLS", {}),
        ("ONCE_ONLY", {}),
    ]
    assert list(KINDS) == [*DEFAULT_CRITERIA, "OTHER"]
    assert default_criterion("OTHER") == {"kind": "OTHER", "effect": "ADVISE", "clause": {}}
    assert default_criterion("DOMICILE") == {
        "kind": "DOMICILE",
        "effect": "BLOCK",
        "provinces": ["QC"],
        "clause": {},
    }


def test_the_criteria_of_the_demonstration_are_the_default_ones_with_clauses() -> None:
    open_branches = {"bar_school": True, "professional_order_stage": True}
    assert [{key: value for key, value in one.items() if key != "clause"} for one in CRITERIA] == [
        {
            key: value
            for key, value in default_criterion(kind).items()
            if key not in {"clause", *open_branches}
        }
        for kind in DEFAULT_CRITERIA
    ]
    assert [one["clause"]["reference"] for one in CRITERIA] == [
        *(f"Admissibilité, {place}" for place in range(1, 8)),
        "Note",
    ]
    assert [(part.kind, part.title) for part in SECTIONS] == [
        ("MANDATE", "Mandat"),
        ("TASKS", "Description des tâches"),
        ("SKILLS", "Compétences et expérience requises"),
        ("ELIGIBILITY", "Admissibilité"),
        ("OTHER", "Note"),
    ]
    assert "".join(line.requirement[0] for line in GRID) == "RRRRRRRRRRARA"


def test_the_default_documents_have_their_limits() -> None:
    assert [
        (one.kind, one.label, one.max_pages, one.max_bytes, one.required, bool(one.hint))
        for one in DEFAULT_DOCUMENTS
    ] == [
        ("CV", "Curriculum vitæ", 3, MEGABYTES_10, True, True),
        ("MOTIVATION_LETTER", "Lettre de motivation", 2, MEGABYTES_10, True, True),
        ("TRANSCRIPT", "Relevé de notes", 10, MEGABYTES_10, True, True),
        ("ENROLMENT_PROOF", "Preuve d’inscription ou diplôme", 10, MEGABYTES_10, True, True),
    ]
