"""The criteria that an offer of this programme usually sets: where somebody who writes one by hand begins.

Only a start: each offer's own text says what it asks, and each number here is data of the offer afterwards
(DOMAIN.md, "Eligibility").
"""

from typing import Any, Final

DEFAULT_CRITERIA: Final[dict[str, dict[str, Any]]] = {
    "STUDIES": {
        "degree_window_months": 24,
        "finishing_within_months": 12,
        "bar_school": True,
        "professional_order_stage": True,
    },
    "AGE": {"minimum": 18, "maximum": 35, "on": "starts_on"},
    "LEGAL_STATUS": {"accepted": ["CITIZEN", "PERMANENT_RESIDENT"]},
    "DOMICILE": {"provinces": ["QC"]},
    "RESIDENCE": {"months": 12, "on": "closes_on"},
    "WRITING": {"languages": ["fr", "en"]},
    "SKILLS": {},
    "ONCE_ONLY": {},
}
"""The usual parameters of each kind, in the order in which offers state them."""
MAY_REPEAT: Final = "OTHER"
"""The one kind that an offer may set more than once (contract: rulebook)."""
KINDS: Final = (*DEFAULT_CRITERIA, MAY_REPEAT)


def default_criterion(kind: str) -> dict[str, Any]:
    """Return a criterion of `kind` with its usual parameters and no clause yet.

    A sentence that only people can judge advises until somebody says that it blocks.
    """
    effect = "ADVISE" if kind == MAY_REPEAT else "BLOCK"
    return {"kind": kind, "effect": effect, **DEFAULT_CRITERIA.get(kind, {}), "clause": {}}
