"""Queries for assigning an offer's files: files, members, current readers and conflicts, departed members.

A departed member may no longer assess the files assigned to them: they left, or lost the role, or their account is
closed, or they applied. Such an assignment counts for no member. A file that has no other, and no mark, is unassigned.
The marks that a departed member submitted still count, unless they applied: they are readings of their files.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.review.access.committee_membership import (
    CURRENT_CONFLICT,
    VOID_MEMBERSHIP,
    memberships_on,
    reviewers,
)
from intake.review.access.impartiality import impartial_offers
from intake.review.access.visibility import visible_submissions
from intake.review.marks.queries import (
    MARKABLE_STATES,
    countable_assessments,
    counted_marks,
    waiting_for_marks,
)
from intake.review.models import AnchorFile, Assessment, Assignment, CommitteeMember, Conflict
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview
from offers.models import Offer

from .even_division import Division, FileToAssign, divide_evenly

SEED_LENGTH: Final = 16
"""Hexadecimal digits of a seed."""
MAX_DEFAULT_COMMON: Final = 10
MARK_SUBMITTED: Final = Exists(
    Assessment.objects.filter(
        submission=OuterRef("submission"), reviewer=OuterRef("reviewer"), submitted_at__isnull=False
    )
)
"""Condition on an assignment: its member submitted a mark of the file."""


class RefusalReason(TextChoices):
    """Why a file cannot be assigned to a member. The label has the receipt number and the member."""

    NO_FILE = "NO_FILE", _("%(number)s n’est pas une candidature de cette offre")
    """Not a file of the offer that the actor may read."""
    NOT_IN_HAND = (
        "NOT_IN_HAND",
        _("%(number)s n’attend plus de note : la candidature est décidée ou désistée"),
    )
    INCOMPLETE = "INCOMPLETE", _("%(number)s est incomplète : un complément est attendu")
    """Waits for a complement, which replaces the filing."""
    UNDER_RESERVE = (
        "UNDER_RESERVE",
        _("%(number)s est en révision : révisez d’abord chaque critère en cause"),
    )
    NO_MEMBER = "NO_MEMBER", _("%(member)s ne siège pas au comité de cette offre")
    OWN = "OWN", _("%(number)s est la candidature de %(member)s")
    CONFLICT = "CONFLICT", _("%(member)s a un conflit d’intérêts avec %(number)s")

    def sentence(self, number: str, member: str) -> str:
        """Return why the file `number` cannot be assigned to `member`, for staff."""
        return str(self.label) % {"number": number, "member": member}


def members_of(offer: Offer) -> QuerySet[User]:
    """Return the members of the committee of `offer` with a valid membership who may assess, by email address."""
    return reviewers().filter(pk__in=memberships_on(offer.pk).values("reviewer"))


def files_to_mark(*, offer: Offer, actor: User) -> QuerySet[Submission]:
    """Return the files of `offer` that wait for marks and that `actor` may read. Excludes pending human reviews."""
    return visible_submissions(actor).filter(waiting_for_marks(), offer=offer)


def open_assignments(*, offer: Offer, actor: User, reviewer: int | None = None) -> QuerySet[Assignment]:
    """Return the assignments of `offer` without a submitted mark, of files that wait for marks and `actor` may read.

    Only of current committee members, or of the member with key `reviewer`.
    """
    rows = Assignment.objects.filter(
        ~MARK_SUBMITTED,
        submission__in=files_to_mark(offer=offer, actor=actor),
        reviewer__in=members_of(offer).order_by().values("pk"),
    )
    return rows if reviewer is None else rows.filter(reviewer=reviewer)


def not_assigned(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return those of `pairs` (file, member) that are not assigned, in their order, once each. One query."""
    distinct = dict.fromkeys(pairs)
    rows = Assignment.objects.filter(submission__in={file for file, _member in distinct})
    assigned = set(rows.values_list("submission", "reviewer"))
    return [pair for pair in distinct if pair not in assigned]


@dataclass(frozen=True, slots=True)
class FileAssignments:
    """Readers and barred members of each file, by keys of files and members."""

    members: tuple[int, ...]
    readers: Mapping[int, frozenset[int]]
    """Members assigned to a file, or who marked its current filing. Never a member in conflict."""
    barred: Mapping[int, frozenset[int]]


