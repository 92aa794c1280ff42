"""Every way to make a move, tried on one file in a given state and then undone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from intake.accounts.models import User
from intake.outbox.models import Delivery
from intake.review.access.errors import ReviewError
from intake.review.bulk import operations
from intake.review.bulk.dry_run import BULK_ACTIONS
from intake.review.bulk.operations import start_bulk_run
from intake.review.committees.operations import declare_conflict
from intake.review.models import BulkItem, DecisionBatch
from intake.review.moves.operations import move_as_reviewer, request_complement_as_reviewer
from intake.submissions.after_filing.operations import start_amendment, withdraw_submission
from intake.submissions.complements.operations import request_complement
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.errors import SubmissionError
from intake.submissions.lifecycle.operations import announce_move, move_submission
from intake.submissions.models import Draft, Submission, Transition
from intake.submissions.states import Action, HumanReview, State
from offers.models import Offer
from tests.factories.complements import (
    close_after_filings,
    complement_content,
    expire_request,
    request_complement_for,
)
from tests.factories.decisions import confirm, make_batch, release, send
from tests.factories.people import make_staff, make_user
from tests.factories.review import make_filed, make_filed_for_review, make_reviewer
from tests.factories.submissions import ALL_DECLARATIONS, make_draft, make_open_offer
from tests.submissions.moves_table import ROWS

REASON: Final = "Vu la pièce."

type Way = Callable[[Submission, Action, User], None]


class BulkItemSkippedError(Exception):
    """A bulk run left this submission unchanged."""


REFUSED: Final = (SubmissionError, ReviewError, PermissionDenied, BulkItemSkippedError)
"""Errors that count as a refusal; any other exception fails the test."""


@dataclass(frozen=True, slots=True)
class Scene:
    """An open offer, its people, and the files that are put in each state."""

    offer: Offer
    people: dict[str, User]
    filed: Submission
    """Has an open amendment, started when it was received."""
    drafted: Submission
    reserved: Submission
    """Filed with a pending review request; has an open amendment too."""
    incomplete: dict[HumanReview, Submission]
    """Like the two filed ones, with an open complement request."""

    @contextmanager
    def at(self, state: State, reserve: HumanReview = HumanReview.NONE) -> Iterator[Submission]:
        """Give a file in `state` with the human review `reserve`; all changes are undone afterwards."""
        with transaction.atomic():
            yield self._stand(state, reserve)
            transaction.set_rollback(True)

    def _stand(self, state: State, reserve: HumanReview) -> Submission:
        file = self.drafted if state == State.DRAFT else self.filed
        if reserve != HumanReview.NONE:
            file = self.reserved
        if state == State.COMPLEMENT_REQUESTED:
            file = self.incomplete[reserve]
        else:
            Submission.objects.filter(pk=file.pk).update(state=state, reserve=reserve)
        return Submission.objects.select_related("offer", "candidate", "standing_filing__receipt").get(
            pk=file.pk
        )


def make_scene() -> Scene:
    """Make the scene by the portal's operations."""
    offer = make_open_offer()
    filed, asked_of = (make_filed(offer, candidate=make_staff()) for _each in range(2))
    reserved, asked_of_reserved = (make_filed_for_review(offer, candidate=make_staff()) for _each in range(2))
    for file in (filed, asked_of):
        confirm(file)
    rival = make_staff()
    drafted = make_draft(offer=offer, candidate=rival).submission
    bound = make_staff()
    declare_conflict(submission=make_filed(offer), reviewer=bound, actor=bound)
    for file in (filed, reserved, asked_of, asked_of_reserved):
        start_amendment(submission=file, actor=file.candidate)
    staff = make_staff()
    for file in (asked_of, asked_of_reserved):
        request_complement_for(file, staff=staff)
    return Scene(
        offer=offer,
        people={
            "reviewer": make_reviewer(offer),
            "staff": staff,
            "nobody": make_user(),
            "applied": rival,
            "in conflict": bound,
        },
        filed=filed,
        drafted=drafted,
        reserved=reserved,
        incomplete={HumanReview.NONE: asked_of, HumanReview.PENDING: asked_of_reserved},
    )


