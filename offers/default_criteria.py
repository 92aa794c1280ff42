"""The default criteria of an offer of this programme, for a rulebook that staff write by hand.

The text of each offer decides: the numbers here become data of the offer, which staff change
(`docs/rules.md#usual-criteria`).
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
"""The default parameters of each kind, in the order in which offers state them."""
MAY_REPEAT: Final = "OTHER"
"""The only kind that an offer may set more than once: `docs/rules.md#other-criteria`."""
KINDS: Final = (*DEFAULT_CRITERIA, MAY_REPEAT)


def default_criterion(kind: str) -> dict[str, Any]:
    """Return a criterion of `kind` with its default parameters and no clause.

    A criterion of kind OTHER only advises until staff make it block.
    """
    effect = "ADVISE" if kind == MAY_REPEAT else "BLOCK"
    return {"kind": kind, "effect": effect, **DEFAULT_CRITERIA.get(kind, {}), "clause": {}}
