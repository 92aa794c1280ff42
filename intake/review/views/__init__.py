"""The reviewers' pages: the file beside its verdict, decisions, exports."""

from .assign_by_file import assign_by_file
from .assign_evenly import assign_evenly
from .assignments import assignments
from .conflicts import conflict
from .dossier import dossier
from .exports import export
from .file import file_page
from .moves import move
from .rulings import rule
from .shortlists import freeze, shortlist_page
from .weights import weights

__all__ = [
    "assign_by_file",
    "assign_evenly",
    "assignments",
    "conflict",
    "dossier",
    "export",
    "file_page",
    "freeze",
    "move",
    "rule",
    "shortlist_page",
    "weights",
]
