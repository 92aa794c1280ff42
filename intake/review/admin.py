"""Admin classes of the app, imported here for Django's autodiscovery."""

from .committees.admin import CommitteeMemberAdmin, ConflictAdmin
from .exports.admin import ShortlistExportAdmin
from .queue.admin import SubmissionAdmin

__all__ = ["CommitteeMemberAdmin", "ConflictAdmin", "ShortlistExportAdmin", "SubmissionAdmin"]
