"""Why a file is not claimed."""

from typing import TYPE_CHECKING

from intake.review.access.errors import ReviewError

if TYPE_CHECKING:
    from intake.review.models import Claim


class FileClaimedError(ReviewError):
    """Another person has the file in hand: `claim` says who, since when and until when."""

    code = "FILE_HELD"

    def __init__(self, *, claim: "Claim") -> None:
        super().__init__(f"in hand of {claim.holder_id} until {claim.expires_at}")
        self.claim = claim
