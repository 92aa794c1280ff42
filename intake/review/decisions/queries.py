"""Queries of the decision pages: who decides on which offer, and which submissions may be decided on.

A user who applied to an offer, or has a conflict of interest there, decides on none of it: its batches and its reserve
list show submissions together, and must not reveal the hidden one.
"""

from collections.abc import Collection, Iterable

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.functions import TransactionNow
from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, QuerySet, When

from intake.accounts.models import User
from intake.review.access.impartiality import impartial_offers, is_impartial
from intake.review.access.visibility import visible_submissions
from intake.review.marks.queries import (
    countable_assessments,
    submissions_with_hidden_marks,
    with_readable_marks,
)
from intake.review.models import Assessment, DecisionBatch, DecisionItem, ReservePlace
from intake.submissions.complements.queries import OpenComplement, open_complements
from intake.submissions.models import Submission
from intake.submissions.states import (
    DECIDED,
    SELECTED_STATES,
    SELECTION_ACTIONS,
    TABLE,
    Action,
    HumanReview,
    State,
)
from offers.models import Offer

from .letters import with_letters

PREPARE = "review.prepare_decisions"
RELEASE = "review.release_decisions"
TO_APPROVE = "a-relire"
"""Value that an address has in place of a state: the batches that wait for the reader (`batches_to_approve`)."""
ANNOUNCED_MOVES = tuple(move for move in TABLE.values() if move.announced)
"""The moves that are announced to the candidate, in the table's order."""
REFUSALS = frozenset({Action.FIND_INADMISSIBLE, Action.DECLINE, Action.TAKE_BACK})
"""Announced moves that end a candidate's chances: nobody is ticked for them in advance."""
_NOT_SHORTLISTED = (State.SUBMITTED, State.UNDER_REVIEW, State.COMPLEMENT_REQUESTED)
UNDECIDED_STATES = frozenset(State) - DECIDED - {State.DRAFT}
"""States in which a submission may still be decided on."""


def may_handle_decisions(user: User | AnonymousUser) -> bool:
    """True if `user` may prepare or release decisions."""
    return user.has_perm("submissions.decide_submission") and (
        user.has_perm(PREPARE) or user.has_perm(RELEASE)
    )


def decidable_offers(user: User) -> QuerySet[Offer]:
    """Return the offers about which `user` is impartial, unordered. Check `may_handle_decisions` separately."""
    return impartial_offers(Offer.objects.exclude(number=None), user)


def leads_nowhere(action: Action, offer: Offer) -> bool:
    """True if `action` leads to a stage and `offer` is cancelled."""
    return action in SELECTION_ACTIONS and offer.status == Offer.Status.CANCELLED


def may_decide_on(*, user: User, offer: Offer) -> bool:
    """True if `user` may decide on the submissions of `offer`."""
    return may_handle_decisions(user) and is_impartial(user=user, offer=offer)


def batches_of(user: User) -> QuerySet[DecisionBatch]:
    """Return the batches that `user` may read, latest first, annotated with `action`, `count` and `refused`."""
    return (
        DecisionBatch.objects.filter(offer__in=decidable_offers(user).values("pk"))
        .select_related("offer", "prepared_by", "released_by", "revoked_by")
        .annotate(
            action=Min("items__action"),
            count=Count("items"),
            refused=Count("items", filter=Q(items__state=DecisionItem.State.REFUSED)),
        )
        .order_by("-pk")
    )


def batches_to_approve(user: User) -> QuerySet[DecisionBatch]:
    """Return the batches that wait for `user`: to be approved by them, or returned to them as preparer."""
    if not may_handle_decisions(user):
        return DecisionBatch.objects.none()
    theirs = Q(prepared_by=user, returned_at__isnull=False)
    if user.has_perm(RELEASE):
        theirs |= ~Q(prepared_by=user)
    return DecisionBatch.objects.filter(
        theirs, state=DecisionBatch.State.PREPARED, offer__in=decidable_offers(user).values("pk")
    )


def items_of(batch: DecisionBatch) -> QuerySet[DecisionItem]:
    """Return the decisions of `batch` in the order of sending, with all that their messages need."""
    verdict = "submission__standing_filing__verdict"
    return with_letters(batch.items.get_queryset()).select_related(verdict).order_by("pk")


def decidable(*, user: User, offer: Offer, action: Action) -> QuerySet[Submission]:
    """Return the submissions of `offer` on which `action` may be prepared, in the order of `in_order_of`.

    Excluded: a pending human review, a pending decision in a batch, and a complement that may still be sent.
    """
    awaited = DecisionItem.objects.filter(submission=OuterRef("pk"), state=DecisionItem.State.OPEN)
    rows = visible_submissions(user).filter(~Exists(awaited), offer=offer, state__in=TABLE[action].sources)
    if State.COMPLEMENT_REQUESTED in TABLE[action].sources:
        rows = rows.exclude(pk__in=answerable_complements().values("submission"))
    return in_order_of(action, rows.exclude(reserve=HumanReview.PENDING), user)


