"""Data of the rows of one page of the queue, read only for those rows.

The queue's query selects and orders the submissions. The data of the rows is read afterwards, by key: in the same
query, the marks cost more time to build, to plan and to read than everything else.
"""

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple, TypedDict, cast

from django.db.models import Avg, Count, Exists, F, Max, OuterRef, Q, QuerySet
from django_stubs_ext import WithAnnotations

from intake.accounts.models import User
from intake.review.access.anonymous_review import with_name_visibility
from intake.review.access.committee_membership import offers_applied_to
from intake.review.access.register_matches import is_matched
from intake.review.marks.queries import countable_assessments
from intake.review.models import Assessment, CommitteeMember
from intake.submissions.complements.queries import complement_is_expired
from intake.submissions.models import Submission


class Marks(NamedTuple):
    """Marks of a filing: the mean of the scores that count (0 to 5), their number, and the reader's own score."""

    mean: Decimal | None
    number: int
    own: Decimal | None


NO_MARK = Marks(None, 0, None)


class _Columns(TypedDict):
    receipt_number: str | None
    offer_number: str
    organisation_short: str
    is_over: bool
    """The time to complete the file is over."""
    is_matched: bool
    """By a register row entered since the filing."""
    own_first: bool
    """The reader is on the offer's committee, has an unsubmitted assessment of the file, or applied to the offer."""
    read_marks: Marks


type QueueRow = WithAnnotations[Submission, _Columns]
_ROW_FIELDS = (
    "public_id",
    "state",
    "reserve",
    "filed_name",
    "received_at",
    "filed_outcome",
    "standing_filing",
)


def queue_rows(page: QuerySet[Submission], user: User) -> list[QueueRow]:
    """Return the submissions of `page`, in its order, with only what a row of the queue shows.

    Also annotated with `is_blind`. `page` is a page of `visible_submissions`, of what `user` may read.
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
    lines = {line.pk: line for line in cast("QuerySet[QueueRow]", shown)}
    marks = _marks({line.standing_filing_id for line in lines.values()}, user)
    for line in lines.values():
        line.read_marks = marks.get(line.standing_filing_id, NO_MARK)
    return [lines[key] for key in keys if key in lines]


def _marks(filings: Collection[int | None], user: User) -> dict[int | None, Marks]:
    """Return the marks by filing, without the filings that have none."""
    counted = (
        countable_assessments(Assessment.objects.filter(filing__in=filings)).order_by().values_list("filing")
    )
    found = counted.annotate(mean=Avg("score"), number=Count("pk"), own=Max("score", filter=Q(reviewer=user)))
    return {filing: Marks(mean, number, own) for filing, mean, number, own in found}
