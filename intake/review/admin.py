"""Admin classes of the app, imported here for Django's autodiscovery."""

from .assignment.admin import CommitteeMemberAdmin
from .committees.admin import ConflictAdmin
from .exports.admin import ShortlistExportAdmin
from .queue.admin import SubmissionAdmin

__all__ = ["CommitteeMemberAdmin", "ConflictAdmin", "ShortlistExportAdmin", "SubmissionAdmin"]
