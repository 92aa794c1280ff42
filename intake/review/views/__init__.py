"""The reviewers' pages: the file beside its verdict, decisions, exports."""

from .conflicts import conflict
from .dossier import dossier
from .exports import export
from .file import file_page
from .moves import move
from .ranking import ranking
from .rulings import rule
from .shortlists import freeze, shortlist_page
from .weights import weights

__all__ = [
    "conflict",
    "dossier",
    "export",
    "file_page",
    "freeze",
    "move",
    "ranking",
    "rule",
    "shortlist_page",
    "weights",
]
