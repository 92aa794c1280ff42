"""A complement that is asked for, beside the draft that answers it: what each page of the candidate shows of both."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from intake.submissions.access.queries import open_complement
from intake.submissions.complements.scope import Scope, scope_of
from intake.submissions.gate.readiness import Progress, SectionProgress
from intake.submissions.models import ComplementRequest, DraftDocument, Filing, Submission
from intake.submissions.questions.sections import Section
from offers.models import DocumentRequest

from .queries import DraftDetails, RequestedDocument


class ItemProgress(StrEnum):
    """How far one thing that is asked for is."""

    AS_FILED = "AS_FILED"
    """As it was when the file was found incomplete."""
    CHANGED = "CHANGED"
    MISSING = "MISSING"
    """Nothing is there, or answers are missing: it would not be accepted."""


@dataclass(frozen=True, slots=True)
class RequestedSection:
    """A group of questions that may be answered anew."""

    section: Section
    done: ItemProgress


@dataclass(frozen=True, slots=True)
class RequestedFile:
    """A document that may be sent anew."""

    row: RequestedDocument
    done: ItemProgress

    @property
    def key(self) -> str:
        """A word for it in identifiers of a page."""
        return str(self.row.request.pk)


@dataclass(frozen=True, slots=True)
class ComplementProgress:
    """What is asked for, how far the draft answers it, and all the rest."""

    complement: ComplementRequest
    is_alone: bool
    """Nothing else may be filed any more: the rest stays as it is."""
    documents: tuple[RequestedFile, ...]
    sections: tuple[RequestedSection, ...]
    other_documents: tuple[RequestedDocument, ...]
    other_sections: tuple[SectionProgress, ...]
    stray_sections: tuple[Section, ...]
    """Those that the draft changes though nothing else may be filed."""
    stray_documents: tuple[RequestedDocument, ...]

    @property
    def is_astray(self) -> bool:
        """The draft would be refused for what it changes beside what is asked."""
        return bool(self.stray_sections or self.stray_documents)

    @property
    def first_document(self) -> RequestedFile | None:
        """The first document that is still as it was, or lacks."""
        return next((file for file in self.documents if file.done is not ItemProgress.CHANGED), None)

    @property
    def first_section(self) -> RequestedSection | None:
        """The first group of questions that is still as it was, or lacks answers."""
        return next((part for part in self.sections if part.done is not ItemProgress.CHANGED), None)

    @property
    def is_touched(self) -> bool:
        """All that is asked for was changed."""
        return self.first_document is None and self.first_section is None

    @property
    def as_filed(self) -> bool:
        """Something that is asked for is as it was."""
        return ItemProgress.AS_FILED in [
            *(file.done for file in self.documents),
            *(part.done for part in self.sections),
        ]

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the groups of questions that are asked for."""
        return frozenset(part.section.key for part in self.sections)

    @property
    def request_ids(self) -> frozenset[int]:
        """The primary keys of the documents that are asked for."""
        return frozenset(file.row.request.pk for file in self.documents)

    @property
    def lacks(self) -> bool:
        """Something that is asked for is not there, or lacks answers."""
        return ItemProgress.MISSING in [
            *(file.done for file in self.documents),
            *(part.done for part in self.sections),
        ]

    @property
    def missing_elsewhere(self) -> tuple[object, ...]:
        """Return the titles of what lacks and is not asked for, since the offer changed: only the team can help."""
        if not self.is_alone:
            return ()
        return (
            *(row.request.label for row in self.other_documents if row.request.required and not row.document),
            *(row.section.title for row in self.other_sections if row.progress is not Progress.COMPLETE),
        )


def exclusive_scope(submission: Submission, *, at: datetime) -> Scope | None:
    """Return what alone may change of `submission`, read by `own_submissions`, at `at`; None: whatever they will."""
    if not submission.window.is_for_complement_alone(at):
        return None
    asked = open_complement(submission)
    return scope_of(asked) if asked is not None else None


def complement_progress_of(application: DraftDetails, *, at: datetime) -> ComplementProgress | None:
    """Return what is asked for beside what `application`'s draft holds, or None where nothing may be sent for it.

    Two queries, where something is.
    """
    submission = application.submission
    asked, filing = open_complement(submission), submission.standing_filing
    if asked is None or filing is None or not application.is_open:
        return None
    scope = scope_of(asked)
    is_alone = submission.window.is_for_complement_alone(at)
    files = filed_digests(filing)
    return ComplementProgress(
        complement=asked,
        is_alone=is_alone,
        documents=tuple(
            RequestedFile(row, file_progress(row.request, row.document, files))
            for row in application.documents
            if scope.has_document(row.request.pk)
        ),
        sections=tuple(_sections(application, scope, filing)),
        other_documents=tuple(row for row in application.documents if not scope.has_document(row.request.pk)),
        other_sections=tuple(
            row for row in application.readiness.sections if not scope.has_section(row.section.key)
        ),
        stray_sections=_out_of_scope_sections(application, scope, filing) if is_alone else (),
        stray_documents=_out_of_scope_documents(application, scope, files) if is_alone else (),
    )


def filed_digests(filing: Filing) -> dict[int, str]:
    """Return what was filed for each document that the offer asks for, by its digest."""
    return dict(filing.documents.values_list("request_id", "sha256"))


def _sections(application: DraftDetails, scope: Scope, filing: Filing) -> Iterator[RequestedSection]:
    filed, answers = filing.draft.answers, application.draft.answers
    for row in application.readiness.sections:
        if not scope.has_section(row.section.key):
            continue
        if row.progress is not Progress.COMPLETE:
            yield RequestedSection(row.section, ItemProgress.MISSING)
        elif row.section.fingerprint(filed) == row.section.fingerprint(answers):
            yield RequestedSection(row.section, ItemProgress.AS_FILED)
        else:
            yield RequestedSection(row.section, ItemProgress.CHANGED)


def file_progress(
    request: DocumentRequest, document: DraftDocument | None, files: Mapping[int, str]
) -> ItemProgress:
    """Return how far the draft's `document` for `request` is from `files`, what was filed (`digests_filed`)."""
    filed = files.get(request.pk)
    if document is None:
        return ItemProgress.MISSING if request.required or filed is None else ItemProgress.CHANGED
    return ItemProgress.AS_FILED if document.upload.sha256 == filed else ItemProgress.CHANGED


def _out_of_scope_sections(application: DraftDetails, scope: Scope, filing: Filing) -> tuple[Section, ...]:
    asked = application.readiness.asked
    changed = scope.out_of_scope_sections(asked, filing.draft.answers, application.draft.answers)
    return tuple(section for section in asked if section.key in changed)


def _out_of_scope_documents(
    application: DraftDetails, scope: Scope, files: dict[int, str]
) -> tuple[RequestedDocument, ...]:
    held = {
        row.request.pk: row.document.upload.sha256
        for row in application.documents
        if row.document is not None
    }
    changed = scope.out_of_scope_documents(files, held)
    return tuple(row for row in application.documents if row.request.pk in changed)
