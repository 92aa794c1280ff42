"""The reviewers' pages: the file beside its verdict, decisions, exports."""

from .assign_by_file import assign_by_file
from .assign_due import assign_due
from .assign_evenly import assign_evenly
from .assignments import assignments
from .blind import blind_reading
from .bulk import bulk_run, bulk_start
from .complements import complement
from .conflicts import conflict
from .decisions import decision_batch, decisions
from .dossier import dossier, receipt
from .evidence import verify
from .export_orders import export_file, export_order
from .exports import export
from .file import file_page
from .hand import hand
from .moves import move
from .preparing import change_decisions, prepare_decisions
from .ranking import ranking
from .releasing import release_decisions, revoke_decisions
from .reserve_list import reserve_list_page
from .rulings import rule
from .saved_views import saved_view, saved_views
from .shortlists import freeze, shortlist_page
from .weights import weights

__all__ = [
    "assign_by_file",
    "assign_due",
    "assign_evenly",
    "assignments",
    "blind_reading",
    "bulk_run",
    "bulk_start",
    "change_decisions",
    "complement",
    "conflict",
    "decision_batch",
    "decisions",
    "dossier",
    "export",
    "export_file",
    "export_order",
    "file_page",
    "freeze",
    "hand",
    "move",
    "prepare_decisions",
    "ranking",
    "receipt",
    "release_decisions",
    "reserve_list_page",
    "revoke_decisions",
    "rule",
    "saved_view",
    "saved_views",
    "shortlist_page",
    "verify",
    "weights",
]
