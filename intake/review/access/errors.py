"""What the services refuse, each with a code and the data a page needs to say it (HOUSE rule 9)."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from intake.review.models import Claim, Evidence


class ReviewError(Exception):
    """Something the services will not do. `code` is stable and in English; the words are the view's."""

    code: ClassVar[str] = "REFUSED"


class AlreadyOnCommitteeError(ReviewError):
    """The person sits on this offer's committee already."""

    code = "ALREADY_ON_COMMITTEE"


class AlreadySubmittedError(ReviewError):
    """The assessment was submitted on this filing: it is submitted again, and is no draft any more."""

    code = "ALREADY_SUBMITTED"


class LiftReasonMissingError(ReviewError):
    """A conflict of interest is lifted with a reason."""

    code = "LIFT_REASON_MISSING"


class ApplicantError(ReviewError):
    """The person applied to the offer, or began to: they do not sit on the committee that judges the others."""

    code = "APPLICANT"


class OwnSeatError(ReviewError):
    """The seat is the actor's own: another person gives it and takes it.

    Whoever leaves theirs, reads what the others marked and comes back has not given their own mark first.
    """

    code = "OWN_SEAT"


class NotAReviewerError(ReviewError):
    """The person may not enter the administration or may not assess: they cannot sit on a committee."""

    code = "NOT_A_REVIEWER"


class NotOnCommitteeError(ReviewError):
    """The person does not sit on the committee of the submission's offer, lost the right, or is in conflict."""

    code = "NOT_ON_COMMITTEE"


class OwnConflictError(ReviewError):
    """The conflict of interest is the actor's own: another person lifts it."""

    code = "OWN_CONFLICT"


class OwnSubmissionError(ReviewError):
    """The submission is the actor's own: nobody judges, decides or exports themselves."""

    code = "OWN_SUBMISSION"


class InConflictError(ReviewError):
    """The actor has a conflict of interest on a candidature of the offer: another person does this."""

    code = "IN_CONFLICT"


class BlindReaderError(ReviewError):
    """The actor reads the offer's files blind: whether one is complete is said by those who read its documents."""

    code = "BLIND_READER"


class EmptyRunError(ReviewError):
    """The action was confirmed on no candidature."""

    code = "EMPTY_RUN"


class RunTooLargeError(ReviewError):
    """The action was confirmed on more candidatures than one run holds."""

    code = "RUN_TOO_LARGE"


class EmptyViewError(ReviewError):
    """The view narrows nothing: it would be the queue itself."""

    code = "EMPTY_VIEW"


class NotYoursToShareError(ReviewError):
    """The person may keep views for themselves alone."""

    code = "NOT_YOURS_TO_SHARE"


class TooManyViewsError(ReviewError):
    """The person keeps as many views as fit above the queue."""

    code = "TOO_MANY_VIEWS"


class ViewNameTakenError(ReviewError):
    """Another view of the same person has this name, capitals aside."""

    code = "VIEW_NAME_TAKEN"


class ComplementAwaitedError(ReviewError):
    """The file waits for its complement: a mark of it would be about a filing that is to be replaced."""

    code = "COMPLEMENT_AWAITED"


class NothingWeighsError(ReviewError):
    """Every line of the grid would weigh nothing: there would be no score."""

    code = "NOTHING_WEIGHS"


class FileHeldError(ReviewError):
    """Another person has the file in hand: `claim` says who, since when and until when."""

    code = "FILE_HELD"

    def __init__(self, *, claim: "Claim") -> None:
        super().__init__(f"in hand of {claim.holder_id} until {claim.expires_at}")
        self.claim = claim


class NotFiledError(ReviewError):
    """The submission is still a draft: there is nothing to judge."""

    code = "NOT_FILED"


class NotToBeVerifiedError(ReviewError):
    """The finding decides nothing, or the file is past being verified: withdrawn, refused, completed, erased."""

    code = "NOT_TO_BE_VERIFIED"


class NothingRestedOnError(ReviewError):
    """A finding is verified against a page of a document, or against what a note says."""

    code = "NOTHING_RESTED_ON"


