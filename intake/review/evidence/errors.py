"""Errors of verifying a finding."""

from intake.review.access.errors import ReviewError
from intake.review.models import Evidence


class VerificationNotAllowedError(ReviewError):
    """The finding does not count in the verdict, or the submission is withdrawn, refused, completed or erased."""

    code = "NOT_TO_BE_VERIFIED"


class EmptyBasisError(ReviewError):
    """Evidence needs a page of a document, or a note."""

    code = "NOTHING_RESTED_ON"


class PageOutOfBoundsError(ReviewError):
    """The document does not have this page: its pages go from 1 to `pages`."""

    code = "PAGE_OUT_OF_BOUNDS"

    def __init__(self, *, pages: int) -> None:
        super().__init__(f"pages go from 1 to {pages}")
        self.pages = pages


class UnknownDocumentError(ReviewError):
    """The document is not part of this filing."""

    code = "UNKNOWN_DOCUMENT"


class StaleEvidenceError(ReviewError):
    """Another user verified the finding after the actor read it. `last` is the evidence that counts, or None."""

    code = "VERIFIED_MEANWHILE"

    def __init__(self, *, last: Evidence | None) -> None:
        super().__init__(f"evidence {last.pk if last else None} stands")
        self.last = last