def assignments_of(*, offer: Offer, members: Iterable[int], files: QuerySet[Submission]) -> FileAssignments:
    """Return readers and barred members of `files` (of `offer`) among `members`. Always four queries."""
    people = tuple(members)
    barred: defaultdict[int, set[int]] = defaultdict(set)
    readers: defaultdict[int, set[int]] = defaultdict(set)
    known = set(files.order_by().values_list("pk", flat=True))
    of_offer = {"submission__offer": offer, "reviewer__in": people}
    for file, member in Conflict.objects.filter(**of_offer, lifted_at=None).values_list(
        "submission", "reviewer"
    ):
        barred[file].add(member)
    marked = Assessment.objects.filter(
        **of_offer, submitted_at__isnull=False, filing=F("submission__standing_filing")
    )
    for rows in (Assignment.objects.filter(**of_offer), marked):
        for file, member in rows.values_list("submission", "reviewer"):
            if file in known and member not in barred[file]:
                readers[file].add(member)
    return FileAssignments(
        members=people,
        readers={file: frozenset(keys) for file, keys in readers.items()},
        barred={file: frozenset(barred[file]) for file in known if barred[file]},
    )


@dataclass(frozen=True, slots=True)
class DivisionProposal:
    """An even division as displayed before confirmation."""

    division: Division
    members: tuple[User, ...]
    has: Mapping[int, int]
    """Number of files that each member already reads, over all files of the offer."""
    files: int
    """Number of files considered."""
    taken_back: tuple[tuple[int, int], ...]
    """Keys of assignments that end, each with its member's: other members read these files."""
    seed: str
    """Of the lots. It comes from the seals of the files, so that nobody chooses it."""
    together: tuple[int, int] | None
    """The least and the most files that any two members would both read. None for a single member."""

    @property
    def digest(self) -> str:
        """SHA-256 that identifies this division."""
        text = json.dumps([self.division.given, sorted(self.has.items()), self.taken_back])
        return hashlib.sha256(text.encode()).hexdigest()


def propose_division(*, offer: Offer, readers: int, actor: User, common: int = 0) -> DivisionProposal:
    """Return the division that would give `readers` readers to each file that waits for marks.

    Anchor files, and `common` of the files, go to all members. Assignments of current members stay; a member who marked
    a file counts as its reader, and so does one who left, if the mark counts. Loads cover all files of the offer that
    `actor` may read, in any state.
    """
    waiting = files_to_mark(offer=offer, actor=actor)
    departed = departed_assignments().filter(submission__in=waiting.order_by())
    return _propose(
        offer=offer,
        actor=actor,
        members=members_of(offer),
        files=waiting,
        ended=departed,
        readers=readers,
        common=common,
    )


def propose_replacement(*, offer: Offer, member: User, actor: User) -> DivisionProposal:
    """Return the division that would give each file without the mark of `member` another reader in their place."""
    waiting = files_to_mark(offer=offer, actor=actor)
    own = _unmarked_assignments().filter(reviewer=member, submission__in=waiting.order_by())
    return _propose(
        offer=offer,
        actor=actor,
        members=members_of(offer).exclude(pk=member.pk),
        files=waiting.filter(pk__in=own.values("submission")),
        ended=own,
        readers=None,
    )


