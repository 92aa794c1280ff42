"""Models of `review`: committees, conflicts, assessments, evidence, decisions, shortlists and exports."""

from .assessments import MARK_MAX, MARK_MIN, WEIGHT_MAX, Assessment, LineMark, LineWeight, Mark
from .blind_reading import BlindReading
from .bulk import BULK_MAX, BulkItem, BulkRun
from .claims import Claim
from .committees import Assignment, CommitteeMember, Conflict
from .decisions import DecisionBatch, DecisionItem, ReservePlace
from .evidence import Evidence
from .export_orders import EXPORTS_FOLDER, ExportOrder
from .meetings import MEETING_NOTE_MAX, MeetingNote
from .register_matches import RegisterMatch
from .saved_views import VIEW_NAME_MAX, VIEWS_MAX, SavedView
from .shortlists import LIST_REASON_MAX, Shortlist, ShortlistExport, ShortlistRow

__all__ = [
    "BULK_MAX",
    "EXPORTS_FOLDER",
    "LIST_REASON_MAX",
    "MARK_MAX",
    "MARK_MIN",
    "MEETING_NOTE_MAX",
    "VIEWS_MAX",
    "VIEW_NAME_MAX",
    "WEIGHT_MAX",
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
    "RegisterMatch",
    "ReservePlace",
    "SavedView",
    "Shortlist",
    "ShortlistExport",
    "ShortlistRow",
]
