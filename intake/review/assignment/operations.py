"""Assign files to committee members, remove assignments and change due days.

Each function raises `PermissionDenied` if `actor` may not assign, and the errors of `check_impartial`.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.errors import ReviewError
from intake.review.access.impartiality import check_impartial
from intake.review.access.visibility import visible_submissions
from intake.review.committees.operations import remove_committee_member
from intake.review.models import Assignment, CommitteeMember
from intake.submissions.models import Submission
from offers.models import Offer

from .notify_members import notify_members
from .queries import (
    MARK_SUBMITTED,
    DivisionProposal,
    due_days_of,
    files_to_mark,
    not_assigned,
    open_assignments,
    propose_division,
    propose_replacement,
    refusals,
)

_BATCH = 1_000
"""Rows that one statement writes."""


class AssignmentNotAllowedError(ReviewError):
    """At least one file cannot be assigned to its member. Nothing is written. `refused` has the reason per pair."""

    code = "CANNOT_READ"
    message = _("Un dossier a changé entre-temps : rien n’est attribué. Envoyez de nouveau la liste.")

    def __init__(self, *, refused: Mapping[tuple[int, int], str]) -> None:
        self.refused = refused


class StaleDivisionError(ReviewError):
    """Files, members or conflicts changed after the page was displayed: the displayed division is out of date."""

    code = "STALE_DIVISION"
    message = _(
        "Les dossiers ou le comité ont changé pendant votre lecture. Voici la répartition "
        "actuelle ; rien n’est attribué."
    )


@transaction.atomic
def assign_files(
    *,
    offer: Offer,
    pairs: Collection[tuple[int, int]],
    way: Assignment.Way,
    due_on: date | None,
    actor: User,
    at: datetime,
) -> int:
    """Assign files of `offer` to committee members, due on `due_on` (inclusive); return the number of new assignments.

    `pairs` are keys of a submission and of a member. Existing assignments stay unchanged. Each member is notified by a
    mail, `DELAY` after `at`.

    :raises AssignmentNotAllowedError: if at least one pair is refused. Nothing is written.
    """
    _check_may_assign(actor, offer)
    files = _locked(Submission.objects.filter(offer=offer, pk__in={file for file, _member in pairs}))
    len(files)  # locked before any check
    refused = refusals(pairs, offer=offer, actor=actor, files=files)
    if refused:
        raise AssignmentNotAllowedError(refused=refused)
    return _write(offer=offer, pairs=pairs, way=way, due_on=due_on, actor=actor, at=at)


@transaction.atomic
def assign_evenly(
    *,
    offer: Offer,
    readers: int,
    due_on: date | None,
    actor: User,
    seen: str,
    at: datetime,
    common: int = 0,
) -> DivisionProposal:
    """Assign each file of `offer` that waits for marks to `readers` members, and `common` of them to all.

    Removes the open assignments of departed members. Without `due_on`, a file keeps the latest due day of its
    assignments that is not over. `seen` is the digest of the proposal that the actor read. Members are notified as by
    `assign_files`. Return the division.

    :raises StaleDivisionError: if the digest of the division is not `seen`.
    """
    _check_may_assign(actor, offer)
    len(_locked(files_to_mark(offer=offer, actor=actor)))
    proposal = propose_division(offer=offer, readers=readers, actor=actor, common=common)
    if proposal.digest != seen:
        raise StaleDivisionError
    lots = f"; readers={readers}, common={common}, seed={proposal.seed}"
    _apply(proposal, offer=offer, due_on=due_on, actor=actor, at=at, lots=lots)
    return proposal


@transaction.atomic
def revoke_member(
    *, member: CommitteeMember, due_on: date | None, actor: User, seen: str, at: datetime
) -> DivisionProposal:
    """Remove `member` from the committee and give each file without their mark another reader; return the division.

    Their submitted marks still count. Due days and `seen` are as for `assign_evenly`.

    :raises StaleDivisionError: if the digest of the division is not `seen`.
    :raises intake.review.access.errors.ReviewError: as `remove_committee_member`.
    """
    offer = member.offer
    _check_may_assign(actor, offer)
    # Submitting a mark takes the same locks: none is submitted after the division is computed.
    len(_locked(files_to_mark(offer=offer, actor=actor)))
    proposal = propose_replacement(offer=offer, member=member.reviewer, actor=actor)
    if proposal.digest != seen:
        raise StaleDivisionError
    remove_committee_member(member=member, actor=actor)
    _apply(proposal, offer=offer, due_on=due_on, actor=actor, at=at, lots=f"; seed={proposal.seed}")
    return proposal


def _apply(
    proposal: DivisionProposal, *, offer: Offer, due_on: date | None, actor: User, at: datetime, lots: str
) -> None:
    given = proposal.division.given
    on = timezone.localdate(at)
    days = {} if due_on else due_days_of({file for file, _member in given}, on=on)
    if proposal.taken_back:
        Assignment.objects.filter(pk__in=[pk for pk, _member in proposal.taken_back]).delete()
        detail = _counts_by_member(member for _pk, member in proposal.taken_back)
        record(actor=actor, action="ASSIGNMENTS_TAKEN_BACK", subject=offer, detail=detail)
    way = Assignment.Way.EVEN
    _write(offer=offer, pairs=given, way=way, due_on=due_on, actor=actor, at=at, days=days, lots=lots)


@transaction.atomic
def remove_assignments(*, offer: Offer, pairs: Iterable[tuple[int, int]], actor: User) -> int:
    """Remove the assignments `pairs` whose member has not submitted a mark; return how many. Others stay.

    A draft assessment stays its author's.
    """
    _check_may_assign(actor, offer)
    named = Q(pk__in=[])
    for file, member in pairs:
        named |= Q(submission=file, reviewer=member)
    readable = visible_submissions(actor).filter(offer=offer)
    # Assessing takes the same lock: no mark is submitted for an assignment that is being removed.
    len(_locked(Submission.objects.filter(offer=offer, assignments__in=Assignment.objects.filter(named))))
    gone = list(
        Assignment.objects.filter(named, ~MARK_SUBMITTED, submission__in=readable)
        .select_related("submission", "reviewer")
        .order_by("pk")
    )
    Assignment.objects.filter(pk__in=[row.pk for row in gone]).delete()
    for row in gone:
        record(
            actor=actor,
            action="ASSIGNMENT_REMOVED",
            subject=row.submission,
            detail=str(row.reviewer.public_id),
        )
    return len(gone)


@transaction.atomic
def revise_assignments(
    *,
    offer: Offer,
    added: Collection[tuple[int, int]],
    removed: Collection[tuple[int, int]],
    due_on: date | None,
    actor: User,
    at: datetime,
) -> tuple[int, int]:
    """Assign files by hand and remove assignments, in one transaction; return the number of each.

    :raises AssignmentNotAllowedError: if at least one new pair is refused. Nothing is written or removed.
    """
    way = Assignment.Way.HAND
    new = assign_files(offer=offer, pairs=added, way=way, due_on=due_on, actor=actor, at=at)
    return new, remove_assignments(offer=offer, pairs=removed, actor=actor)


@transaction.atomic
def change_due_day(
    *, offer: Offer, due_on: date, actor: User, at: datetime, reviewer: int | None = None
) -> int:
    """Set the due day of the assignments without a submitted mark; return the number changed.

    Of the member with key `reviewer`, or of the whole committee. Assignments of files that the actor may not read stay
    unchanged. Members whose day changes are notified as by `assign_files`.
    """
    _check_may_assign(actor, offer)
    changed = list(
        open_assignments(offer=offer, actor=actor, reviewer=reviewer)
        .exclude(due_on=due_on)
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    Assignment.objects.filter(pk__in=[row.pk for row in changed]).update(due_on=due_on, told_at=None)
    if changed:
        detail = f"{due_on.isoformat()}, files={len(changed)}"
        record(actor=actor, action="ASSIGNMENT_DUE_CHANGED", subject=offer, detail=detail)
        notify_members(members=[row.reviewer_id for row in changed], at=at)
    return len(changed)


def _check_may_assign(actor: User, offer: Offer) -> None:
    if not actor.has_perm("review.assign_submission"):
        raise PermissionDenied
    # The choice of readers influences the marks, so the actor must be impartial.
    check_impartial(actor=actor, offer=offer)


def _locked(files: QuerySet[Submission]) -> QuerySet[Submission]:
    """Lock `files` when they are read, in the order of their keys: concurrent assignments wait and cannot deadlock."""
    return Submission.objects.filter(pk__in=files.values("pk")).select_for_update(of=("self",)).order_by("pk")


def _write(
    *,
    offer: Offer,
    pairs: Collection[tuple[int, int]],
    way: Assignment.Way,
    due_on: date | None,
    actor: User,
    at: datetime,
    days: Mapping[int, date] | None = None,
    lots: str = "",
) -> int:
    """Write the new pairs, due on `due_on`, else on the day of the file in `days`. `lots` is for the journal."""
    new, days = not_assigned(pairs), days or {}
    Assignment.objects.bulk_create(
        [
            Assignment(
                submission_id=file,
                reviewer_id=member,
                way=way,
                due_on=due_on or days.get(file),
                assigned_by=actor,
            )
            for file, member in new
        ],
        batch_size=_BATCH,
    )
    if new:
        # Assignment rows have the rest: who reads which file.
        shares = _counts_by_member(member for _file, member in new)
        detail = f"{way}: {shares}" + (f"; {due_on.isoformat()}" if due_on else "") + lots
        record(actor=actor, action="FILES_ASSIGNED", subject=offer, detail=detail)
        notify_members(members=[member for _file, member in new], at=at)
    return len(new)


def _counts_by_member(members: Iterable[int]) -> str:
    counts = Counter(members)
    people = User.objects.in_bulk(list(counts))
    return ", ".join(f"{people[member].public_id}={counts[member]}" for member in sorted(counts))
