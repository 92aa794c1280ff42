"""Receive a request to file, and file it: at once if there is room, else by a worker, in order of arrival."""

import json
import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore, Lock
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Min, QuerySet

from intake.accounts.models import User
from intake.base.database_errors import broken_constraint, detail_of
from intake.journal.services import record
from intake.outbox.models import Delivery
from intake.outbox.services import period_start, post
from intake.submissions.delivery_kinds import ARRIVAL_REFUSED_MAIL, ARRIVALS
from intake.submissions.lifecycle.errors import (
    DraftGoneError,
    OfferNotOpenError,
    StaleDraftError,
    SubmissionError,
)
from intake.submissions.lifecycle.locks import read_submission
from intake.submissions.models import Arrival, Draft, Receipt
from intake.web.prepared import columns_of, fetch_one, next_model
from intake.web.request_id import current_request_id, use_request_id

from .line import FEW, line
from .operations import ArrivalExpiredError, check_declarations, file_draft

logger = logging.getLogger(__name__)

LEFT_AFTER: Final = timedelta(seconds=2)
"""After this, the sweep takes over an arrival: its web server has filed it, left it to the workers, or ended."""
_SOON: Final = timedelta(seconds=0.1)
IN_RUSH: Final = timedelta(seconds=1)
"""Between two wakes of the workers while many arrivals wait: the workers are at work already."""
_ROUND: Final = timedelta(seconds=0.5)
"""How long one delivery files arrivals, before the next one takes over: often enough for the sweep to see progress."""
_State = Arrival.State
_slot: Final = Lock()
"""One filing at a time per process: it keeps a processor busy, and must not delay the requests that arrive."""
_places: Final = BoundedSemaphore(3)
"""At most three threads file or wait for the slot; the fourth receives."""
_PATIENCE: Final = 0.25
"""Seconds for the slot: several filings. A page that waits for a worker asks for its receipt after a second."""
_GIVEN: Final = (
    "draft_id",
    "version",
    "declarations",
    "review_message",
    "reads_english",
    "asked",
    "elapsed",
    "witness",
    "request_reference",
)


@dataclass(frozen=True, slots=True)
class Cited:
    """A session that attests when a request came: `elapsed` after its transaction began. See `witness`."""

    witness: str
    elapsed: timedelta


_ARRIVE: Final = f"""
INSERT INTO submissions_arrival ({", ".join(_GIVEN)}) VALUES ({", ".join(["%s"] * len(_GIVEN))})
ON CONFLICT (draft_id) WHERE state = 'WAITING' DO NOTHING
RETURNING id, submission_id, arrived_at, arrivals_that_wait({FEW})
"""  # noqa: S608 -- names of ours
_CLOSED: Final = {
    "arrival_is_on_an_open_offer",
    "arrival_is_before_closing",
    "arrival_commits_within_a_minute_of_closing",
}


def receive_arrival(
    *,
    draft: Draft,
    version: int,
    declarations: frozenset[str],
    review_message: str = "",
    reads_english: bool = False,
    asked: int | None = None,
    cited: Cited | None = None,
) -> Arrival:
    """Store that the candidate asked to file `draft`, at the instant that the database gives it; return the arrival.

    Idempotent while an arrival waits for the draft: the first one counts. The other arguments are those of
    `file_draft`.

    :raises DeclarationMissingError: if a declaration was not accepted.
    :raises OfferNotOpenError: with the submission and that instant, if it is outside the candidate's filing window.
    :raises StaleDraftError: if the draft is closed, or its version is not `version`.
    :raises DraftGoneError: if the draft was discarded concurrently.
    """
    check_declarations(declarations)
    arrival = Arrival(
        draft=draft,
        version=version,
        declarations=sorted(declarations),
        review_message=review_message.strip(),
        reads_english=reads_english,
        asked=asked,
        elapsed=cited.elapsed if cited else None,
        witness=cited.witness if cited else None,
        request_reference=current_request_id(),
    )
    given = [getattr(arrival, name) for name in _GIVEN]
    try:
        with _savepoint():
            row = fetch_one(_ARRIVE, given)
    except IntegrityError as refused:
        error = _error_of(refused, draft)
        first = _first_arrival(draft) if error is None else None
        if first is None:
            raise (error or refused) from refused
        return first  # a second press, after the closing too
    if not row:
        first = _first_arrival(draft)
        if first is None:  # it was settled since
            raise StaleDraftError(saved_at=None)
        return first
    arrival.pk, arrival.submission_id, arrival.arrived_at, arrival.ahead = row
    return arrival


