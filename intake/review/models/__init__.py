"""Models of `review`: committees, conflicts, assessments, evidence, decisions, shortlists and exports."""

from .assessments import (
    MARK_MAX,
    MEETING_NOTE_MAX,
    WEIGHT_MAX,
    Assessment,
    LineMark,
    LineWeight,
    Mark,
    MeetingNote,
)
from .committees import AnchorFile, Assignment, BlindReading, CommitteeMember, Conflict
from .decisions import DecisionBatch, DecisionItem, ReservePlace
from .evidence import Evidence, RegisterMatch
from .queue import BULK_MAX, VIEW_NAME_MAX, VIEWS_MAX, BulkItem, BulkRun, Claim, SavedView
from .reading import ReadingDraft, ReadingKeys
from .shortlists import (
    LIST_REASON_MAX,
    ExportOrder,
    Shortlist,
    ShortlistExport,
    ShortlistRow,
)

__all__ = [
    "BULK_MAX",
    "LIST_REASON_MAX",
    "MARK_MAX",
    "MEETING_NOTE_MAX",
    "VIEWS_MAX",
    "VIEW_NAME_MAX",
    "WEIGHT_MAX",
    "AnchorFile",
    "Assessment",
    "Assignment",
    "BlindReading",
    "BulkItem",
    "BulkRun",
    "Claim",
    "CommitteeMember",
    "Conflict",
    "DecisionBatch",
    "DecisionItem",
    "Evidence",
    "ExportOrder",
    "LineMark",
    "LineWeight",
    "Mark",
    "MeetingNote",
    "ReadingDraft",
    "ReadingKeys",
    "RegisterMatch",
    "ReservePlace",
    "SavedView",
    "Shortlist",
    "ShortlistExport",
    "ShortlistRow",
]