def _propose(
    *,
    offer: Offer,
    actor: User,
    members: QuerySet[User],
    files: QuerySet[Submission],
    ended: QuerySet[Assignment],
    readers: int | None,
    common: int = 0,
) -> DivisionProposal:
    """Divide `files` among `members`; without `readers`, give each file one more reader than it has."""
    people = tuple(members)
    everything = visible_submissions(actor).filter(offer=offer)
    shared = assignments_of(offer=offer, members=[member.pk for member in people], files=everything)
    # Marks of members who left stay in the means: a file that has one needs no other reader for it.
    marks = countable_assessments(
        Assessment.objects.filter(submission__offer=offer, filing=F("submission__standing_filing"))
    )
    left = Counter(marks.exclude(reviewer__in=people).order_by().values_list("submission", flat=True))
    seals = dict(files.order_by("pk").values_list("pk", "standing_filing__seal__digest"))
    anchors = set(AnchorFile.objects.filter(submission__offer=offer).values_list("submission", flat=True))
    nobody: frozenset[int] = frozenset()
    to_assign = []
    for file in seals:
        has = shared.readers.get(file, nobody)
        barred = shared.barred.get(file, nobody)
        wanted = len(has) + left[file] + 1 if readers is None else readers
        if file in anchors and readers is not None:
            wanted = max(readers, len(people) - len(barred) + left[file])
        to_assign.append(FileToAssign(file, wanted, has, barred, left[file]))
    loads = Counter(member for has in shared.readers.values() for member in has)
    seed = hashlib.sha256("".join(sorted(seals.values())).encode()).hexdigest()[:SEED_LENGTH]
    division = divide_evenly(to_assign, members=shared.members, loads=loads, seed=seed, common=common)
    return DivisionProposal(
        division=division,
        members=people,
        has=loads,
        files=len(seals),
        taken_back=tuple(ended.order_by("pk").values_list("pk", "reviewer")),
        seed=seed,
        together=_together(shared, division),
    )


def _together(shared: FileAssignments, division: Division) -> tuple[int, int] | None:
    """Return the least and the most files that any two members read, with those that the division gives."""
    read: dict[int, set[int]] = {member: set() for member in shared.members}
    for file, has in shared.readers.items():
        for member in has:
            read[member].add(file)
    for file, member in division.given:
        read[member].add(file)
    both = [len(one & other) for one, other in combinations(read.values(), 2)]
    return (min(both), max(both)) if both else None


def due_days_of(files: Collection[int], *, on: date) -> dict[int, date]:
    """Return the latest due day of each of `files` (keys), for those that have one from `on`. One query."""
    rows = Assignment.objects.filter(submission__in=files, due_on__gte=on).order_by().values("submission")
    return dict(rows.annotate(day=Max("due_on")).values_list("submission", "day"))


def refusals(
    pairs: Iterable[tuple[int, int]], *, offer: Offer, actor: User, files: QuerySet[Submission]
) -> dict[tuple[int, int], RefusalReason]:
    """Return the reason for each of `pairs` (file, member) that is refused. Accepted pairs are left out.

    `files` are the submissions named, locked or not; one that `actor` may not read counts as missing.
    """
    requested = tuple(dict.fromkeys(pairs))
    members = [member.pk for member in members_of(offer)]
    readable = visible_submissions(actor).filter(offer=offer, pk__in={file for file, _member in requested})
    keys = set(readable.order_by().values_list("pk", flat=True))
    known = {file.pk: file for file in files if file.pk in keys}
    shared = assignments_of(offer=offer, members=members, files=readable)
    reasons = {pair: _refusal_reason(pair, known.get(pair[0]), shared) for pair in requested}
    return {pair: reason for pair, reason in reasons.items() if reason is not None}


def _refusal_reason(
    pair: tuple[int, int], file: Submission | None, shared: FileAssignments
) -> RefusalReason | None:
    if file is None:
        return RefusalReason.NO_FILE
    if file.candidate_id == pair[1]:
        return RefusalReason.OWN
    if pair[1] not in shared.members:
        return RefusalReason.NO_MEMBER
    if pair[1] in shared.barred.get(file.pk, ()):
        return RefusalReason.CONFLICT
    if file.state not in MARKABLE_STATES:
        return RefusalReason.INCOMPLETE if file.is_incomplete else RefusalReason.NOT_IN_HAND
    return RefusalReason.UNDER_RESERVE if file.reserve == HumanReview.PENDING else None


@dataclass(frozen=True, slots=True)
class DepartedMember:
    """One member who left a committee, with the number of their files that still wait for a mark."""

    member: int
    name: str
    offer: str
    """Number of the offer."""
    files: int


def departed_assignments() -> QuerySet[Assignment]:
    """Return the assignments of departed members, for files that wait for marks and that they did not mark."""
    current = _current_memberships().filter(
        offer=OuterRef("submission__offer"), reviewer=OuterRef("reviewer")
    )
    return _unmarked_assignments().filter(~Exists(current))


