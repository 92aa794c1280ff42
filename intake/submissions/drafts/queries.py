"""A draft with the data that its pages need, and the answers of another draft that prefill it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any, Final, NamedTuple
from uuid import UUID

from intake.accounts.models import User
from intake.submissions.gate.readiness import Readiness, check_readiness
from intake.submissions.models import Arrival, Draft, DraftDocument, FilingWindow, PendingUpload, Submission
from intake.submissions.questions.answers import clean_answers
from intake.submissions.questions.forms import LanguagesForm
from intake.submissions.questions.offer_questions import OfferQuestions
from intake.submissions.questions.sections import current_questions
from intake.submissions.questions.study_forms import StudiesForm
from intake.web.prepared import columns_of, fetch_one, next_model
from offers.models import DocumentRequest, Offer
from offers.selectors import document_requests

from .answer_merge import AnswerConflict, answer_conflicts
from .collection_notice import Notice


@dataclass(frozen=True, slots=True)
class RequestedDocument:
    """One document request, and the draft's document for it, if any."""

    request: DocumentRequest
    document: DraftDocument | None
    in_analysis: bool = False
    """A file of it waits to be inspected or joined."""

    @property
    def usable(self) -> DraftDocument | None:
        """The document if it is what the candidate wants; None while its files are being joined, or cannot be."""
        return self.document if self.document is not None and self.document.is_current else None


@dataclass(frozen=True)
class DraftDetails:
    """A draft as its pages show it. Read and evaluated once per request."""

    submission: Submission
    draft: Draft
    documents: tuple[RequestedDocument, ...]
    readiness: Readiness
    is_open: bool
    """The candidate may file at the instant given to `read_draft_details`."""

    @cached_property
    def conflicts(self) -> tuple[AnswerConflict, ...]:
        """Two answers to one question, of two pages, between which the candidate has not chosen."""
        return answer_conflicts(self.readiness.asked, self.draft.answers)

    @property
    def offer(self) -> Offer:
        """Offer of the submission."""
        return self.submission.offer

    @property
    def window(self) -> FilingWindow:
        """Filing window of the candidate."""
        return self.submission.window


MANY_REFUSED: Final = 10
"""Refused arrivals of a submission within a day, after which a further one is only stored if it would be filed."""


class DraftToFile(NamedTuple):
    """A draft that a request is to file, open or closed."""

    draft: Draft
    is_noticed: bool
    """True if its candidate accepted the current notice."""
    is_often_refused: bool
    """True if its submission has `MANY_REFUSED` refused arrivals."""


def draft_to_file(user: User, public_id: UUID, *, draft: int, notice: Notice) -> DraftToFile | None:
    """Return a draft of the user's submission, and whether `user` accepted `notice`. One query.

    `draft`: primary key. None if it does not exist or belongs to another user.
    """
    given = [notice.key, notice.version, MANY_REFUSED, MANY_REFUSED, user.pk, public_id, draft]
    row = fetch_one(_to_file_sql(), given)
    if not row:
        return None
    values = iter(row)
    return DraftToFile(next_model(Draft, values), *values)


@cache
def _to_file_sql() -> str:
    return _TO_FILE.format(columns=columns_of(Draft))


_TO_FILE: Final = """
SELECT {columns}, EXISTS (SELECT FROM profiles_noticeacceptance a
    WHERE a.user_id = s.candidate_id AND a.notice = %s AND a.version = %s),
    %s <= (SELECT count(*) FROM (SELECT FROM submissions_arrival r WHERE r.submission_id = s.id
        AND r.state = 'REFUSED' AND r.settled_at > transaction_timestamp() - interval '1 day' LIMIT %s) refused)
FROM submissions_draft JOIN submissions_submission s ON s.id = submissions_draft.submission_id
WHERE s.candidate_id = %s AND s.public_id = %s AND submissions_draft.id = %s
"""
"""Raw SQL, as for every query that runs thousands of times in the last minute: see `lifecycle.locks`."""


def read_draft_details(
    submission: Submission, draft: Draft, *, at: datetime, asks: OfferQuestions | None = None
) -> DraftDetails:
    """Return the draft with its documents and its readiness at `at` (aware).

    Four queries; three if the caller has read what the offer `asks`.
    """
    offer = submission.offer
    waiting = set(requests_in_analysis(draft))
    documents = {row.request_id: row for row in draft.documents.select_related("upload", "request")}
    waiting |= {key for key, row in documents.items() if row.is_waiting}
    asked = tuple(document_requests(offer))
    return DraftDetails(
        submission=submission,
        draft=draft,
        documents=tuple(
            RequestedDocument(request, documents.get(request.pk), in_analysis=request.pk in waiting)
            for request in asked
        ),
        readiness=check_readiness(
            answers=draft.answers,
            documents=asked,
            provided=documents.keys(),
            waiting=waiting,
            broken=[key for key, row in documents.items() if row.has_failed],
            asks=asks or current_questions(offer),
            on=at.astimezone(offer.zone).date(),
        ),
        is_open=submission.window.is_open(at),
    )


def requests_in_analysis(draft: Draft) -> Iterable[int]:
    """Return the primary keys of the documents for which a received file waits for its inspection. One query."""
    waiting = draft.pending_uploads.filter(state=PendingUpload.State.RECEIVED)
    return waiting.values_list("request_id", flat=True)


def unfiled_arrival(draft: Draft) -> Arrival | None:
    """Return the latest arrival of the draft if it was refused and nothing changed since, else None. One query."""
    latest = draft.arrivals.order_by("-pk").first()
    is_refused = (
        latest is not None and latest.state == Arrival.State.REFUSED and latest.version == draft.version
    )
    return latest if is_refused else None


PREFILLED_KEYS: Final = StudiesForm.answer_keys() | LanguagesForm.answer_keys()
"""Studies and languages. Answers to grid lines and attestations are specific to their offer."""


def prefilled_answers(candidate: User, *, to: Submission) -> dict[str, Any]:
    """Return the reusable answers of the candidate's latest draft outside `to`; empty if there is none."""
    latest = (
        Draft.objects.filter(submission__candidate=candidate)
        .exclude(submission=to)
        .order_by("-saved_at", "-pk")
        .values_list("answers", flat=True)
        .first()
    )
    return {key: value for key, value in clean_answers(latest).items() if key in PREFILLED_KEYS}
