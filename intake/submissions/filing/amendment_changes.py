"""What an amendment changes of the filing that it is to replace, question by question and file by file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils import translation

from intake.dossiers.payload import AnsweredSection
from intake.dossiers.services import read_seal
from intake.submissions.drafts.queries import DraftDetails
from intake.submissions.models import Filing
from intake.submissions.questions.answer_display import answered_sections


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """One answer, or one file, before and after; an empty text is none.

    What was sealed is in French, whatever the language of the page.
    """

    section: str
    """The title of the group of questions; empty for a file."""
    label: str
    before: str
    after: str

    @property
    def has_same_name(self) -> bool:
        """A file was replaced by another one of the same name."""
        return self.before == self.after


def changes_of(application: DraftDetails, filing: Filing) -> list[AnswerChange]:
    """Return what filing `application`'s draft would change of `filing`: answers, then files, in the page's order.

    `filing` is read from its seal.

    :raises intake.dossiers.services.AnonymisedError: if what was sealed was erased.
    """
    sealed = read_seal(filing.seal).sections
    return [*_answers(application, sealed), *_documents(application, filing)]


def _answers(application: DraftDetails, sealed: Iterable[AnsweredSection]) -> Iterator[AnswerChange]:
    asked, answers = application.readiness.asked, application.draft.answers
    shown = answered_sections(asked, answers)
    with translation.override("fr"):  # as it would be sealed: words are compared with words
        current = {
            (section.key, answer.key): answer.value
            for section in answered_sections(asked, answers)
            for answer in section.answers
        }
    filed = {(section.key, answer.key): answer for section in sealed for answer in section.answers}
    for section in shown:
        for answer in section.answers:
            key = (section.key, answer.key)
            before = filed[key].value if key in filed else ""
            if before != current[key]:
                yield AnswerChange(section.title, answer.label, before, answer.value)
    titles = {section.key: section.title for section in sealed}
    for key, answer in filed.items():
        if key not in current and answer.value:
            yield AnswerChange(titles[key[0]], answer.label, answer.value, "")


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