def _unmarked_assignments() -> QuerySet[Assignment]:
    """Return the assignments of files that wait for marks, without a mark of their member that counts."""
    about = Assessment.objects.filter(
        submission=OuterRef("submission"),
        reviewer=OuterRef("reviewer"),
        filing=OuterRef("submission__standing_filing"),
    )
    return Assignment.objects.filter(waiting_for_marks("submission__"), ~Exists(countable_assessments(about)))


def departed_of(user: User) -> tuple[DepartedMember, ...]:
    """Return the departed members of each committee with their open files, by offer number, then by email address.

    Only published offers about which `user` is impartial, and files that `user` may read. Three queries.
    """
    rows = list(
        departed_assignments()
        .filter(
            submission__in=visible_submissions(user),
            submission__offer__in=impartial_offers(Offer.objects.filter(status=Offer.Status.PUBLISHED), user),
        )
        .order_by("submission__offer__number", "reviewer__email")
        .values_list("submission__offer__number", "reviewer")
        .annotate(files=Count("pk"))
    )
    people = User.objects.in_bulk([member for _offer, member, _files in rows])
    return tuple(
        DepartedMember(member=member, name=str(people[member]), offer=offer or "", files=files)
        for offer, member, files in rows
    )


def left_by_departed(departed: User) -> Q:
    """Return the condition that a submission waits for a mark of `departed`, who left its committee. One query."""
    sits_on = list(_current_memberships().filter(reviewer=departed).values_list("offer", flat=True))
    own = Assignment.objects.filter(reviewer=departed)
    marks = Assessment.objects.filter(
        submission=OuterRef("pk"), reviewer=departed, filing=OuterRef("standing_filing")
    )
    assigned = Q(pk__in=own.values("submission")) & ~Q(offer__in=sits_on)
    return waiting_for_marks() & assigned & ~Q(Exists(countable_assessments(marks)))


def unassigned() -> Q:
    """Return the condition that a submission waits for marks, has none and is assigned to no current member.

    In an offer without assignments every member reads every file. Two queries, of offers and memberships: in a single
    statement, PostgreSQL searches all members for each file.
    """
    divided = Exists(Assignment.objects.filter(submission__offer=OuterRef("pk")))
    offers = list(Offer.objects.filter(divided).order_by("pk").values_list("pk", flat=True))
    members: dict[int, list[int]] = {offer: [] for offer in offers}
    for offer, member in _current_memberships().filter(offer__in=offers).values_list("offer", "reviewer"):
        members[offer].append(member)
    of_nobody = Q(pk__in=[])
    for offer, present in members.items():
        of_nobody |= Q(offer=offer) & assigned_to_none_of(present)
    return waiting_for_marks() & of_nobody


def assigned_to_none_of(members: Collection[int]) -> Q:
    """Return the condition that a submission has no mark and is assigned to none of `members` (keys) who may read it.

    A mark that counts is one of a file's readings, also once its author left: a division gives it no other reader.
    """
    reads = Assignment.objects.filter(~CURRENT_CONFLICT, submission=OuterRef("pk"), reviewer__in=members)
    return ~Q(Exists(reads)) & ~Q(Exists(counted_marks()))


def readers_of_departed(offer: Offer) -> int:
    """Return the largest number of assignments, current or not, of a quarter of the files of departed members.

    A few files are read by all members: the largest number of any file would give every file that many readers.
    """
    files = departed_assignments().filter(submission__offer=offer).values("submission")
    counts = Submission.objects.filter(pk__in=files).annotate(readers=Count("assignments"))
    found = sorted(counts.order_by().values_list("readers", flat=True), reverse=True)
    return found[(len(found) - 1) // 4] if found else 0


def default_common(files: int) -> int:
    """Return the number of files that a division of `files` files proposes to give to all members."""
    return min(MAX_DEFAULT_COMMON, files // 20)


def _current_memberships() -> QuerySet[CommitteeMember]:
    """Return the valid memberships of members who may assess."""
    return CommitteeMember.objects.filter(~VOID_MEMBERSHIP, reviewer__in=reviewers().order_by().values("pk"))
