"""Journal entries and subjects that are hidden from a user because a count, a rank or a trace would reveal a file."""

from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from intake.accounts.models import User
from intake.journal.selectors import lists_with, subject_in
from intake.review.access.committee_membership import current_conflicts, offers_applied_to
from intake.review.decisions.reserve_list import REORDERED
from intake.review.marks.queries import marks_hidden_from
from intake.review.models import DecisionBatch, DecisionItem, ReservePlace
from intake.submissions.models import Filing, Receipt, Submission
from offers.models import Offer

_ACTIONS_WITH_COUNT: Final = (
    "SHORTLIST_FROZEN",
    "SHORTLIST_EXPORTED",
    "FILES_ASSIGNED",
    "ASSIGNMENT_DUE_CHANGED",
    "ASSIGNMENTS_TAKEN_BACK",
)
"""Actions on an offer whose entries contain a number of its submissions."""


def hidden_entries(user: User | AnonymousUser) -> Q:
    """Return the condition of the entries whose count, rank or list is hidden from `user`; empty if there are none.

    An offer's counts are hidden from users who applied to it or have a conflict of interest there: a count would reveal
    the hidden submission. Ranks of a reserve list are hidden from a committee member who has yet to mark a file on it.
    So are the lists that showed a hidden submission to someone else.
    """
    if not isinstance(user, User):
        return Q()
    return _count_entries(user) | _rank_entries(user) | _list_entries(user)


def _count_entries(user: User) -> Q:
    barred = current_conflicts(user).values("submission__offer")
    # Two queries, each answered by an index, as in `hidden_subjects`.
    offers = {
        *Offer.objects.filter(pk__in=offers_applied_to(user)).order_by(),
        *Offer.objects.filter(pk__in=barred).order_by(),
    }
    if not offers:
        return Q()
    batches = DecisionBatch.objects.filter(offer__in=offers).order_by("pk")
    return (Q(action__in=_ACTIONS_WITH_COUNT) & subject_in(offers)) | subject_in(batches)


def _rank_entries(user: User) -> Q:
    unread = Submission.objects.filter(marks_hidden_from(user)).values("pk")
    lists = set(ReservePlace.objects.filter(submission__in=unread).order_by().values_list("offer", flat=True))
    if not lists:
        return Q()
    # Also the files that were on the list before: an entry stays when a place is deleted.
    files = Submission.objects.filter(offer__in=lists).annotate(said=Cast("public_id", TextField()))
    return Q(action=REORDERED, subject_id__in=files.values("said"))


def _list_entries(user: User) -> Q:
    files = [subjects for subjects in hidden_subjects(user) if subjects.model is Submission]
    if not files:
        return Q()
    keys = files[0].annotate(said=Cast("public_id", TextField())).values("said")
    return Q(pk__in=lists_with(ArraySubquery(keys)))


def hidden_subjects(user: User | AnonymousUser) -> list[QuerySet[Any]]:
    """Return the subjects that other apps' records must hide from `user`: files in conflict, their own and rivals'.

    Also the decisions on all submissions of those candidates: entries about a selection name the candidate's other
    files. An offer has thousands of them: each query is for a subquery.
    """
    if not isinstance(user, User):
        return []
    # Two queries, each answered by an index: a single query would read all submissions.
    applied, barred = offers_applied_to(user), current_conflicts(user).order_by()
    if not (applied.exists() or barred.exists()):
        return []
    own = Submission.objects.filter(offer__in=applied).order_by()
    keys = own.values_list("pk", flat=True).union(barred.values_list("submission", flat=True))
    files = Submission.objects.filter(pk__in=keys)
    filings = Filing.objects.filter(submission__in=files.values("pk"))
    receipts = Receipt.objects.filter(filing__submission__in=files.values("pk"))
    decisions = DecisionItem.objects.filter(submission__candidate__in=files.values("candidate"))
    return [files, filings, receipts, decisions]
