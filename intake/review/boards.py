"""The candidatures of an offer that are in the running, as one reader may rank them.

Figures and ranks are of the files whose marks the reader may read, and of no other: were a file that is hidden from
them ranked too, the gap it leaves in the others' ranks would tell its own.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F

from intake.accounts.models import User
from intake.submissions.models import Submission
from intake.submissions.states import State
from offers.models import Offer

from .models import Assessment, LineMark
from .ranking import Order, Sheet, Standing, standings
from .scoring import score_of
from .selectors import has_conflict_on, marked_by, sits_on_committee, submitted, visible_submissions

OUT_OF_THE_RUNNING = (State.INADMISSIBLE, State.WITHDRAWN)
"""What is not ranked any more. A decision taken since leaves a file in: the order that led to it is still asked for."""

type Weights = Mapping[int, int]
"""What each line of the grid weighs, by its number."""


@dataclass(frozen=True, slots=True)
class Place:
    """One file on the board."""

    submission: int
    """Its primary key."""
    unread: bool
    """Whether the reader's own assessment comes first: its marks are not theirs to read."""
    standing: Standing
    before: Standing | None
    """Where it stands by the weights that count, while others are tried."""
    scores: tuple[Decimal, ...]
    """One per mark, the lowest first."""


@dataclass(frozen=True, slots=True)
class Board:
    """All the files in the running, in their order: by rank, then those without one, each by receipt number."""

    places: tuple[Place, ...]
    reviewers: int
    """How many people's marks are counted."""

    @property
    def ranked(self) -> int:
        """How many files have a rank."""
        return sum(place.standing.rank is not None for place in self.places)

    @property
    def unread(self) -> int:
        """How many files wait for the reader's own assessment."""
        return sum(place.unread for place in self.places)

    @property
    def moved(self) -> int:
        """How many files the tried weights rank elsewhere."""
        return sum(
            place.before is not None and place.before.rank != place.standing.rank for place in self.places
        )


def applied_to(*, user: User, offer: Offer) -> bool:
    """Say whether `user` is a candidate of the offer, were it by a draft: its ranking is then not theirs to read."""
    return Submission.objects.filter(offer=offer, candidate=user).exists()


def reads_meeting_notes(*, user: User, offer: Offer, board: Board) -> bool:
    """Say whether `user` may read what was said of all the files: nothing about any of them is hidden from them."""
    return not board.unread and not has_conflict_on(user=user, offer=offer)


def board_of(*, user: User, offer: Offer, by: Order = Order.MEAN, tried: Weights | None = None) -> Board:
    """Return the ranking of the candidatures to `offer` that `user` may read, by the weights `tried` if given.

    The same few queries whatever the number of files.
    """
    unread = _unread(user, offer)
    assessments = [row for row in _assessments(user, offer) if not unread.get(row[1], True)]
    counted = _sheet(unread, assessments, {})
    before = standings(counted, by=by)
    shown, now = counted, before
    if tried is not None:
        shown = _sheet(unread, assessments, _scores(offer, assessments, tried))
        now = standings(shown, by=by)
    places = [
        Place(
            submission=file,
            unread=hidden,
            standing=now[file],
            before=before[file] if tried is not None else None,
            scores=tuple(sorted(shown[file].values())),
        )
        for file, hidden in unread.items()
    ]
    places.sort(key=lambda place: (place.standing.rank is None, place.standing.rank or 0, place.unread))
    return Board(
        places=tuple(places), reviewers=len({reviewer for _pk, _file, reviewer, _score in assessments})
    )


def _unread(user: User, offer: Offer) -> dict[int, bool]:
    """Return each file in the running, by receipt number, and whether its marks are hidden from the reader."""
    running = visible_submissions(user).filter(offer=offer).exclude(state__in=OUT_OF_THE_RUNNING)
    running = running.order_by("standing_filing__receipt__number", "pk")
    if not sits_on_committee(user=user, offer_id=offer.pk):
        return dict.fromkeys(running.values_list("pk", flat=True), False)
    return {pk: not own for pk, own in running.annotate(own=marked_by(user)).values_list("pk", "own")}


def _assessments(user: User, offer: Offer) -> list[tuple[int, int, int, Decimal]]:
    """Return the assessments that count: their keys, the file's, the reviewer's, and the score."""
    about = Assessment.objects.filter(submission__in=visible_submissions(user).filter(offer=offer))
    counted = submitted(about).filter(filing=F("submission__standing_filing"))
    rows = counted.order_by("pk").values_list("pk", "submission", "reviewer", "score")
    # What is submitted has a score: the database holds to it.
    return [(pk, file, reviewer, score) for pk, file, reviewer, score in rows if score is not None]


def _scores(
    offer: Offer, assessments: list[tuple[int, int, int, Decimal]], tried: Weights
) -> dict[int, Decimal]:
    """Return what each assessment that has marks by line would score, by its key."""
    marks: dict[int, dict[int, int]] = defaultdict(dict)
    kept = {pk for pk, _file, _reviewer, _score in assessments}
    given = LineMark.objects.filter(
        assessment__submission__offer=offer, assessment__submitted_at__isnull=False, mark__isnull=False
    )
    for assessment, line, mark in given.order_by("pk").values_list("assessment", "line", "mark"):
        if assessment in kept and mark is not None:
            marks[assessment][line] = mark
    return {assessment: score_of(by_line, tried) for assessment, by_line in marks.items()}


def _sheet(
    files: Mapping[int, bool],
    assessments: list[tuple[int, int, int, Decimal]],
    scores: Mapping[int, Decimal],
) -> Sheet[int, int]:
    sheet: dict[int, dict[int, Decimal]] = {file: {} for file in files}
    for pk, file, reviewer, score in assessments:
        sheet[file][reviewer] = scores.get(pk, score)
    return sheet
