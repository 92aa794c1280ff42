"""What the services refuse, each with a code and the data a page needs to say it (HOUSE rule 9)."""

from typing import ClassVar


class ReviewError(Exception):
    """Something the services will not do. `code` is stable and in English; the words are the view's."""

    code: ClassVar[str] = "REFUSED"


class NotOnCommitteeError(ReviewError):
    """The person does not sit on the committee of the submission's offer, lost the right, or is in conflict."""

    code = "NOT_ON_COMMITTEE"


class OwnSubmissionError(ReviewError):
    """The submission is the actor's own: nobody judges, decides or exports themselves."""

    code = "OWN_SUBMISSION"


class InConflictError(ReviewError):
    """The actor has a conflict of interest on a candidature of the offer: another person does this."""

    code = "IN_CONFLICT"


class NotFiledError(ReviewError):
    """The submission is still a draft: there is nothing to judge."""

    code = "NOT_FILED"


class HumanReviewPendingError(ReviewError):
    """The filing is under reserve: a person's judgement of what the rules refuse comes before any mark."""

    code = "RESERVE_PENDING"


class StaleFilingError(ReviewError):
    """The candidate replaced the filing since the page was shown: the mark would be about something else."""

    code = "STALE_FILING"


class ReasonMissingError(ReviewError):
    """What was asked needs a reason, and none was given."""

    code = "REASON_MISSING"