def answerable_complements() -> QuerySet[OpenComplement]:
    """Return the complements that may still be sent, by the database's clock: their files are not decided on."""
    return open_complements().filter(
        closes_at__gt=TransactionNow(), submission__offer__status=Offer.Status.PUBLISHED
    )


def awaiting_complement(submissions: Iterable[Submission]) -> set[int]:
    """Return the keys of those whose candidate may still send a complement. No query if none is incomplete."""
    incomplete = [row.pk for row in submissions if row.is_incomplete]
    if not incomplete:
        return set()
    answerable = answerable_complements().filter(submission__in=incomplete)
    return set(answerable.values_list("submission", flat=True))


def awaiting_decision(submissions: Iterable[Submission]) -> set[int]:
    """Return the keys of those on which a decision is pending in a batch. One query."""
    numbers = [row.pk for row in submissions]
    pending = DecisionItem.objects.filter(submission__in=numbers, state=DecisionItem.State.OPEN)
    return set(pending.values_list("submission", flat=True))


def in_decision_order(submissions: QuerySet[Submission], user: User) -> QuerySet[Submission]:
    """Return `submissions` as shown to `user`: reserve list first, then by mean, then by receipt number.

    A submission whose mean is hidden from `user` comes last, by number, even if it is on the reserve list: its place
    would reveal the mean.
    """
    return (
        with_readable_marks(submissions, user)
        .select_related("standing_filing__receipt")
        .order_by(
            Case(When(is_unread=False, then=F("reserve_place__place"))).asc(nulls_last=True),
            F("mean_mark").desc(nulls_last=True),
            "standing_filing__receipt__number",
        )
    )


def in_order_of(action: Action, submissions: QuerySet[Submission], user: User) -> QuerySet[Submission]:
    """Return `submissions` in the order in which `user` is shown them to prepare `action`.

    For one of `REFUSALS`, those not shortlisted come first, then the lowest readable mean; no mean is last.
    """
    rows = in_decision_order(submissions, user)
    if action not in REFUSALS:
        return rows
    return rows.order_by(
        Case(When(state__in=_NOT_SHORTLISTED, then=0), default=1),
        F("mean_mark").asc(nulls_last=True),
        "standing_filing__receipt__number",
    )


def needs_reason(action: Action, offer: Offer, submissions: Collection[Submission]) -> bool:
    """True if `action` declines some of `submissions` without a mark, or while `offer` is open."""
    if action is not Action.DECLINE:
        return False
    if Offer.objects.filter(
        pk=offer.pk, status=Offer.Status.PUBLISHED, closes_at__gt=TransactionNow()
    ).exists():
        return True
    assessed = Assessment.objects.filter(
        submission__in=[row.pk for row in submissions], filing=F("submission__standing_filing")
    )
    marked = countable_assessments(assessed).values("submission").distinct().count()
    return marked < len(submissions)


def pending_decisions() -> QuerySet[DecisionItem]:
    """Return the pending decisions whose submission still has the version that was read."""
    return DecisionItem.objects.filter(state=DecisionItem.State.OPEN, version=F("submission__version"))


def pending_decision(submission: Submission) -> DecisionItem | None:
    """Return the pending decision on the current version of `submission`, with its batch; None without one."""
    return pending_decisions().filter(submission=submission).select_related("batch").first()


def selected_elsewhere(user: User, submission: Submission) -> Submission | None:
    """Return the submission by which the candidate is selected or placed for another offer, if `user` may read it.

    Otherwise the one by which they completed a stage of the same programme: a person takes part once. None without
    either.
    """
    done = Q(state=State.COMPLETED, offer__programme=submission.offer.programme_id)
    submissions = visible_submissions(user).filter(
        Q(state__in=SELECTED_STATES) | done, candidate=submission.candidate_id
    )
    others = submissions.exclude(pk=submission.pk).select_related("offer")
    return others.order_by(Case(When(done, then=1), default=0), "pk").first()


def undecided_of_selected(user: User) -> QuerySet[Submission]:
    """Return the undecided submissions of candidates who are selected or placed for another offer.

    Only those that `user` may read, with the selected one, and on whose offer `user` may decide.
    """
    visible = visible_submissions(user)
    selected = visible.filter(state__in=SELECTED_STATES)
    return (
        visible.filter(
            state__in=UNDECIDED_STATES,
            candidate__in=selected.values("candidate"),
            offer__in=decidable_offers(user).values("pk"),
        )
        .select_related("offer", "standing_filing__receipt")
        .order_by("offer__number", "pk")
    )


def reserve_list(offer: Offer, *, by_number: bool = False) -> QuerySet[ReservePlace]:
    """Return the reserve list of `offer`, by place.

    With `by_number`, by receipt number: for a user from whom a mean that gave the order is hidden.
    """
    return (
        ReservePlace.objects.filter(offer=offer)
        .select_related("submission__standing_filing__receipt")
        .order_by("submission__standing_filing__receipt__number" if by_number else "place")
    )


def may_read_reserve_order(*, user: User, offer: Offer) -> bool:
    """True if `user` may read the order of the reserve list of `offer`, which comes from means."""
    listed = Submission.objects.filter(reserve_place__offer=offer)
    return not submissions_with_hidden_marks(user=user, offer=offer, submissions=listed)
