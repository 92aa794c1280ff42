"""Entries of the journal that would tell somebody of what is hidden from them, by a size or by a rank."""

from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, TextField
from django.db.models.functions import Cast

from intake.accounts.models import User
from intake.journal.selectors import subject_in
from intake.review.access.committee_membership import offers_applied_to
from intake.review.access.queries import current_conflicts
from intake.review.decisions.reserve_list import REORDERED
from intake.review.marks.queries import marks_hidden_from
from intake.review.models import DecisionBatch, DecisionItem, ReservePlace
from intake.submissions.models import Filing, Submission
from offers.models import Offer

_ACTIONS_WITH_COUNT: Final = (
    "SHORTLIST_FROZEN",
    "SHORTLIST_EXPORTED",
    "FILES_ASSIGNED",
    "ASSIGNMENT_DUE_CHANGED",
    "ASSIGNMENTS_TAKEN_BACK",
)
"""The actions on an offer of which the entry says how many of its candidatures."""


def hidden_entries(user: User | AnonymousUser) -> Q:
    """Return the condition of the entries of which a size, or a rank, is not for `user`; empty when there is none.

    How many candidatures to an offer are listed, assigned or decided together tells whoever reads all of them but one
    that the one is among them: it is not for those who applied there, or are in conflict on a file of it. The ranks of
    a reserve list are not for a member of the committee who has yet to mark somebody on it.
    """
    if not isinstance(user, User):
        return Q()
    return _count_entries(user) | _rank_entries(user)


def _count_entries(user: User) -> Q:
    barred = current_conflicts(user).values("submission__offer")
    # Two questions, each answered by an index, as for the files themselves.
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
    # Whoever was on the list before, too: an entry outlives a place.
    files = Submission.objects.filter(offer__in=lists).annotate(said=Cast("public_id", TextField()))
    return Q(action=REORDERED, subject_id__in=files.values("said"))


def hidden_subjects(user: User | AnonymousUser) -> list[Model]:
    """Return what the records of the other rooms must not tell `user` of: files in conflict, and their own.

    And the decisions on all the candidatures of those people: of a selection, the others are told.
    """
    if not isinstance(user, User):
        return []
    # Two questions, each answered by an index: asked in one, all the submissions are read.
    own = Submission.objects.filter(candidate=user)
    barred = Submission.objects.filter(pk__in=current_conflicts(user).values("submission"))
    files = sorted({*own.order_by("pk"), *barred.order_by("pk")}, key=lambda submission: submission.pk)
    if not files:
        return []
    filings = Filing.objects.filter(submission__in=files).select_related("receipt").order_by("pk")
    people = {submission.candidate_id for submission in files}
    decisions = DecisionItem.objects.filter(submission__candidate__in=people).order_by("pk")
    return [*files, *(about for filing in filings for about in (filing, filing.receipt)), *decisions]
