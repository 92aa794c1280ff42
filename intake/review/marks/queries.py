"""Which assessments count, and who may read their marks."""

from collections.abc import Iterable
from decimal import Decimal
from typing import cast

from django.db.models import (
    Avg,
    BooleanField,
    Case,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from intake.accounts.models import User
from intake.review.access.committee_membership import (
    BY_AN_APPLICANT,
    applied_to,
    assigned_to,
    in_conflict_with,
    memberships_of,
    offers_applied_to,
)
from intake.review.access.visibility import may_assess
from intake.review.models import Assessment, Conflict
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview, State
from offers.models import GridLine, Offer

from .scores import DEFAULT_WEIGHTS

MARKABLE_STATES = (State.SUBMITTED, State.UNDER_REVIEW)
"""States in which a submission can still wait for marks."""


def waiting_for_marks(path: str = "") -> Q:
    """Return the condition that a submission, reached by the lookup prefix `path`, waits for marks."""
    return Q(**{f"{path}state__in": MARKABLE_STATES}) & ~Q(**{f"{path}reserve": HumanReview.PENDING})


def weights_of(lines: Iterable[GridLine]) -> dict[int, int]:
    """Return the weight of each line, by number. Needs each line's `weight` selected."""
    return {
        line.pk: line.weight.weight if hasattr(line, "weight") else DEFAULT_WEIGHTS[line.requirement]
        for line in lines
    }


def countable_assessments(assessments: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """Keep the assessments that others may read: submitted, by a reviewer with no conflict who did not apply."""
    conflicts = Conflict.objects.filter(
        submission=OuterRef("submission"), reviewer=OuterRef("reviewer"), lifted_at=None
    )
    return assessments.filter(~Exists(conflicts), ~BY_AN_APPLICANT, submitted_at__isnull=False)


def counted_marks() -> QuerySet[Assessment]:
    """Return, for a subquery of submissions, the assessments that count: submitted, and of the current filing."""
    about = Assessment.objects.filter(submission=OuterRef("pk"), filing=OuterRef("standing_filing"))
    return countable_assessments(about).order_by()


def marked_by(user: User) -> Exists:
    """Return the correlated condition that `user` submitted an assessment of the current filing."""
    own = Assessment.objects.filter(
        submission=OuterRef("pk"),
        reviewer=user,
        submitted_at__isnull=False,
        filing=OuterRef("standing_filing"),
    )
    return Exists(own)


def awaiting_mark_of(user: User) -> Q:
    """Return the condition that a submission waits for a mark of `user`: assigned, open to marks, not marked."""
    # `assigned_to` already excludes applicants. Repeating it lowers PostgreSQL's row estimate, and it reads all rows.
    return waiting_for_marks() & assigned_to(user) & ~in_conflict_with(user) & ~Q(marked_by(user))


def draft_assessments_of(user: User) -> QuerySet[Assessment]:
    """Return the assessments that `user` began and did not submit, member or not, in no order.

    A reviewer who leaves a committee with a draft may join it again: the others' assessments stay hidden until the
    draft is submitted, which needs a valid membership.
    """
    return Assessment.objects.filter(reviewer=user, submitted_at=None)


def may_read_marks(*, user: User, submission: Submission) -> bool:
    """True if `user` may read the others' assessments of the submission, and the mean.

    A committee member, staff or not, may once their own assessment of the current filing is submitted. Other deciders
    may, unless they have a draft from a past membership. A user who applied to the offer may not.
    """
    if applied_to(user=user, offer_id=submission.offer_id):
        return False
    if may_assess(user=user, offer_id=submission.offer_id):
        return Submission.objects.filter(marked_by(user), pk=submission.pk).exists()
    if not user.has_perm("submissions.decide_submission"):
        return False
    return not draft_assessments_of(user).filter(submission=submission).exists()


def submissions_with_hidden_marks(*, user: User, offer: Offer, submissions: QuerySet[Submission]) -> set[int]:
    """Return the keys of those `submissions` to `offer` for which `may_read_marks` is False for the decider `user`."""
    if applied_to(user=user, offer_id=offer.pk):
        unread = submissions
    elif may_assess(user=user, offer_id=offer.pk):
        unread = submissions.filter(~marked_by(user))
    else:
        begun = draft_assessments_of(user).filter(submission__offer=offer)
        unread = submissions.filter(pk__in=begun.values("submission"))
    return set(unread.order_by().values_list("pk", flat=True))


def marks_hidden_from(user: User) -> Q:
    """Return the condition of `submissions_with_hidden_marks`, for all offers."""
    unread = Q(pk__in=draft_assessments_of(user).values("submission")) | Q(offer__in=offers_applied_to(user))
    if not user.has_perm("review.assess_submission"):
        return unread
    return unread | (Q(offer__in=memberships_of(user).values("offer")) & ~Q(marked_by(user)))


def with_marks[Row: Submission](submissions: QuerySet[Row]) -> QuerySet[Row]:
    """Annotate `mean_mark` (mean score, 0 to 5, null if none) and `marks` (number that count, null if none)."""
    return cast("QuerySet[Row]", submissions.annotate(mean_mark=_mean_mark(), marks=_number_of_marks()))


def with_readable_marks[Row: Submission](submissions: QuerySet[Row], user: User) -> QuerySet[Row]:
    """Annotate `is_unread` and, where the user may read marks, the annotations of `with_marks`; null elsewhere.

    Ordering by `mean_mark` therefore reveals no mean that `user` may not read yet.
    """
    unread = marks_hidden_from(user)
    found = submissions.annotate(
        is_unread=Case(When(unread, then=Value(True)), default=Value(False), output_field=BooleanField()),  # noqa: FBT003 -- SQL's own literals
        mean_mark=Case(When(unread, then=None), default=_mean_mark()),
        marks=Case(When(unread, then=None), default=_number_of_marks()),
    )
    return cast("QuerySet[Row]", found)


def are_marks_hidden(submission: Submission) -> bool:
    """Return the annotation of `with_readable_marks`.

    :raises AttributeError: if the submission was read without the annotation, so that no mark is shown by mistake.
    """
    return submission.is_unread


def _mean_mark() -> Subquery:
    return Subquery(counted_marks().values("submission").annotate(mean=Avg("score")).values("mean"))


def _number_of_marks() -> Subquery:
    return Subquery(counted_marks().values("submission").annotate(number=Count("pk")).values("number"))


def mean_of(submission: Submission) -> tuple[Decimal | None, int]:
    """Return the mean of the scores that count (0 to 5, None if none) and their number."""
    return annotated_marks(with_marks(Submission.objects.filter(pk=submission.pk)).get())


def annotated_marks(submission: Submission) -> tuple[Decimal | None, int]:
    """Return the mean and the number that `with_marks` annotated. No query."""
    return submission.mean_mark, submission.marks or 0
