"""The pages of the administration: the queue, the committees, the conflicts, the exports. Django finds them here."""

from .committees.admin import CommitteeMemberAdmin
from .conflicts.admin import ConflictAdmin
from .exports.admin import ShortlistExportAdmin
from .queue.admin import SubmissionAdmin

__all__ = ["CommitteeMemberAdmin", "ConflictAdmin", "ShortlistExportAdmin", "SubmissionAdmin"]
