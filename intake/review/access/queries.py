"""What each person may see of the candidatures. Every page, search, download and action starts here."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    Avg,
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from intake.accounts.models import User
from intake.accounts.selectors import starts_address
from intake.review.marks.scores import USUAL_WEIGHTS
from intake.review.models import Assessment, Conflict, DecisionItem
from intake.submissions.models import Filing, Submission
from intake.submissions.states import Reserve, State
from intake.web.paging import bounded_count
from offers.folding import typed_words
from offers.models import GridLine, Offer

from .assigned_files import asked_of, in_conflict_with
from .committee_membership import BY_A_RIVAL, applied_to, offers_applied_to, seats_of, seats_on
from .register_matches import is_matched

MANY = 1_000
"""From there on nobody asks how many exactly are to be done."""
_FEW = 2
"""Letters of which the index has no three in a row: unless they start a word, it must be read whole."""
IN_HAND = (State.SUBMITTED, State.UNDER_REVIEW)
"""The states in which a mark is still waited for."""


def visible_submissions(user: User | AnonymousUser) -> QuerySet[Submission]:
    """Return the filed submissions that `user` may read: their committees' for a reviewer, all for staff.

    Nobody reads their own here: marks and notes about it are not theirs to see; nor one on which they have a conflict
    of interest. Drafts are nobody's. A seat on the committee of an offer that one applied to opens nothing.
    """
    # Of a closed account, `has_perm` says no to everything.
    if not (isinstance(user, User) and user.is_staff and user.has_perm("submissions.view_submission")):
        return Submission.objects.none()
    # Asked whether the file is among the person's conflicts, PostgreSQL reads those once, and keeps its order.
    in_conflict = Q(pk__in=standing_conflicts(user).values("submission"))
    filed = Submission.objects.filter(~Q(state=State.DRAFT), ~Q(candidate=user), ~in_conflict)
    if user.has_perm("submissions.decide_submission"):
        return filed
    return filed.filter(offer__in=seats_of(user).values("offer"))


def visible_offers(user: User | AnonymousUser, *, chosen: str = "") -> QuerySet[Offer]:
    """Return the offers of which `user` may read at least one submission, by number.

    The offer whose number is `chosen` is among them without a submission too, if `user` decides on all of them.
    """
    # Of each offer, the first submission is looked for in an index: asked whether one exists, PostgreSQL reads all.
    received = visible_submissions(user).filter(offer=OuterRef("pk")).order_by("received_at", "pk")
    one = received.values("pk")[:1]
    wanted = Q(one__isnull=False)
    if chosen and user.has_perm("submissions.decide_submission"):
        wanted |= Q(number=chosen)
    return Offer.objects.alias(one=Subquery(one)).filter(wanted).order_by("number", "pk")


def sits_on_committee(*, user: User, offer_id: int) -> bool:
    """Say whether `user` may assess the submissions of the offer: by a seat that holds, with the permission."""
    return user.has_perm("review.assess_submission") and seats_of(user).filter(offer=offer_id).exists()


def standing_conflicts(user: User) -> QuerySet[Conflict]:
    """Return the conflicts of interest of `user` that nobody lifted."""
    return Conflict.objects.filter(reviewer=user, lifted_at=None)


def has_conflict(*, user: User, submission: Submission) -> bool:
    """Say whether `user` has a conflict of interest on the submission that nobody lifted."""
    return standing_conflicts(user).filter(submission=submission).exists()


def conflict_events(*, user: User, submission: Submission) -> int:
    """Count what was declared and lifted on the submission: of `user`, or of anybody for those who decide.

    It only grows: a page that was shown another number is out of date.
    """
    known = Conflict.objects.filter(submission=submission)
    if not user.has_perm("submissions.decide_submission"):
        known = known.filter(reviewer=user)
    counted = known.aggregate(declared=Count("pk"), lifted=Count("lifted_at"))
    return int(counted["declared"] + counted["lifted"])


def has_conflict_on(*, user: User, offer: Offer) -> bool:
    """Say whether `user` has a conflict of interest on a candidature to the offer, whatever became of it."""
    return standing_conflicts(user).filter(submission__offer=offer).exists()


def untold_to(user: User | AnonymousUser) -> list[Model]:
    """Return what the records of the other rooms must not tell `user` of: files in conflict, and their own.

    And the decisions on all the candidatures of those people: of a selection, the others are told.
    """
    if not isinstance(user, User):
        return []
    # Two questions, each answered by an index: asked in one, all the submissions are read.
    own = Submission.objects.filter(candidate=user)
    barred = Submission.objects.filter(pk__in=standing_conflicts(user).values("submission"))
    files = sorted({*own.order_by("pk"), *barred.order_by("pk")}, key=lambda submission: submission.pk)
    if not files:
        return []
    filings = Filing.objects.filter(submission__in=files).select_related("receipt").order_by("pk")
    people = {submission.candidate_id for submission in files}
    decisions = DecisionItem.objects.filter(submission__candidate__in=people).order_by("pk")
    return [*files, *(about for filing in filings for about in (filing, filing.receipt)), *decisions]


def committee_of(submission: Submission) -> QuerySet[User]:
    """Return who sits on the committee of the submission's offer and may read it, by address."""
    conflicts = Conflict.objects.filter(submission=submission, lifted_at=None)
    members = User.objects.filter(pk__in=seats_on(submission.offer_id).values("reviewer"))
    return members.exclude(pk__in=conflicts.values("reviewer")).order_by("email")


