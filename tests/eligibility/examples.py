"""The example of `docs/contracts.md`, and functions that vary it."""

import copy
from typing import Any

RULEBOOK: dict[str, Any] = {
    "schema": 1,
    "reference": "2023-020",
    "starts_on": "2024-01-15",
    "closes_on": "2023-10-01",
    "criteria": [
        {
            "kind": "STUDIES",
            "effect": "BLOCK",
            "degree_window_months": 24,
            "finishing_within_months": 12,
            "bar_school": True,
            "professional_order_stage": True,
            "clause": {"reference": "Admissibilité, 1", "text": "…"},
        },
        {"kind": "AGE", "effect": "BLOCK", "minimum": 18, "maximum": 35, "on": "starts_on", "clause": {}},
        {
            "kind": "LEGAL_STATUS",
            "effect": "BLOCK",
            "accepted": ["CITIZEN", "PERMANENT_RESIDENT"],
            "clause": {},
        },
        {"kind": "DOMICILE", "effect": "BLOCK", "provinces": ["QC"], "clause": {}},
        {"kind": "RESIDENCE", "effect": "BLOCK", "months": 12, "on": "closes_on", "clause": {}},
        {"kind": "WRITING", "effect": "BLOCK", "languages": ["fr", "en"], "clause": {}},
        {"kind": "SKILLS", "effect": "BLOCK", "clause": {}},
        {"kind": "ONCE_ONLY", "effect": "BLOCK", "clause": {}},
    ],
}

FACTS: dict[str, Any] = {
    "birth_date": "1998-05-04",
    "legal_status": "CITIZEN",
    "domicile_province": "QC",
    "quebec_resident_since": "2016-09-01",
    "resident_for_health_insurance": True,
    "resident_for_tax": True,
    "studies": [
        {"level": "MASTER", "state": "IN_PROGRESS", "completed_on": None, "expected_on": "2024-04-30"}
    ],
    "bar_school": False,
    "professional_order_stage": False,
    "attests_writing": {"fr": True, "en": True},
    "attests_skills": True,
    "past_participant": False,
    "register_match": False,
}


def rulebook_with(
    changes: dict[str, Any] | None = None, *, criteria: list[dict[str, Any]] | None = None
) -> Any:
    """Return the example rulebook with changed top-level keys, or with other criteria."""
    rulebook = copy.deepcopy(RULEBOOK)
    rulebook.update(changes or {})
    if criteria is not None:
        rulebook["criteria"] = criteria
    return rulebook


def criterion(kind: str, /, **changes: object) -> dict[str, Any]:
    """Return the example criterion of a kind, with changes."""
    example = next((copy.deepcopy(one) for one in RULEBOOK["criteria"] if one["kind"] == kind), None)
    return {**(example or {"kind": kind, "effect": "BLOCK", "clause": {}}), **changes}
