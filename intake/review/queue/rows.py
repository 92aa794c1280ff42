"""What the lines of one page of the queue show, read for those lines alone.

The queue itself says who is in it and in which order. What a line shows is asked afterwards, of the page's keys: asked
with the queue, the marks cost more to word, to plan and to read than all the rest.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Avg, Count, Exists, F, Max, OuterRef, Q

from intake.review.access.anonymous_review import with_name_visibility
from intake.review.access.committee_membership import offers_applied_to
from intake.review.access.register_matches import is_matched
from intake.review.marks.queries import countable_assessments
from intake.review.models import Assessment, CommitteeMember
from intake.submissions.complements.queries import complement_is_expired
from intake.submissions.models import Submission

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from intake.accounts.models import User


class Marks(NamedTuple):
    """Of a filing: the mean of the scores that count (0 to 5), how many they are, and the reader's own."""

    mean: Decimal | None
    number: int
    own: Decimal | None


NO_MARK = Marks(None, 0, None)
_ROW_FIELDS = (
    "public_id",
    "state",
    "reserve",
    "filed_name",
    "received_at",
    "filed_outcome",
    "standing_filing",
)


def queue_rows(page: "QuerySet[Submission]", user: "User") -> list[Submission]:
    """Return the submissions of `page`, in its order, with what a line of the queue shows and nothing else.

    Annotated `is_blind`, `receipt_number`, `offer_number`, `organisation_short`, `own_first` (they sit on its offer's
    committee, began an assessment while they did, or applied to it), `is_over` (the time to complete the file),
    `is_matched` (to a row of the register entered since) and `read_marks` (`Marks`). `page` holds what
    `user` may read: a page of `visible_submissions`.
    """
    keys = list(page.values_list("pk", flat=True))
    seat = CommitteeMember.objects.filter(offer=OuterRef("offer"), reviewer=user.pk)
    begun = Assessment.objects.filter(submission=OuterRef("pk"), reviewer=user.pk, submitted_at=None)
    shown = (
        with_name_visibility(Submission.objects.filter(pk__in=keys), user)
        .annotate(
            receipt_number=F("standing_filing__receipt__number"),
            offer_number=F("offer__number"),
            organisation_short=F("offer__organisation_short"),
            is_over=complement_is_expired(),
            is_matched=is_matched(),
            own_first=Exists(seat) | Exists(begun) | Q(offer__in=offers_applied_to(user)),
        )
        .only(*_ROW_FIELDS)
    )
    lines = {line.pk: line for line in shown}
    marks = _marks({line.standing_filing_id for line in lines.values()}, user)
    for line in lines.values():
        vars(line)["read_marks"] = marks.get(line.standing_filing_id, NO_MARK)
    return [lines[key] for key in keys if key in lines]


def _marks(filings: "Collection[int | None]", user: "User") -> dict[int | None, Marks]:
    """Return the marks of those of `filings` that have some."""
    counted = (
        countable_assessments(Assessment.objects.filter(filing__in=filings)).order_by().values_list("filing")
    )
    found = counted.annotate(mean=Avg("score"), number=Count("pk"), own=Max("score", filter=Q(reviewer=user)))
    return {filing: Marks(mean, number, own) for filing, mean, number, own in found}
