"""The queue of candidatures, the committees, the conflicts of interest: Django finds them here."""

from .committees import CommitteeMemberAdmin
from .conflicts import ConflictAdmin
from .exports import ShortlistExportAdmin
from .queue import SubmissionAdmin

__all__ = ["CommitteeMemberAdmin", "ConflictAdmin", "ShortlistExportAdmin", "SubmissionAdmin"]
