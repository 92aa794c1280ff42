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

    asked: ComplementRequest | None
    """The open request: no answer was filed yet."""
    sections: tuple[Section, ...]
    """The sections that the request reopens."""
    closing: datetime | None
    """Exclusive, in the offer's time zone: until when it may be answered, even if the offer is closed."""
    is_over: bool
    """The candidate can no longer answer."""
    answered: ComplementRequest | None
    """The request that the current filing answers."""
    changes: tuple[AnswerChange, ...]
    """Changes from the filing that was found incomplete to the filing that answers, as sealed."""
    is_erased: bool
    """The content of one of the two is erased: the changes are unknown."""


def read_complement_panel(submission: Submission, filing: Filing, *, at: datetime) -> ComplementPanel:
    """Return the completeness of a file at `at`. One query for most files, four with a request or an answer."""
    asked = open_complement(submission)
    if asked is not None:
        asked.submission = submission
        sections = tuple(sections_by_keys(submission.offer, asked.sections))
        window = FilingWindow(submission.offer, submission.extended_until, asked.due_at)
        is_over = at >= window.closes_at
        return ComplementPanel(asked, sections, window.closing, is_over, None, (), is_erased=False)
    answered = complements().filter(answered_by=filing).select_related("filing__seal").first()
    if answered is None:
        return ComplementPanel(None, (), None, is_over=False, answered=None, changes=(), is_erased=False)
    answered.submission = submission
    before, after = payload_or_none(answered.filing.seal), payload_or_none(filing.seal)
    if before is None or after is None:
        return ComplementPanel(None, (), None, is_over=False, answered=answered, changes=(), is_erased=True)
    changes = tuple(changed_between(before, after))
    return ComplementPanel(None, (), None, is_over=False, answered=answered, changes=changes, is_erased=False)


def changed_between(before: Payload, after: Payload) -> Iterator[AnswerChange]:
    """Yield the differences of two filings: answers first, then files, each in the order of the later filing."""
    was, now = _answers(before), _answers(after)
    for key in [*now, *(key for key in was if key not in now)]:
        title, label, _value = now.get(key) or was[key]
        said, says = was.get(key, ("", "", ""))[2], now.get(key, ("", "", ""))[2]
        if said != says:
            yield AnswerChange(section=title, label=label, before=said, after=says)
    held, holds = _files(before), _files(after)
    for kind in [*holds, *(kind for kind in held if kind not in holds)]:
        (label, old, digest), (_label, new, other) = held.get(kind, _NONE), holds.get(kind, _NONE)
        if digest != other:
            yield AnswerChange(section="", label=_label or label, before=old, after=new)


_NONE = ("", "", "")


def _answers(payload: Payload) -> dict[tuple[str, str], tuple[str, str, str]]:
    return {
        (section.key, answer.key): (section.title, answer.label, answer.value)
        for section in payload.sections
        for answer in section.answers
    }


def _files(payload: Payload) -> dict[tuple[str, str], tuple[str, str, str]]:
    return {(row.kind, row.label): (row.label, row.name, row.sha256) for row in payload.documents}