def check_before_arrival(
    *,
    draft: Draft,
    version: int,
    actor: User,
    declarations: frozenset[str],
    review_message: str = "",
    asked: int | None = None,
) -> None:
    """Raise what the filing of a press would, without an arrival, which is kept for good. It files nothing.

    For a draft of which many presses were refused. A press that would be filed then arrives as any other, at its own
    instant, and so does one that comes, or is checked, after the closing.

    :raises SubmissionError: as `file_draft`, but for `OfferNotOpenError`.
    """
    with suppress(OfferNotOpenError), transaction.atomic():
        file_draft(
            draft=draft,
            actor=actor,
            declarations=declarations,
            review_message=review_message,
            seen=version,
            asked=asked,
        )
        transaction.set_rollback(True)


def _first_arrival(draft: Draft) -> Arrival | None:
    """Return the arrival that waits for `draft` already, if there is one."""
    first = Arrival.objects.filter(draft=draft, state=_State.WAITING).first()
    if first is not None:
        first.draft, first.is_repeated = draft, True
    return first


def _savepoint() -> AbstractContextManager[Any]:
    """Keep the caller's transaction usable after a refusal. Without one, the statement commits by itself."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _error_of(refused: IntegrityError, draft: Draft) -> SubmissionError | None:
    """Return the error that the database's refusal stands for; None if an arrival may wait already, or for no error."""
    constraint = broken_constraint(refused)
    if constraint == "an_arrival_is_of_the_draft_that_was_displayed":
        exists = Draft.objects.filter(pk=draft.pk).exists()
        return StaleDraftError(saved_at=None) if exists else DraftGoneError()
    if constraint not in _CLOSED:
        return None
    submission, now = read_submission(draft)
    if submission.arrived_at is not None:
        return None
    detail = detail_of(refused)
    return OfferNotOpenError(
        submission=submission, at=datetime.fromisoformat(json.loads(detail)) if detail else now
    )


def file_if_room(*, arrival: Arrival, actor: User) -> Receipt | None:
    """File `arrival` and return the receipt, if few wait and this process has room; else leave it to the workers.

    A repeated request waits for the first one, as both lock the submission, and has the same receipt.

    :raises SubmissionError: as `file_arrival`.
    """
    if arrival.is_repeated:
        return file_arrival(arrival=arrival, actor=actor)
    is_rush = arrival.ahead >= FEW
    if is_rush:
        line.begin_rush()
    with _turn(waits=not is_rush) as is_ours:
        if is_ours:
            return file_arrival(arrival=arrival, actor=actor)
    leave_to_workers(at=arrival.arrived_at, every=IN_RUSH if is_rush else _SOON)
    return None


@contextmanager
def _turn(*, waits: bool) -> Iterator[bool]:
    """Yield whether this request has the process's slot, for the duration of the block; never if it does not wait."""
    has_place = waits and _places.acquire(blocking=False)
    is_ours = has_place and _slot.acquire(timeout=_PATIENCE)
    try:
        yield is_ours
    finally:
        if is_ours:
            _slot.release()
        if has_place:
            _places.release()


def file_arrival(*, arrival: Arrival, actor: User) -> Receipt:
    """File the draft of a waiting arrival as it arrived, and return the receipt. `actor` is its candidate.

    :raises SubmissionError: as `file_draft`; the arrival is then settled, with the error's code.
    """
    draft = arrival.draft
    assert draft is not None  # noqa: S101 -- a trigger keeps the draft of an arrival that waits
    try:
        return file_draft(
            draft=draft,
            actor=actor,
            declarations=frozenset(arrival.declarations),
            review_message=arrival.review_message,
            reads_english=arrival.reads_english,
            seen=arrival.version,
            asked=arrival.asked,
        )
    except SubmissionError as refused:
        _refuse(arrival, refused, actor)
        raise