def attempts_for(action: Action, source: State) -> list[Way]:
    """Return every way to try `action` on a file in `source`."""
    made_by = ROWS[action]["how"]
    if action == Action.AMEND and source == State.DRAFT:
        return [_begin_and_file]  # there is no amendment yet
    if made_by == "candidate":
        own: dict[Action, list[Way]] = {
            Action.FILE: [_file_first],
            Action.AMEND: [_file_what_was_begun, _begin_and_file],
            Action.WITHDRAW: [_withdraw],
        }
        return own[action]
    if made_by == "form":
        return [_ask, _ask_from_the_file]
    if made_by == "batch":
        return [_announce, _decide_by_batch]
    return [press, _press_from_the_file, *([_press_for_many] if action in BULK_ACTIONS else [])]


def let_the_complement_end(file: Submission) -> None:
    """Close the offer of `file`, and set the due date of its complement in the past."""
    expire_request(file.complements.get())
    close_after_filings(file.offer)


def _file_first(file: Submission, action: Action, actor: User) -> None:
    del action
    _file(file.drafts.earliest("pk"), actor)


def _begin_and_file(file: Submission, action: Action, actor: User) -> None:
    del action
    file.drafts.filter(closed_at=None).delete()
    _file(start_amendment(submission=file, actor=actor), actor)


def _file_what_was_begun(file: Submission, action: Action, actor: User) -> None:
    del action
    _file(file.drafts.filter(replaces__isnull=False).latest("pk"), actor)


def _file(draft: Draft, actor: User) -> None:
    file_draft(draft=draft, actor=actor, declarations=ALL_DECLARATIONS, review_message="Jugez-le.")


def _withdraw(file: Submission, action: Action, actor: User) -> None:
    del action
    withdraw_submission(submission=file, actor=actor, reason=REASON)


def press(file: Submission, action: Action, actor: User) -> None:
    """Make a move by the function that applies the table of moves."""
    move_submission(submission=file, action=action, actor=actor, reason=REASON)


def _press_from_the_file(file: Submission, action: Action, actor: User) -> None:
    move_as_reviewer(submission=file, action=action, actor=actor, reason=REASON)


def _press_for_many(file: Submission, action: Action, actor: User) -> None:
    run = start_bulk_run(
        key=uuid4(),
        action=action,
        actor=actor,
        versions={file.pk: file.version},
        at=timezone.now(),
        reason=REASON,
    )
    operations.do_bulk_run(
        Delivery.objects.get(kind=operations.BULK_RUN, subject_id=str(run.pk)), timezone.now()
    )
    item = run.items.get()
    if item.state != BulkItem.State.DONE:
        raise BulkItemSkippedError(item.refusal)


def _ask(file: Submission, action: Action, actor: User) -> None:
    del action
    request_complement(submission=file, actor=actor, asked=complement_content(file, days=20))


def _ask_from_the_file(file: Submission, action: Action, actor: User) -> None:
    del action
    request_complement_as_reviewer(submission=file, actor=actor, asked=complement_content(file, days=20))


def _announce(file: Submission, action: Action, actor: User) -> None:
    announce_move(submission=file, action=action, actor=actor, version=file.version, words=REASON)


def _decide_by_batch(file: Submission, action: Action, actor: User) -> None:
    """Prepare a batch as `actor`, and have a second person release it."""
    batch = send(release(make_batch(file, action=action, word=REASON, preparer=actor)))
    assert batch.state == DecisionBatch.State.SENT
    item = batch.items.get()
    if item.state != item.State.DONE:
        raise BulkItemSkippedError(item.refusal)


_FOUND: Final = """
SELECT submission.state, move.action, move.from_state, move.to_state
FROM submissions_submission AS submission
LEFT JOIN submissions_transition AS move ON move.submission_id = submission.id AND move.id > %s
WHERE submission.id = %s
ORDER BY move.id
"""


def attempt(
    way: Way, file: Submission, action: Action, actor: User
) -> tuple[str, State, list[tuple[str, str, str]]]:
    """Try one way and undo it. Return the result (done or refused), the state, and the transitions written.

    Thousands of attempts are made: one query here takes about as long as those of an operation.
    """
    said = "done"
    last = _last_move(file)
    with transaction.atomic():
        try:
            way(file, action, actor)
        except REFUSED:
            said = "refused"
        with connection.cursor() as cursor:
            cursor.execute(_FOUND, [last, file.pk])
            found = cursor.fetchall()
        transaction.set_rollback(True)
    written = [(row[1], row[2], row[3]) for row in found if row[1] is not None]
    return said, State(found[0][0]), written


def _last_move(file: Submission) -> int:
    """Return the last transition from before the attempts on this object: each attempt is undone."""
    if "last_move" not in vars(file):
        vars(file)["last_move"] = Transition.objects.latest("pk").pk
    last: int = vars(file)["last_move"]
    return last
