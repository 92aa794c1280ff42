"""Error of a file that another user claimed."""

from intake.review.access.errors import ReviewError
from intake.review.models import Claim


class FileClaimedError(ReviewError):
    """Another user has claimed the file. `claim` has the user, the start and the expiry."""

    code = "FILE_HELD"

    def __init__(self, *, claim: Claim) -> None:
        super().__init__(f"in hand of {claim.holder_id} until {claim.expires_at}")
        self.claim = claim
