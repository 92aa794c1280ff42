"""The tables of submissions."""

from .complements import ComplementDocument, ComplementRequest
from .filing_window import FilingWindow
from .personal_extensions import PersonalExtension
from .submissions import (
    ANSWERS_SCHEMA,
    Draft,
    DraftDocument,
    FiledDocument,
    Filing,
    Receipt,
    ReviewRequest,
    Ruling,
    Submission,
    Transition,
    Verdict,
)

__all__ = [
    "ANSWERS_SCHEMA",
    "ComplementDocument",
    "ComplementRequest",
    "Draft",
    "DraftDocument",
    "FiledDocument",
    "Filing",
    "FilingWindow",
    "PersonalExtension",
    "Receipt",
    "ReviewRequest",
    "Ruling",
    "Submission",
    "Transition",
    "Verdict",
]