def lines_of(offer: Offer) -> list[GridLine]:
    """Return the lines of the offer's grid, in their order, each with its weight."""
    return list(offer.grid_lines.select_related("weight").order_by("position"))


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


def matching(
    submissions: QuerySet[Submission], words: str, *, blind: Collection[int] = ()
) -> QuerySet[Submission]:
    """Keep the submissions of which every word of `words` is in the name as filed, folded as `offers.folding` folds.

    A word with a hyphen or an apostrophe is a name of several words, in any order: « Jean-Pierre » finds « Jean
    Pierre ». One or two Latin letters are how a word of the name starts: anywhere in it, they would tell few people
    from all. A word may also be a part of a receipt number, or how an address starts; one of letters alone, that is in
    somebody's name, is a name. Commas separate words, as in « Nom, Prénom ». The files of the offers `blind` are found
    by their numbers alone: a search that found them by a name would tell it.
    """
    return submissions.filter(wanted_by(submissions, words, blind=blind))


def wanted_by(submissions: QuerySet[Submission], words: str, *, blind: Collection[int] = ()) -> Q:
    """Return the condition of `matching`, for more than one list; one query for each word of letters alone."""
    known = ~Q(offer__in=blind) if blind else Q()
    wanted = Q()
    for typed, word in typed_words(words.replace(",", " ")):
        named = known
        for part in word.split():
            named &= _holds("folded_name", part)
        is_name = word.replace(" ", "").isalpha() and submissions.filter(named).exists()
        condition = named if is_name else Q(pk__in=_named_or_written(named, known, word, typed))
        submissions, wanted = submissions.filter(condition), wanted & condition
    return wanted


def _holds(field: str, part: str) -> Q:
    """Return the condition that a folded part of a search is in a folded field."""
    if len(part) > _FEW or not (part.isascii() and part.isalnum()):
        return Q((f"{field}__contains", part))
    return Q((f"{field}__startswith", part)) | Q((f"{field}__contains", f" {part}"))


def _named_or_written(named: Q, known: Q, word: str, typed: str) -> QuerySet[Submission, Any]:
    """Return, for a subquery, the submissions of this name, number or address.

    Three indexes, each of its own table: a condition that names the three tables at once reads all of them.
    """
    numbered = Submission.objects.filter(_holds("standing_filing__receipt__folded_number", word))
    written = Submission.objects.filter(known, starts_address("candidate__email", typed))
    return (
        Submission.objects.filter(named)
        .values("pk")
        .union(numbered.values("pk"), written.values("pk"), all=True)
    )


def reviewers() -> QuerySet[User]:
    """Return the people who may sit on a committee, by address: those whose role lets them assess."""
    return (
        User.objects.filter(is_active=True, is_staff=True)
        .filter(
            Q(is_superuser=True)
            | Q(
                groups__permissions__codename="assess_submission",
                groups__permissions__content_type__app_label="review",
            )
        )
        .distinct()
        .order_by("email")
    )


def shortlisted(offer: Offer) -> QuerySet[Submission]:
    """Return the shortlist of `offer`, best mean mark first, unmarked last, then by receipt number."""
    return (
        with_marks(Submission.objects.filter(offer=offer, state=State.SHORTLISTED))
        .select_related("standing_filing__receipt", "standing_filing__seal", "standing_filing__verdict")
        .order_by(F("mean_mark").desc(nulls_last=True), "standing_filing__receipt__number")
    )


def to_do(user: User) -> dict[str, int]:
    """Count what waits for `user`: `received` (to take up), `unmarked` (theirs to mark) and `shortlisted`.

    And `reserved`, which wait for a person's judgement on the rules before anybody takes them up or marks them, and
    `matched`, whose person the register learned of since they filed. Each stops at `MANY` and one more.
    """
    reserved = Q(reserve=Reserve.PENDING)
    waiting = {
        "received": Q(state=State.SUBMITTED) & ~reserved,
        "unmarked": to_mark_by(user),
        "shortlisted": Q(state=State.SHORTLISTED),
        "reserved": reserved,
        "matched": is_matched(),
    }
    seen = visible_submissions(user)
    return {key: bounded_count(seen.filter(which), MANY) for key, which in waiting.items()}
