"""Models of an offer: header, sections, rulebook versions, document requests, grid, changes; and synonyms."""

from .history import OfferChange, OfferExtension, OpenPoint
from .offer import Offer
from .parts import (
    DOCUMENT_MAX_BYTES,
    DocumentRequest,
    DocumentRequestData,
    GridLine,
    GridLineData,
    Section,
    SectionData,
)
from .programme import DEFAULT_NAME, DEFAULT_PROGRAMME, Programme
from .rulebook import RULEBOOK_SCHEMA, RulebookVersion
from .synonyms import SynonymGroup

__all__ = [
    "DEFAULT_NAME",
    "DEFAULT_PROGRAMME",
    "DOCUMENT_MAX_BYTES",
    "RULEBOOK_SCHEMA",
    "DocumentRequest",
    "DocumentRequestData",
    "GridLine",
    "GridLineData",
    "Offer",
    "OfferChange",
    "OfferExtension",
    "OpenPoint",
    "Programme",
    "RulebookVersion",
    "Section",
    "SectionData",
    "SynonymGroup",
]