class PageOutOfBoundsError(ReviewError):
    """The document has not that page: its pages go from 1 to `pages`."""

    code = "PAGE_OUT_OF_BOUNDS"

    def __init__(self, *, pages: int) -> None:
        super().__init__(f"pages go from 1 to {pages}")
        self.pages = pages


class ReservePendingError(ReviewError):
    """The filing is under reserve: a person's judgement of what the rules refuse comes before any mark."""

    code = "RESERVE_PENDING"


class StaleAssessmentError(ReviewError):
    """The same reviewer saved this assessment in another window since the page was shown."""

    code = "STALE_ASSESSMENT"

    def __init__(self, *, saved_at: datetime) -> None:
        super().__init__(f"the assessment was last saved at {saved_at}")
        self.saved_at = saved_at


class StaleConflictsError(ReviewError):
    """A conflict of interest was declared or lifted on the file since the page was shown."""

    code = "STALE_CONFLICTS"


class StaleFilingError(ReviewError):
    """The candidate replaced the filing since the page was shown: the mark would be about something else."""

    code = "STALE_FILING"


class EmptyNoteError(ReviewError):
    """The note says nothing."""

    code = "EMPTY_NOTE"


class OwnMarksFirstError(ReviewError):
    """The actor sits on the committee and has yet to mark files of the list: their means are not theirs to read."""

    code = "OWN_MARKS_FIRST"


class EmptyShortlistError(ReviewError):
    """Nobody is on the shortlist: there is nothing to freeze."""

    code = "EMPTY_SHORTLIST"


class ReasonMissingError(ReviewError):
    """What was asked needs a reason, and none was given."""

    code = "REASON_MISSING"


class StaleShortlistError(ReviewError):
    """The shortlist changed since the page that showed it: another one would be frozen than the one read."""

    code = "STALE_SHORTLIST"


class StaleWeightsError(ReviewError):
    """Somebody changed what the lines weigh since the page was shown: theirs would be replaced unread."""

    code = "STALE_WEIGHTS"


class UnknownLanguageError(ReviewError):
    """The shortlist is not written in this language."""

    code = "UNKNOWN_LANGUAGE"

    def __init__(self, *, language: str) -> None:
        super().__init__(f"no shortlist is written in {language!r}")
        self.language = language


class UnmarkedError(ReviewError):
    """The assessment cannot be submitted yet: marks are missing.

    `lines` are the numbers of the lines without one, in the offer's order; none where the offer's grid has no line and
    the one mark is missing.
    """

    code = "UNMARKED"

    def __init__(self, *, lines: tuple[int, ...]) -> None:
        super().__init__(f"{len(lines) or 1} marks are missing")
        self.lines = lines


class UnknownDocumentError(ReviewError):
    """The document was not filed with this filing."""

    code = "UNKNOWN_DOCUMENT"


class UnknownLineError(ReviewError):
    """The line is not, or is no longer, of the offer's grid."""

    code = "UNKNOWN_LINE"


class VerifiedMeanwhileError(ReviewError):
    """Somebody verified the finding since the actor read it: `last` is what stands, None if nothing does."""

    code = "VERIFIED_MEANWHILE"

    def __init__(self, *, last: "Evidence | None") -> None:
        super().__init__(f"evidence {last.pk if last else None} stands")
        self.last = last


class WeightOutOfBoundsError(ReviewError):
    """A line weighs from 0 to `models.WEIGHT_MAX`."""

    code = "WEIGHT_OUT_OF_BOUNDS"


class UnknownFormatError(ReviewError):
    """The shortlist is not written in this format."""

    code = "UNKNOWN_FORMAT"

    def __init__(self, *, file_format: str) -> None:
        super().__init__(f"no shortlist is written as {file_format!r}")
        self.file_format = file_format


class CannotReadError(ReviewError):
    """Files cannot be given to the members named: nothing is written. `refused` says why, pair by pair."""

    code = "CANNOT_READ"

    def __init__(self, *, refused: Mapping[tuple[int, int], str]) -> None:
        super().__init__(f"{len(refused)} files cannot be read by those they would be given to")
        self.refused = refused


class StaleDivisionError(ReviewError):
    """Files, members or conflicts changed since the page that showed the division: another one would be made."""

    code = "STALE_DIVISION"