@transaction.atomic
def _refuse(arrival: Arrival, refused: SubmissionError, actor: User) -> None:
    waiting = Arrival.objects.filter(pk=arrival.pk, state=_State.WAITING)
    if not waiting.update(state=_State.REFUSED, reason=refused.code):
        return
    is_expired = isinstance(refused, ArrivalExpiredError)
    action = "ARRIVAL_EXPIRED" if is_expired else "ARRIVAL_REFUSED"
    record(
        actor=actor, action=action, subject=arrival.submission, detail=f"{arrival.reference} {refused.code}"
    )
    if is_expired:
        logger.error("arrival %s expired: it was in time and is not filed", arrival.reference)


def leave_to_workers(*, at: datetime, every: timedelta = _SOON) -> None:
    """Have a worker file what waits at `at` (aware). At most one delivery in `every`: each files all that it finds.

    What arrives just after such a worker has looked is found by the sweep.
    """
    key = period_start(at, every=every).isoformat()
    if key != line.left:  # thousands a second need not ask the database
        with transaction.atomic():
            post(kind=ARRIVALS, key=key, subject=ARRIVALS)
        line.left = key


def file_waiting(_delivery: Delivery, at: datetime) -> None:
    """Job: file the arrivals that wait, in order, for `_ROUND` at most; then leave the others to the next job.

    Any number may run at once. An arrival whose filing fails unexpectedly is left to the next job.
    """
    ends, failed = at + _ROUND, set[int]()
    while (now := _file_next(failed)) is not None:
        if now >= ends:
            # By the exact instant, so that the job is new: one of the same tenth of a second may be done already.
            leave_to_workers(at=now, every=timedelta.resolution)
            return


@cache
def _arrival_sql() -> str:
    return f"""
SELECT {columns_of(Arrival, Draft, User)}, transaction_timestamp()
FROM submissions_arrival
JOIN submissions_draft ON submissions_draft.id = submissions_arrival.draft_id
JOIN submissions_submission s ON s.id = submissions_arrival.submission_id
JOIN accounts_user ON accounts_user.id = s.candidate_id
WHERE submissions_arrival.id = %s
"""  # noqa: S608 -- names of ours


def _file_next(failed: set[int]) -> datetime | None:
    """File or refuse the first waiting arrival that no other process is filing; return when that began, None if none.

    A refusal is mailed: its candidate may have left the page.
    """
    with transaction.atomic():
        (arrival_id,) = fetch_one("SELECT next_arrival_in_line(%s)", [list(failed)])
        row = fetch_one(_arrival_sql(), [arrival_id])
        if not row:  # no arrival, or one that another process settled just now, and whose draft is gone
            return None
        values = iter(row)
        arrival, arrival.draft = next_model(Arrival, values), next_model(Draft, values)
        candidate = next_model(User, values)
        began: datetime = next(values)
        with use_request_id(arrival.request_reference):
            try:
                # Outside a savepoint: an error would roll back the refusal that it stores. `file_draft` has its own.
                file_arrival(arrival=arrival, actor=candidate)
            except SubmissionError:
                post(kind=ARRIVAL_REFUSED_MAIL, key=str(arrival.pk), subject=arrival.submission)
            except Exception as error:  # noqa: BLE001 -- the others behind it are filed all the same
                failed.add(arrival.pk)
                logger.error("arrival %s could not be filed (%s)", arrival.pk, type(error).__name__)  # noqa: TRY400 -- the message may hold answers
    return began


def many_wait(_at: datetime) -> bool:
    """Return whether there is a rush: what nobody waits for, such as dossiers, then leaves the processors to filings.

    For as long as arrivals wait, which is 15 minutes at most. One query.
    """
    (waiting,) = fetch_one("SELECT arrivals_that_wait(%s)", [FEW])
    return bool(waiting >= FEW)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many arrivals wait, one at least, and when the oldest of them arrived."""

    number: int
    oldest: datetime


def left_arrivals(at: datetime) -> QuerySet[Arrival]:
    """Return the arrivals that wait at `at` (aware) and that their web server should have filed."""
    return Arrival.objects.filter(state=_State.WAITING, arrived_at__lt=at - LEFT_AFTER)


def measure_waiting(arrivals: QuerySet[Arrival]) -> Waiting | None:
    """Measure `arrivals` in one query; None if there are none."""
    found = arrivals.aggregate(number=Count("pk"), oldest=Min("arrived_at"))
    return Waiting(**found) if found["number"] else None


def has_waiting(at: datetime) -> bool:
    """Return whether an arrival of `left_arrivals` waits at `at` (aware). One query. The sweep asks each second."""
    return left_arrivals(at).exists()
