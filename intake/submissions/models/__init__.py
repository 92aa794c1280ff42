"""Models of submissions."""

from .arrivals import Arrival
from .complements import ComplementDocument, ComplementRequest
from .drafts import ANSWERS_SCHEMA, DocumentPart, Draft, DraftDocument
from .filing_window import FilingWindow, PersonalExtension
from .filings import FiledDocument, Filing, Receipt, ReviewRequest, Ruling, Verdict
from .pending_uploads import PendingUpload
from .submissions import Submission, Transition

__all__ = [
    "ANSWERS_SCHEMA",
    "Arrival",
    "ComplementDocument",
    "ComplementRequest",
    "DocumentPart",
    "Draft",
    "DraftDocument",
    "FiledDocument",
    "Filing",
    "FilingWindow",
    "PendingUpload",
    "PersonalExtension",
    "Receipt",
    "ReviewRequest",
    "Ruling",
    "Submission",
    "Transition",
    "Verdict",
]
