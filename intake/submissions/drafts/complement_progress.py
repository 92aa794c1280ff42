"""Progress of a draft that answers a complement request, for the candidate's pages."""

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
    """Progress of one requested section or document."""

    AS_FILED = "AS_FILED"
    """Unchanged since the filing that was found incomplete."""
    CHANGED = "CHANGED"
    MISSING = "MISSING"
    """No document, or missing answers: a filing would be refused."""


@dataclass(frozen=True, slots=True)
class RequestedSection:
    """A draft section in the scope of the request."""

    section: Section
    done: ItemProgress


@dataclass(frozen=True, slots=True)
class RequestedFile:
    """A document in the scope of the request."""

    row: RequestedDocument
    done: ItemProgress

    @property
    def key(self) -> str:
        """Key of the document in element ids."""
        return str(self.row.request.pk)


@dataclass(frozen=True, slots=True)
class ComplementProgress:
    """A complement request, its progress in the draft, and the parts that are out of scope."""

    complement: ComplementRequest
    is_alone: bool
    """Only the complement may be filed; everything else stays as filed."""
    documents: tuple[RequestedFile, ...]
    sections: tuple[RequestedSection, ...]
    other_documents: tuple[RequestedDocument, ...]
    other_sections: tuple[SectionProgress, ...]
    stray_sections: tuple[Section, ...]
    """Sections out of scope that the draft changes although only the complement may be filed."""
    stray_documents: tuple[RequestedDocument, ...]

    @property
    def is_astray(self) -> bool:
        """True if the filing would be refused because of changes out of scope."""
        return bool(self.stray_sections or self.stray_documents)

    @property
    def first_document(self) -> RequestedFile | None:
        """First requested document that is unchanged or missing."""
        return next((file for file in self.documents if file.done is not ItemProgress.CHANGED), None)

    @property
    def first_section(self) -> RequestedSection | None:
        """First requested section that is unchanged or lacks answers."""
        return next((part for part in self.sections if part.done is not ItemProgress.CHANGED), None)

    @property
    def is_touched(self) -> bool:
        """True if everything requested was changed."""
        return self.first_document is None and self.first_section is None

    @property
    def as_filed(self) -> bool:
        """True if something requested is unchanged."""
        return self._includes(ItemProgress.AS_FILED)

    @property
    def keys(self) -> frozenset[str]:
        """Keys of the requested sections."""
        return frozenset(part.section.key for part in self.sections)

    @property
    def request_ids(self) -> frozenset[int]:
        """Primary keys of the requested documents."""
        return frozenset(file.row.request.pk for file in self.documents)

    @property
    def lacks(self) -> bool:
        """True if something requested is missing or lacks answers."""
        return self._includes(ItemProgress.MISSING)

    def _includes(self, progress: ItemProgress) -> bool:
        parts: tuple[RequestedFile | RequestedSection, ...] = (*self.documents, *self.sections)
        return any(part.done is progress for part in parts)

    @property
    def missing_elsewhere(self) -> tuple[object, ...]:
        """Titles of what is missing out of scope because the offer changed: only staff can resolve it."""
        if not self.is_alone:
            return ()
        return (
            *(row.request.label for row in self.other_documents if row.request.required and not row.document),
            *(row.section.title for row in self.other_sections if row.progress is not Progress.COMPLETE),
        )


def exclusive_scope(submission: Submission, *, at: datetime) -> Scope | None:
    """Return the scope that limits changes of `submission` at `at`; None if unlimited.

    No query for a row of `own_submissions`; else one or two if only a complement may be filed.
    """
    if not submission.window.is_for_complement_alone(at):
        return None
    asked = open_complement(submission)
    return scope_of(asked) if asked is not None else None


def complement_progress_of(application: DraftDetails, *, at: datetime) -> ComplementProgress | None:
    """Return the progress of the draft, in two queries; None if no request is open or nothing may be filed."""
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
    """Return the digest of the filed document by primary key of its document request."""
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
    """Return the progress of the draft's `document` for `request`. `files`: result of `filed_digests`."""
    filed = files.get(request.pk)
    if document is None:
        return ItemProgress.MISSING if request.required or filed is None else ItemProgress.CHANGED
    if not document.is_current:
        return ItemProgress.CHANGED if document.is_waiting else ItemProgress.MISSING
    return ItemProgress.AS_FILED if document.digest == filed else ItemProgress.CHANGED


def _out_of_scope_sections(application: DraftDetails, scope: Scope, filing: Filing) -> tuple[Section, ...]:
    asked = application.readiness.asked
    changed = scope.out_of_scope_sections(asked, filing.draft.answers, application.draft.answers)
    return tuple(section for section in asked if section.key in changed)


def _out_of_scope_documents(
    application: DraftDetails, scope: Scope, files: dict[int, str]
) -> tuple[RequestedDocument, ...]:
    current = {row.request.pk: row.document.digest for row in application.documents if row.document}
    changed = scope.out_of_scope_documents(files, current)
    return tuple(row for row in application.documents if row.request.pk in changed)
