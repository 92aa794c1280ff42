"""Offers in the administration."""

from .offer import OfferAdmin
from .programme import ProgrammeAdmin

__all__ = ["OfferAdmin", "ProgrammeAdmin"]
