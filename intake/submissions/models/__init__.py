"""Models of submissions."""

from .complements import ComplementDocument, ComplementRequest
from .drafts import ANSWERS_SCHEMA, Draft, DraftDocument
from .filing_window import FilingWindow
from .filings import FiledDocument, Filing, Receipt, ReviewRequest, Verdict
from .personal_extensions import PersonalExtension
from .rulings import Ruling
from .submissions import Submission, Transition

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
