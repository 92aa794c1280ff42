"""Completeness of a file, for its page: the open request and the time left, or the changes of the answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from intake.dossiers.sealed_payload import Payload
from intake.review.pages.sealed_filing import payload_or_none
from intake.submissions.access.queries import complements, open_complement
from intake.submissions.filing.changes import AnswerChange
from intake.submissions.models import ComplementRequest, Filing, Submission
from intake.submissions.models.filing_window import FilingWindow
from intake.submissions.questions.sections import Section, sections_by_keys


@dataclass(frozen=True, slots=True)
class ComplementPanel:
    """The open complement request of a file, or the request that its current filing answers."""

    asked: ComplementRequest | None = None
    """The open request: no answer was filed yet."""
    sections: tuple[Section, ...] = ()
    """The sections that the request reopens."""
    closing: datetime | None = None
    """Exclusive, in the offer's time zone: until when it may be answered, even if the offer is closed."""
    is_over: bool = False
    """The candidate can no longer answer."""
    answered: ComplementRequest | None = None
    """The request that the current filing answers."""
    changes: tuple[AnswerChange, ...] = ()
    """Changes from the filing that was found incomplete to the filing that answers, as sealed."""
    is_erased: bool = False
    """The content of one of the two is erased: the changes are unknown."""


def read_complement_panel(submission: Submission, filing: Filing, *, at: datetime) -> ComplementPanel:
    """Return the completeness of a file at `at`. One query for most files, four with a request or an answer."""
    asked = open_complement(submission)
    if asked is not None:
        asked.submission = submission
        sections = tuple(sections_by_keys(submission.offer, asked.sections))
        window = FilingWindow(submission.offer, submission.extended_until, asked.due_at)
        return ComplementPanel(asked, sections, window.closing, is_over=at >= window.closes_at)
    answered = complements().filter(answered_by=filing).select_related("filing__seal").first()
    if answered is None:
        return ComplementPanel()
    answered.submission = submission
    before, after = payload_or_none(answered.filing.seal), payload_or_none(filing.seal)
    if before is None or after is None:
        return ComplementPanel(answered=answered, is_erased=True)
    return ComplementPanel(answered=answered, changes=tuple(changed_between(before, after)))


def changed_between(before: Payload, after: Payload) -> Iterator[AnswerChange]:
    """Yield the differences of two filings: answers first, then files, each in the order of the later filing."""
    old_answers, new_answers = _answers(before), _answers(after)
    for key in new_answers | old_answers:
        title, label, _value = new_answers.get(key) or old_answers[key]
        old, new = old_answers.get(key, _NONE)[2], new_answers.get(key, _NONE)[2]
        if old != new:
            yield AnswerChange(section=title, label=label, before=old, after=new)
    old_files, new_files = _files(before), _files(after)
    for key in new_files | old_files:
        old_label, old, old_digest = old_files.get(key, _NONE)
        label, new, digest = new_files.get(key, _NONE)
        if digest != old_digest:
            yield AnswerChange(section="", label=label or old_label, before=old, after=new)


_NONE = ("", "", "")


def _answers(payload: Payload) -> dict[tuple[str, str], tuple[str, str, str]]:
    return {
        (section.key, answer.key): (section.title, answer.label, answer.value)
        for section in payload.sections
        for answer in section.answers
    }


def _files(payload: Payload) -> dict[tuple[str, str], tuple[str, str, str]]:
    return {(row.kind, row.label): (row.label, row.name, row.sha256) for row in payload.documents}
