"""Models of `privacy`."""

from .incidents import Incident, IncidentUpdate, Risk
from .retention import (
    MIN_MONTHS,
    MIN_MONTHS_DECIDED,
    MONTHS_MAX,
    REASON_MAX,
    Erasure,
    LegalHold,
    Outcome,
    RetentionRule,
)

__all__ = [
    "MIN_MONTHS",
    "MIN_MONTHS_DECIDED",
    "MONTHS_MAX",
    "REASON_MAX",
    "Erasure",
    "Incident",
    "IncidentUpdate",
    "LegalHold",
    "Outcome",
    "RetentionRule",
    "Risk",
]
