"""Counts of a user's pending work, and figures of the staff dashboard: over full offers, in a fixed number of queries.

Counting a hundred thousand rows for each page would slow it for every user: above `LIVE_COUNT_MAX` filings, figures are
cached for `CACHE_SECONDS` and shown with their instant.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.core.cache import cache
from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from intake.accounts.models import User
from intake.review.access.committee_membership import current_conflicts
from intake.review.access.register_matches import is_matched
from intake.review.access.visibility import COUNT_MAX, visible_submissions
from intake.review.assignment.progress import progress_of
from intake.review.assignment.queries import DepartedMember, departed_of
from intake.review.marks.queries import awaiting_mark_of
from intake.review.queue.stages import FunnelStage, StateCount
from intake.review.queue.work_filters import refusing_kinds
from intake.submissions.complements.queries import complement_is_expired
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview, State
from intake.web.formats import QUEBEC
from intake.web.paging import bounded_count
from offers.models import Offer

LIVE_COUNT_MAX: Final = 5_000
"""Maximum number of filings for which figures are counted for each page."""
CACHE_SECONDS: Final = 300


def work_counts(user: User) -> dict[str, int]:
    """Count the pending work of `user`. Each count stops at `COUNT_MAX` + 1.

    `received` (to take up), `unmarked` (to be marked by `user`), `shortlisted`, `reserved` (a human review is pending:
    nothing else is done first) and `matched` (by a register row entered since the filing).
    """
    reserved = Q(reserve=HumanReview.PENDING)
    waiting = {
        "received": Q(state=State.SUBMITTED) & ~reserved,
        "unmarked": awaiting_mark_of(user),
        "shortlisted": Q(state=State.SHORTLISTED),
        "reserved": reserved,
        "matched": is_matched(),
    }
    seen = visible_submissions(user)
    return {key: bounded_count(seen.filter(which), COUNT_MAX) for key, which in waiting.items()}


@dataclass(frozen=True, slots=True)
class MemberProgress:
    """Progress of one committee member: see `progress.Progress`."""

    member: int
    name: str
    marked: int
    asked: int
    """Files marked, or still to be marked."""
    late: int


@dataclass(frozen=True, slots=True)
class OfferTally:
    """Number of submissions of one offer, by state."""

    drafts: int
    """Begun and not filed."""
    groups: tuple[StateCount, ...]
    overdue: int = 0
    """Incomplete files whose time is over."""

    def reached(self, stage: FunnelStage) -> int:
        """Return how many reached `stage`."""
        return sum(group.number for group in self.groups if stage.holds(group.state, group.reserve))

    def count(self, *, state: State | None = None, pending: bool | None = None) -> int:
        """Return how many are in `state`, and have a pending human review or none; None accepts all."""
        return sum(
            group.number
            for group in self.groups
            if state in (None, group.state) and pending in (None, group.reserve == HumanReview.PENDING)
        )


@dataclass(frozen=True, slots=True)
class OfferDetail:
    """Details of one offer."""

    arrivals: Mapping[date, int]
    """By day of receipt of the current filing, in Québec."""
    refusing: Mapping[str, int]
    """By kind of criterion: number of filings that it refuses."""
    divided: bool
    shares: tuple[MemberProgress, ...]
    unassigned: int
    """Files that await marks and are assigned to no present member, if files were assigned."""


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures, as of an instant."""

    tallies: Mapping[int, OfferTally]
    detail: OfferDetail | None
    departed: tuple[DepartedMember, ...]
    counted_at: datetime
    live: bool


def figures_of(*, user: User, offers: Sequence[Offer], chosen: Offer | None, at: datetime) -> Figures:
    """Return the figures of `offers`, and details of `chosen`, over what `user` may read at `at`.

    A file that is hidden from `user` is in no figure, cached or not: two users share cached figures only if the same
    files are hidden from both.
    """
    numbers = sorted(offer.pk for offer in offers)
    filings = Submission.objects.filter(offer__in=numbers).exclude(state=State.DRAFT)
    live = bounded_count(filings, LIVE_COUNT_MAX) <= LIVE_COUNT_MAX

    def count() -> Figures:
        detail = _detail(user, chosen, at) if chosen else None
        return Figures(_tallies(user, numbers), detail, departed_of(user), at, live)

    return count() if live else _cached(_key(user, numbers, chosen), count)


def _cached(key: str, count: Callable[[], Figures]) -> Figures:
    figures = cache.get(key)
    if not isinstance(figures, Figures):
        figures = count()
        cache.set(key, figures, CACHE_SECONDS)
    return figures


def _key(user: User, numbers: Sequence[int], chosen: Offer | None) -> str:
    hidden = sorted(current_conflicts(user).values_list("submission", flat=True))
    own = sorted(Submission.objects.filter(candidate=user).values_list("pk", flat=True))
    # The number changes with the class or the module of what is cached: it is pickled by its name.
    text = repr((numbers, chosen.pk if chosen else None, hidden, own))
    return f"dashboard-5-{hashlib.sha256(text.encode()).hexdigest()}"


def _tallies(user: User, numbers: Sequence[int]) -> dict[int, OfferTally]:
    rows = (
        visible_submissions(user)
        .filter(offer__in=numbers)
        .order_by()
        .values_list("offer", "state", "reserve")
        .annotate(number=Count("pk"))
    )
    groups: defaultdict[int, list[StateCount]] = defaultdict(list)
    for offer, state, reserve, number in rows:
        groups[offer].append(StateCount(state, reserve, number))
    drafts = Submission.objects.filter(offer__in=numbers, state=State.DRAFT).exclude(candidate=user)
    begun = dict(drafts.order_by().values_list("offer").annotate(number=Count("pk")))
    over = visible_submissions(user).filter(complement_is_expired(), offer__in=numbers)
    overdue = dict(over.order_by().values_list("offer").annotate(number=Count("pk")))
    return {
        offer: OfferTally(begun.get(offer, 0), tuple(groups[offer]), overdue.get(offer, 0))
        for offer in numbers
    }


def _detail(user: User, offer: Offer, at: datetime) -> OfferDetail:
    readable = visible_submissions(user).filter(offer=offer)
    days = (
        readable.order_by().values_list(TruncDate("received_at", tzinfo=QUEBEC)).annotate(number=Count("pk"))
    )
    progress = progress_of(offer=offer, actor=user, on=at.astimezone(QUEBEC).date())
    return OfferDetail(
        arrivals=Counter(dict(days)),
        refusing=refusing_kinds(readable),
        divided=progress.divided,
        shares=tuple(
            MemberProgress(row.member.pk, str(row.member), row.marked, row.asked, row.late)
            for row in progress.rows
        ),
        unassigned=progress.unassigned,
    )
