"""Assigned files: which files a member must assess. In an offer without assignments, all of them."""

from datetime import date

from django.db.models import Exists, OuterRef, Q

from intake.accounts.models import User
from intake.review.models import Assignment, Conflict

from .committee_membership import memberships_of, offers_applied_to


def assigned_to(user: User) -> Q:
    """Return the condition that `user` must read a submission: assigned to them, or of an offer without assignments.

    Does not test whether the submission is still to be marked. One query, on the user's memberships.
    """
    divided = Exists(Assignment.objects.filter(submission__offer=OuterRef("offer")))
    seats = memberships_of(user).values_list("offer", divided)
    parted = [offer for offer, is_divided in seats if is_divided]
    whole = [offer for offer, is_divided in seats if not is_divided]
    own = Assignment.objects.filter(reviewer=user).values("submission")
    return Q(offer__in=whole) | Q(offer__in=parted, pk__in=own)


def is_divided(offer_id: int) -> bool:
    """True if the offer has an assignment."""
    return Assignment.objects.filter(submission__offer=offer_id).exists()


def excluded_from(user: User) -> Q:
    """Return the condition that `user` may not assess a submission: applied to its offer, or in current conflict."""
    return Q(offer__in=offers_applied_to(user)) | in_conflict_with(user)


def in_conflict_with(user: User) -> Q:
    """Return the condition that `user` has a current conflict of interest on a submission."""
    conflicts = Conflict.objects.filter(reviewer=user, lifted_at=None)
    return Q(pk__in=conflicts.values("submission"))


def due_before(user: User, day: date) -> Q:
    """Return the condition that `user` has an assignment of the submission due before `day`."""
    late = Assignment.objects.filter(reviewer=user, due_on__lt=day)
    return Q(pk__in=late.values("submission"))


def due_on(user: User, day: date) -> Q:
    """Return the condition that `user` has an assignment of the submission due on `day`."""
    that_day = Assignment.objects.filter(reviewer=user, due_on=day)
    return Q(pk__in=that_day.values("submission"))


CURRENT_CONFLICT = Exists(
    Conflict.objects.filter(submission=OuterRef("submission"), reviewer=OuterRef("reviewer"), lifted_at=None)
)
"""Condition on an assignment or an assessment: its reviewer may no longer read the file."""
