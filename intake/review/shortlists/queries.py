"""Query of the submissions on a shortlist."""

from django.db.models import F, QuerySet

from intake.review.marks.queries import with_marks
from intake.submissions.models import Submission
from intake.submissions.states import State
from offers.models import Offer


def shortlisted(offer: Offer) -> QuerySet[Submission]:
    """Return the shortlist of `offer`: best mean first, without marks last, then by receipt number."""
    return (
        with_marks(Submission.objects.filter(offer=offer, state=State.SHORTLISTED))
        .select_related("standing_filing__receipt", "standing_filing__seal", "standing_filing__verdict")
        .order_by(F("mean_mark").desc(nulls_last=True), "standing_filing__receipt__number")
    )
