"""Offers in the administration: the offer desk."""

from .offer import OfferAdmin
from .programme import ProgrammeAdmin

__all__ = ["OfferAdmin", "ProgrammeAdmin"]
