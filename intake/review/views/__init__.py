"""The reviewers' pages: the file beside its verdict, decisions, exports."""

from .conflicts import conflict
from .dossier import dossier
from .evidence import verify
from .exports import export
from .file import file_page
from .hand import hand
from .moves import move
from .rulings import rule
from .shortlists import freeze, shortlist_page
from .weights import weights

__all__ = [
    "conflict",
    "dossier",
    "export",
    "file_page",
    "freeze",
    "hand",
    "move",
    "rule",
    "shortlist_page",
    "verify",
    "weights",
]
