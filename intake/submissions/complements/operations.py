"""Asking a candidate to complete a file that is found incomplete, in the open: what, why, until when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from intake.accounts.models import User
from intake.outbox.services import post
from intake.submissions.access.queries import open_complement
from intake.submissions.delivery_kinds import COMPLEMENT_REQUEST_MAIL
from intake.submissions.lifecycle.complement_endings import end_request_by_move
from intake.submissions.lifecycle.locks import with_row_locks
from intake.submissions.lifecycle.operations import check_move, move_submission, write_move
from intake.submissions.models import ComplementDocument, ComplementRequest, Submission
from intake.submissions.questions.queries import asked_sections
from intake.submissions.states import Action
from offers.models import DocumentRequest
from offers.selectors import document_requests
from offers.services import extended_instant

from .deadlines import complement_days
from .errors import ComplementTooLateError, ComplementTooSoonError, EmptyComplementError


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplementContent:
    """What a candidate is asked to complete."""

    words: str
    """What is missing, why and what to send."""
    sections: Collection[str] = ()
    """Keys of the groups of questions that may be answered anew."""
    documents: Collection[DocumentRequest] = ()
    """The offer's documents that may be sent anew."""
    due_on: date
    """The last day, whole: it ends at the hour at which the offer closes."""


@transaction.atomic
def request_complement(
    *, submission: Submission, actor: User, asked: ComplementContent, version: int | None = None
) -> ComplementRequest:
    """Ask the candidate of `submission` to complete their file, and return the request.

    The day that is given ends 48 hours from now at least, and before the stage starts. Asked again, it takes the place
    of the request that is open, and leaves no less time. The candidate is told by mail. `version` is the submission's
    as the actor saw it; `None` asks whatever stands there.

    :raises MoveNotAllowedError: if nothing may be asked where it stands, or not by this actor.
    :raises OfferCancelledError: if the offer is cancelled.
    :raises ReserveUpheldError: if a person judged that the rules refuse it.
    :raises ReasonMissingError: if its words are blank.
    :raises StaleSubmissionError: if somebody moved it since `version`.
    :raises NothingAskedError: if neither a document nor a group of questions is named.
    :raises ComplementTooSoonError: if that leaves less than 48 hours, or less than the candidate was told they have.
    :raises ComplementTooLateError: if the stage would have started.
    :raises ValueError: if something that is named is not asked by the offer.
    """
    current = with_row_locks(Submission.objects.filter(pk=submission.pk)).get()
    check_move(current, Action.REQUEST_COMPLEMENT, actor, asked.words, version)
    keys = _section_keys(current, asked)
    before = open_complement(current)
    due_at = _due_at(
        current, asked.due_on, current.db_now, kept=before.due_at if before is not None else None
    )
    filing = current.standing_filing
    if filing is None:
        msg = "only a filing is found incomplete"
        raise ValueError(msg)
    words = asked.words.strip()
    moved = write_move(submission=current, action=Action.REQUEST_COMPLEMENT, actor=actor, reason=words)
    if before is not None:
        end_request_by_move(submission=moved, action=Action.REQUEST_COMPLEMENT)
    request = ComplementRequest.objects.create(
        submission=moved, filing=filing, asked_by=actor, words=words, due_at=due_at, sections=keys
    )
    ComplementDocument.objects.bulk_create(
        ComplementDocument(complement=request, request=document) for document in asked.documents
    )
    post(kind=COMPLEMENT_REQUEST_MAIL, key=str(request.pk), subject=filing.receipt)
    return request


def resume_without_complement(
    *, submission: Submission, actor: User, reason: str, version: int | None = None
) -> Submission:
    """Let the study of an incomplete file go on as it was filed, and return it as it now stands.

    :raises SubmissionError: as `move_submission` does.
    """
    return move_submission(
        submission=submission, action=Action.RESUME, actor=actor, reason=reason, version=version
    )


def _section_keys(submission: Submission, asked: ComplementContent) -> list[str]:
    """Return the keys of the groups that are asked for, in the form’s order; refuse what the offer does not ask."""
    offer = submission.offer
    keys = [section.key for section in asked_sections(offer) if section.key in asked.sections]
    offered = {document.pk for document in document_requests(offer)}
    if len(keys) != len(set(asked.sections)) or not {document.pk for document in asked.documents} <= offered:
        msg = "a complement is of what the offer asks"
        raise ValueError(msg)
    if not keys and not asked.documents:
        raise EmptyComplementError
    return keys


def _due_at(submission: Submission, due_on: date, now: datetime, *, kept: datetime | None) -> datetime:
    offer = submission.offer
    days = complement_days(offer, at=now, kept=kept)
    if due_on > days.last:
        raise ComplementTooLateError(starts_on=offer.starts_on)
    if due_on < days.first:
        raise ComplementTooSoonError(earliest=extended_instant(offer, days.first))
    return extended_instant(offer, due_on)
