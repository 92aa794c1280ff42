"""Queries for assigning an offer's files: files, members, current readers and conflicts."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.review.access.committee_membership import memberships_on, reviewers
from intake.review.access.visibility import visible_submissions
from intake.review.marks.queries import MARKABLE_STATES
from intake.review.models import Assessment, Assignment, Conflict
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview
from offers.models import Offer

from .departed_members import departed_assignments
from .even_division import Division, FileToAssign, divide_evenly


class RefusalReason(TextChoices):
    """Why a file cannot be assigned to a member. The label has the receipt number and the member."""

    NO_FILE = "NO_FILE", _("%(number)s n’est pas une candidature de cette offre")
    """Not a file of the offer that the actor may read."""
    NOT_IN_HAND = "NOT_IN_HAND", _("%(number)s n’attend plus de note : la candidature est décidée ou retirée")
    """Decided or withdrawn: no mark is needed."""
    INCOMPLETE = "INCOMPLETE", _("%(number)s est incomplète : un complément est attendu")
    """Waits for a complement, which replaces the filing."""
    UNDER_RESERVE = (
        "UNDER_RESERVE",
        _("%(number)s est sous réserve : le jugement d’une personne vient d’abord"),
    )
    """The human review is pending: a ruling comes first."""
    NO_MEMBER = "NO_MEMBER", _("%(member)s ne siège pas au comité de cette offre")
    """Not a member of the committee."""
    OWN = "OWN", _("%(number)s est la candidature de %(member)s")
    """The member's own submission."""
    CONFLICT = "CONFLICT", _("%(member)s a un conflit d’intérêts avec %(number)s")
    """The member has a conflict of interest on it."""

    def sentence(self, number: str, member: str) -> str:
        """Return why the file `number` cannot be assigned to `member`, for staff."""
        return str(self.label) % {"number": number, "member": member}


def members_of(offer: Offer) -> QuerySet[User]:
    """Return the members of the committee of `offer` with a valid membership who may assess, by email address."""
    return reviewers().filter(pk__in=memberships_on(offer.pk).values("reviewer"))


def files_to_mark(*, offer: Offer, actor: User) -> QuerySet[Submission]:
    """Return the files of `offer` that wait for marks and that `actor` may read. Excludes pending human reviews."""
    waiting = visible_submissions(actor).filter(offer=offer, state__in=MARKABLE_STATES)
    return waiting.exclude(reserve=HumanReview.PENDING)


def open_assignments(*, offer: Offer, actor: User, reviewer: int | None = None) -> QuerySet[Assignment]:
    """Return the assignments of `offer` without a submitted mark, of files that wait for marks and `actor` may read.

    Only of current committee members, or of the member with key `reviewer`.
    """
    marked = Assessment.objects.filter(
        submission=OuterRef("submission"), reviewer=OuterRef("reviewer"), submitted_at__isnull=False
    )
    found = Assignment.objects.filter(
        ~Exists(marked),
        submission__in=files_to_mark(offer=offer, actor=actor),
        reviewer__in=members_of(offer).order_by().values("pk"),
    )
    return found if reviewer is None else found.filter(reviewer=reviewer)


@dataclass(frozen=True, slots=True)
class FileAssignments:
    """Readers and barred members of each file, by keys of files and members."""

    members: tuple[int, ...]
    readers: Mapping[int, frozenset[int]]
    """Members assigned to a file, or who marked its current filing. Never a member in conflict."""
    barred: Mapping[int, frozenset[int]]

    def loads(self) -> dict[int, int]:
        """Return the number of files that each member reads."""
        return dict(Counter(member for readers in self.readers.values() for member in readers))


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
        readers={file: frozenset(found) for file, found in readers.items()},
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
    taken_back: tuple[tuple[int, int], ...] = ()
    """Keys of departed members' assignments, each with its member's: other members read these files."""

    @property
    def digest(self) -> str:
        """SHA-256 that identifies this division."""
        said = json.dumps([self.division.given, sorted(self.has.items()), self.taken_back])
        return hashlib.sha256(said.encode()).hexdigest()


def propose_division(*, offer: Offer, readers: int, actor: User) -> DivisionProposal:
    """Return the division that would give `readers` readers to each file that waits for marks.

    Assignments of current members stay; a member who marked a file counts as its reader. Loads cover all files of the
    offer that `actor` may read, in any state.
    """
    members = tuple(members_of(offer))
    everything = visible_submissions(actor).filter(offer=offer)
    shared = assignments_of(offer=offer, members=[member.pk for member in members], files=everything)
    waiting = list(files_to_mark(offer=offer, actor=actor).order_by("pk").values_list("pk", flat=True))
    loads = shared.loads()
    nobody: frozenset[int] = frozenset()
    division = divide_evenly(
        [
            FileToAssign(file, shared.readers.get(file, nobody), shared.barred.get(file, nobody))
            for file in waiting
        ],
        members=shared.members,
        loads=loads,
        readers=readers,
    )
    departed = departed_assignments().filter(
        submission__in=files_to_mark(offer=offer, actor=actor).order_by()
    )
    taken_back = tuple(departed.order_by("pk").values_list("pk", "reviewer"))
    return DivisionProposal(division, members, loads, len(waiting), taken_back)


def refusals(
    pairs: Iterable[tuple[int, int]], *, offer: Offer, actor: User, files: QuerySet[Submission]
) -> dict[tuple[int, int], RefusalReason]:
    """Return the reason for each of `pairs` (file, member) that is refused. Accepted pairs are left out.

    `files` are the submissions named, locked or not; one that `actor` may not read counts as missing.
    """
    asked = tuple(dict.fromkeys(pairs))
    members = [member.pk for member in members_of(offer)]
    readable = visible_submissions(actor).filter(offer=offer, pk__in={file for file, _member in asked})
    seen = set(readable.order_by().values_list("pk", flat=True))
    found = {file.pk: file for file in files if file.pk in seen}
    shared = assignments_of(offer=offer, members=members, files=readable)
    judged = {pair: _refusal_reason(pair, found.get(pair[0]), shared) for pair in asked}
    return {pair: why for pair, why in judged.items() if why is not None}


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
