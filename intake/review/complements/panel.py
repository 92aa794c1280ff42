"""Whether a file is complete, as its page says it: what is asked for, how long is left, and what came in answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from intake.dossiers.payload import Payload
from intake.review.pages.sealed_filing import payload_or_none
from intake.submissions.access.queries import complements, open_complement
from intake.submissions.filing.amendment_changes import AnswerChange
from intake.submissions.models import ComplementRequest, Filing, Submission
from intake.submissions.models.filing_window import FilingWindow
from intake.submissions.questions.queries import sections_by_keys
from intake.submissions.questions.sections import Section


@dataclass(frozen=True, slots=True)
class ComplementPanel:
    """What is asked of a file, or what its filing that stands answers."""

    asked: ComplementRequest | None
    """Open: nothing was sent yet."""
    sections: tuple[Section, ...]
    """That it asks to answer anew."""
    closing: datetime | None
    """Exclusive, on the clock of the offer's zone: until when it may be answered, the offer being closed or not."""
    is_over: bool
    """Its candidate may answer no more."""
    answered: ComplementRequest | None
    """What the filing that stands answers."""
    changes: tuple[AnswerChange, ...]
    """From the filing that was found incomplete to the one that answers, as they were sealed."""
    is_erased: bool
    """Of one of the two: what changed is not known any more."""


def read_complement_panel(submission: Submission, filing: Filing, *, at: datetime) -> ComplementPanel:
    """Return where the completeness of a file stands at `at`; one query for most, four where one is asked or came."""
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
    """Yield what two filings do not say alike, answers first, then files, each in the order of the later one."""
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
