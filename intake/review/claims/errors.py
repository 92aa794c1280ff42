"""Error of a file that another user claimed."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from intake.review.access.errors import ReviewError
from intake.review.models import Claim
from intake.web import formats


class FileClaimedError(ReviewError):
    """Another user has claimed the file. `claim` has the user, the start and the expiry."""

    code = "FILE_HELD"
    message = _("%(person)s a ce dossier en main depuis %(since)s, jusqu’à %(until)s. Rien n’a été changé.")
    bulk_message = _("Une autre personne a ce dossier en main.")

    def __init__(self, *, claim: Claim) -> None:
        self.claim = claim

    def values(self) -> dict[str, Any]:
        """Return the holder, and the hours from when and until when."""
        return {
            "person": self.claim.holder,
            "since": formats.hour(self.claim.claimed_at),
            "until": formats.hour(self.claim.expires_at),
        }
