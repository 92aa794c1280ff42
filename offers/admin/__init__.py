"""Offers in the administration."""

from .offer import OfferAdmin
from .programme import ProgrammeAdmin
from .synonyms import SynonymGroupAdmin

__all__ = ["OfferAdmin", "ProgrammeAdmin", "SynonymGroupAdmin"]
