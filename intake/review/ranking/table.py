"""Ranking table of an offer's submissions for one reader.

Values and ranks include only files whose marks the reader may read: a hidden file in the ranking would leave a gap in
the ranks that reveals its own.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import overload, override

from django.db.models import Exists, F, Q, QuerySet

from intake.accounts.models import User
from intake.review.access.visibility import has_conflict_on, may_assess, visible_submissions
from intake.review.marks.queries import countable_assessments, counted_marks, draft_assessments_of, marked_by
from intake.review.marks.scores import score_of
from intake.review.models import Assessment, LineMark
from intake.submissions.models import Submission
from intake.submissions.states import State
from intake.web.paging import MAX_LISTED, bounded_count
from offers.models import Offer

from .ranks import Order, RankedFile, Sheet, rank_files

UNRANKED_STATES = (State.INADMISSIBLE, State.WITHDRAWN)
"""States that are not ranked. Decided files stay, because the order that led to a decision is still consulted."""

type Weights = Mapping[int, int]
"""The weight of each grid line, by its number."""


@dataclass(frozen=True, slots=True)
class RankingRow:
    """One file of the table."""

    submission: int
    """Primary key of the submission."""
    unread: bool
    """True if the marks are hidden until the reader submits their own assessment."""
    standing: RankedFile
    before: RankedFile | None = None
    """Rank and statistics with the stored weights, if trial weights are used."""
    scores: tuple[Decimal, ...] = ()
    """One per assessment, lowest first."""


@dataclass(frozen=True)
class RankingTable(Sequence[RankingRow]):
    """The ranked files by rank, then by receipt number; then the files without a rank.

    A slice reads only its own rows. Files without a rank are in order of receipt; at most `MAX_LISTED` of them are
    counted and listed.
    """

    ranked: tuple[RankingRow, ...]
    unranked: QuerySet[Submission]
    """Files without a mark or, for a committee member, without their own mark; and those of `begun`."""
    marks_first: bool
    """True if the reader is a committee member: files without a rank wait for their own assessment."""
    reviewers: int
    """Number of reviewers whose marks count."""
    begun: frozenset[int]
    """Files with a draft assessment by a reader who left the committee: their marks are hidden from that reader."""

    @override
    def __len__(self) -> int:
        return len(self.ranked) + min(self._unranked_count, MAX_LISTED)

    @override
    def __iter__(self) -> Iterator[RankingRow]:
        return iter(self[:])

    @overload
    def __getitem__(self, wanted: int) -> RankingRow: ...

    @overload
    def __getitem__(self, wanted: slice) -> list[RankingRow]: ...

    @override
    def __getitem__(self, wanted: int | slice) -> RankingRow | list[RankingRow]:
        """Return one row or, for a slice without a step, a list."""
        if isinstance(wanted, int):
            first = wanted if wanted >= 0 else len(self) + wanted
            return self[first : first + 1][0]
        start, stop, _step = wanted.indices(len(self))
        places = list(self.ranked[start:stop])
        first, last = max(start - len(self.ranked), 0), stop - len(self.ranked)
        if last > first:
            found = self.unranked.order_by("received_at", "pk").values_list("pk", flat=True)[first:last]
            places += [
                RankingRow(submission=pk, unread=self.marks_first or pk in self.begun, standing=RankedFile())
                for pk in found
            ]
        return places

    @cached_property
    def _unranked_count(self) -> int:
        return bounded_count(self.unranked, MAX_LISTED)

    @property
    def is_bounded(self) -> bool:
        """True if there are more files without a rank than are listed."""
        return self._unranked_count > MAX_LISTED

    @property
    def unread(self) -> int:
        """Number of files that wait for the reader's own assessment, at most `MAX_LISTED`."""
        return min(self._unranked_count, MAX_LISTED) if self.marks_first else len(self.begun)

    @property
    def moved(self) -> int:
        """Number of files whose rank the trial weights change."""
        return sum(
            place.before is not None and place.before.rank != place.standing.rank for place in self.ranked
        )


def may_read_meeting_notes(*, user: User, offer: Offer, board: RankingTable) -> bool:
    """True if `user` may read the notes, which are about all files: none is hidden from them."""
    return not board.unread and not has_conflict_on(user=user, offer=offer)


