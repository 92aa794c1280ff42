"""Why a finding is not verified."""

from typing import TYPE_CHECKING

from intake.review.access.errors import ReviewError

if TYPE_CHECKING:
    from intake.review.models import Evidence


class VerificationNotAllowedError(ReviewError):
    """The finding decides nothing, or the file is past being verified: withdrawn, refused, completed, erased."""

    code = "NOT_TO_BE_VERIFIED"


class EmptyBasisError(ReviewError):
    """A finding is verified against a page of a document, or against what a note says."""

    code = "NOTHING_RESTED_ON"


class PageOutOfBoundsError(ReviewError):
    """The document has not that page: its pages go from 1 to `pages`."""

    code = "PAGE_OUT_OF_BOUNDS"

    def __init__(self, *, pages: int) -> None:
        super().__init__(f"pages go from 1 to {pages}")
        self.pages = pages


class UnknownDocumentError(ReviewError):
    """The document was not filed with this filing."""

    code = "UNKNOWN_DOCUMENT"


class StaleEvidenceError(ReviewError):
    """Somebody verified the finding since the actor read it: `last` is what stands, None if nothing does."""

    code = "VERIFIED_MEANWHILE"

    def __init__(self, *, last: "Evidence | None") -> None:
        super().__init__(f"evidence {last.pk if last else None} stands")
        self.last = last
