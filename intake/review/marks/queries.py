"""Which marks count, and who may read them."""

from collections.abc import Iterable
from decimal import Decimal

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
from intake.review.access.assigned_files import asked_of, in_conflict_with
from intake.review.access.committee_membership import BY_A_RIVAL, applied_to, offers_applied_to, seats_of
from intake.review.access.queries import sits_on_committee
from intake.review.models import Assessment, Conflict
from intake.submissions.models import Submission
from intake.submissions.states import Reserve, State
from offers.models import GridLine, Offer

from .scores import USUAL_WEIGHTS

IN_HAND = (State.SUBMITTED, State.UNDER_REVIEW)
"""The states in which a mark is still waited for."""


def weights_of(lines: Iterable[GridLine]) -> dict[int, int]:
    """Return what each of the lines weighs, by number; read them with their `weight` selected."""
    return {
        line.pk: line.weight.weight if hasattr(line, "weight") else USUAL_WEIGHTS[line.requirement]
        for line in lines
    }


def submitted(assessments: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """Keep what others may read: submitted, by somebody without a stake: no conflict of interest, nor rival."""
    conflicts = Conflict.objects.filter(
        submission=OuterRef("submission"), reviewer=OuterRef("reviewer"), lifted_at=None
    )
    return assessments.filter(~Exists(conflicts), ~BY_A_RIVAL, submitted_at__isnull=False)


def counted_marks() -> QuerySet[Assessment]:
    """Return, for a subquery of submissions, the assessments that count: submitted, and of the filing that stands."""
    about = Assessment.objects.filter(submission=OuterRef("pk"), filing=OuterRef("standing_filing"))
    return submitted(about).order_by()


def marked_by(user: User) -> Exists:
    """Return the condition that `user` submitted an assessment that counts, asked of one row at a time."""
    own = Assessment.objects.filter(
        submission=OuterRef("pk"),
        reviewer=user,
        submitted_at__isnull=False,
        filing=OuterRef("standing_filing"),
    )
    return Exists(own)


def to_mark_by(user: User) -> Q:
    """Return the condition that a submission waits for the mark of `user`: asked of them, in hand, not marked."""
    open_to_marks = Q(state__in=IN_HAND) & ~Q(reserve=Reserve.PENDING)
    # A rival is asked nothing: `asked_of`. Said again, PostgreSQL would take far fewer to be left, and read them all.
    return open_to_marks & asked_of(user) & ~in_conflict_with(user) & ~Q(marked_by(user))


def begun_by(user: User) -> QuerySet[Assessment]:
    """Return the assessments that `user` began and did not submit, seated or not any more, in no order.

    Whoever leaves a committee with one may come back to it: what the others think stays unread until it is submitted,
    which takes a seat.
    """
    return Assessment.objects.filter(reviewer=user, submitted_at=None)


def reads_marks(*, user: User, submission: Submission) -> bool:
    """Say whether `user` may read what others think of the submission, and the mean.

    A member of the committee, staff or not, once their own assessment of the filing that stands is in; else staff, but
    for those who began one while they sat. Of an offer that they applied to, nobody.
    """
    if applied_to(user=user, offer_id=submission.offer_id):
        return False
    if sits_on_committee(user=user, offer_id=submission.offer_id):
        return Submission.objects.filter(marked_by(user), pk=submission.pk).exists()
    if not user.has_perm("submissions.decide_submission"):
        return False
    return not begun_by(user).filter(submission=submission).exists()


def unread_by(*, user: User, offer: Offer, submissions: QuerySet[Submission]) -> set[int]:
    """Return the keys of those `submissions` to `offer` of which `reads_marks` says no: their own comes first."""
    if applied_to(user=user, offer_id=offer.pk):
        unread = submissions
    elif sits_on_committee(user=user, offer_id=offer.pk):
        unread = submissions.filter(~marked_by(user))
    else:
        begun = begun_by(user).filter(submission__offer=offer)
        unread = submissions.filter(pk__in=begun.values("submission"))
    return set(unread.order_by().values_list("pk", flat=True))


def unread_to(user: User) -> Q:
    """Return the condition of which `unread_by` asks, whatever the offer."""
    unread = Q(pk__in=begun_by(user).values("submission")) | Q(offer__in=offers_applied_to(user))
    if not user.has_perm("review.assess_submission"):
        return unread
    return unread | (Q(offer__in=seats_of(user).values("offer")) & ~Q(marked_by(user)))


def with_marks(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Annotate `mean_mark` (of the scores, 0 to 5, null without one) and `marks` (how many count, null for none)."""
    return submissions.annotate(mean_mark=_mean_mark(), marks=_number_of_marks())


def with_marks_read_by(submissions: QuerySet[Submission], user: User) -> QuerySet[Submission]:
    """Annotate `is_unread` and, of what is read, what `with_marks` does; both null of what is not.

    Ordered by this mean, the files say nothing of a mean that `user` may not read yet.
    """
    unread = unread_to(user)
    return submissions.annotate(
        is_unread=Case(When(unread, then=Value(True)), default=Value(False), output_field=BooleanField()),  # noqa: FBT003 -- SQL's own literals
        mean_mark=Case(When(unread, then=None), default=_mean_mark()),
        marks=Case(When(unread, then=None), default=_number_of_marks()),
    )


def is_unread(submission: Submission) -> bool:
    """Return what `with_marks_read_by` read with the submission.

    :raises KeyError: if it was not read so: a page that forgot to ask shows nothing at all.
    """
    return bool(vars(submission)["is_unread"])


def _mean_mark() -> Subquery:
    return Subquery(counted_marks().values("submission").annotate(mean=Avg("score")).values("mean"))


def _number_of_marks() -> Subquery:
    return Subquery(counted_marks().values("submission").annotate(number=Count("pk")).values("number"))


def mean_of(submission: Submission) -> tuple[Decimal | None, int]:
    """Return the mean of the scores that count (0 to 5, None without one) and how many there are."""
    return marks_read_with(with_marks(Submission.objects.filter(pk=submission.pk)).get())


def marks_read_with(submission: Submission) -> tuple[Decimal | None, int]:
    """Return the mean and the count that `with_marks` read with the submission, without another query."""
    return vars(submission)["mean_mark"], vars(submission)["marks"] or 0