def ranking_table_of(
    *, user: User, offer: Offer, by: Order = Order.MEAN, tried: Weights | None = None
) -> RankingTable:
    """Return the ranking of the submissions to `offer` that `user` may read, by the weights `tried` if given.

    A fixed number of queries; files without a mark are not read here.
    """
    readable = _readable_marks(user, offer)
    running, has_rank = readable.running, readable.has_rank
    assessments = _assessments(running.filter(has_rank))
    shown = _scores_by_file(assessments, {})
    before: dict[int, RankedFile] = {}
    if tried is not None:
        before = rank_files(shown, by=by)
        shown = _scores_by_file(assessments, _scores(offer, assessments, tried))
    places = [
        RankingRow(
            submission=file,
            unread=False,
            standing=standing,
            before=before.get(file),
            scores=tuple(sorted(shown[file].values())),
        )
        for file, standing in rank_files(shown, by=by).items()
    ]
    places.sort(key=lambda place: place.standing.rank or 0)
    return RankingTable(
        ranked=tuple(places),
        unranked=running.filter(~has_rank),
        marks_first=readable.sits,
        reviewers=len({reviewer for _pk, _file, reviewer, _score in assessments}),
        begun=readable.begun,
    )


def readable_scores(*, user: User, offer: Offer) -> Sheet[int, int]:
    """Return the scores that count and that `user` may read, by keys of file and reviewer. See `ranking_table_of`."""
    readable = _readable_marks(user, offer)
    return _scores_by_file(_assessments(readable.running.filter(readable.has_rank)), {})


@dataclass(frozen=True, slots=True)
class _ReadableMarks:
    """The files of an offer in the running, and which of them have marks that the reader may read."""

    running: QuerySet[Submission]
    has_rank: Q
    sits: bool
    """True if the reader is a committee member."""
    begun: frozenset[int]
    """Keys of the files that the reader began to assess before they left the committee."""


def _readable_marks(user: User, offer: Offer) -> _ReadableMarks:
    sits = may_assess(user=user, offer_id=offer.pk)
    running = visible_submissions(user).filter(offer=offer).exclude(state__in=UNRANKED_STATES)
    begun = frozenset[int]()
    if not sits:
        own = draft_assessments_of(user).filter(submission__offer=offer).values("submission")
        begun = frozenset(running.filter(pk__in=own).order_by().values_list("pk", flat=True))
    # A member's own mark counts: files that they marked have a rank; the others have none, which reveals nothing.
    has_rank = Q(marked_by(user)) if sits else Q(Exists(counted_marks())) & ~Q(pk__in=begun)
    return _ReadableMarks(running, has_rank, sits, begun)


def _assessments(files: QuerySet[Submission]) -> list[tuple[int, int, int, Decimal]]:
    """Return the assessments of `files` that count: keys of assessment, submission and reviewer, and the score.

    Ordered by the receipt numbers of the files.
    """
    about = Assessment.objects.filter(submission__in=files)
    counted = countable_assessments(about).filter(filing=F("submission__standing_filing"))
    rows = counted.order_by("filing__receipt__number", "pk").values_list(
        "pk", "submission", "reviewer", "score"
    )
    # A check constraint gives every submitted assessment a score; the test is for the type checker.
    return [(pk, file, reviewer, score) for pk, file, reviewer, score in rows if score is not None]


def _scores(
    offer: Offer, assessments: list[tuple[int, int, int, Decimal]], tried: Weights
) -> dict[int, Decimal]:
    """Return the score by the weights `tried` of each assessment that has marks by line, by its key."""
    marks: dict[int, dict[int, int]] = defaultdict(dict)
    counted = {pk for pk, _file, _reviewer, _score in assessments}
    given = LineMark.objects.filter(
        assessment__submission__offer=offer, assessment__submitted_at__isnull=False, mark__isnull=False
    )
    for assessment, line, mark in given.order_by("pk").values_list("assessment", "line", "mark"):
        if assessment in counted and mark is not None:
            marks[assessment][line] = mark
    return {assessment: score_of(by_line, tried) for assessment, by_line in marks.items()}


def _scores_by_file(
    assessments: list[tuple[int, int, int, Decimal]], scores: Mapping[int, Decimal]
) -> Sheet[int, int]:
    sheet: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for pk, file, reviewer, score in assessments:
        sheet[file][reviewer] = scores.get(pk, score)
    return sheet
