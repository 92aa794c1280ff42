"""Changes of a draft from the filing that it would replace, for the filing page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils import translation

from intake.dossiers.sealed_payload import AnsweredSection
from intake.dossiers.services import read_seal
from intake.submissions.access.queries import open_complement
from intake.submissions.drafts.queries import DraftDetails
from intake.submissions.models import Filing
from intake.submissions.questions.answer_display import answered_sections, since_birth
from intake.submissions.questions.offer_questions import is_line
from intake.submissions.states import TABLE, Action, State


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """One answer or document before and after the amendment. Empty: no answer or no document.

    `before` comes from the seal and is in French, in every page language.
    """

    section: str
    """Title of the section of questions. Empty for a document."""
    label: str
    before: str
    after: str
    is_line: bool = False
    """True if the label is a grid line, in the offer's language."""

    @property
    def has_same_name(self) -> bool:
        """True if a document was replaced by another document with the same file name."""
        return self.before == self.after


def changes_of(application: DraftDetails, filing: Filing) -> list[AnswerChange]:
    """Return the differences between the draft and the sealed `filing`: answers, then documents, as on the page.

    :raises intake.dossiers.services.AnonymisedError: if the seal's payload was erased.
    """
    sealed = read_seal(filing.seal).sections
    return [*_answers(application, sealed), *_documents(application, filing)]


def is_unchanged_amendment(application: DraftDetails, changes: list[AnswerChange]) -> bool:
    """True if filing the draft would change nothing, and only end what was judged on the current filing.

    A withdrawn submission may be filed again as it is, and one that other criteria judge now, or that is incomplete.
    """
    filing, submission = application.submission.standing_filing, application.submission
    return (
        filing is not None
        and not changes
        and State(submission.state) in TABLE[Action.AMEND].sources - {State.WITHDRAWN}
        and open_complement(submission) is None
        and filing.verdict.rulebook_digest == application.readiness.verdict.rulebook_digest
    )


def _answers(application: DraftDetails, sealed: Iterable[AnsweredSection]) -> Iterator[AnswerChange]:
    asked, answers = application.readiness.asked, application.draft.answers
    shown = answered_sections(asked, answers)
    filed = {(section.key, answer.key): answer for section in sealed for answer in section.answers}
    with translation.override("fr"):  # labels are sealed in French
        current = {
            (section.key, answer.key): answer.value
            for section in answered_sections(asked, answers)
            for answer in section.answers
        }
        before = {key: filed[key].value if key in filed else "" for key in current}
        same = {key for key, text in before.items() if current[key] in {text, since_birth(text)}}
    for section in shown:
        for answer in section.answers:
            key = (section.key, answer.key)
            if key not in same:
                yield AnswerChange(
                    section.title, answer.label, before[key], answer.value, is_line(answer.key)
                )
    titles = {section.key: section.title for section in sealed}
    for key, answer in filed.items():
        if key not in current and answer.value:
            yield AnswerChange(titles[key[0]], answer.label, answer.value, "", is_line(answer.key))


def _documents(application: DraftDetails, filing: Filing) -> Iterator[AnswerChange]:
    filed = {row.request_id: row for row in filing.documents.select_related("upload")}
    for row in application.documents:
        before, after = filed.get(row.request.pk), row.document
        if (before.sha256 if before else "") != (after.upload.sha256 if after else ""):
            yield AnswerChange(
                section="",
                label=row.request.label,
                before=before.upload.original_name if before else "",
                after=after.upload.original_name if after else "",
            )
