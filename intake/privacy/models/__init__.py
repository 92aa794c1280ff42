"""Models of `privacy`."""

from .incidents import Incident, IncidentUpdate, Risk

__all__ = ["Incident", "IncidentUpdate", "Risk"]
