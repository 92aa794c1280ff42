"""The reviewers' pages: the file beside its verdict, decisions, exports."""

from .bulk import bulk_run, bulk_start
from .conflicts import conflict
from .dossier import dossier
from .exports import export
from .file import file_page
from .moves import move
from .rulings import rule
from .saved_views import saved_view, saved_views
from .shortlists import freeze, shortlist_page
from .weights import weights

__all__ = [
    "bulk_run",
    "bulk_start",
    "conflict",
    "dossier",
    "export",
    "file_page",
    "freeze",
    "move",
    "rule",
    "saved_view",
    "saved_views",
    "shortlist_page",
    "weights",
]
