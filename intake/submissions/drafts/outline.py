"""Outline of a draft beside its pages: what the candidate may change, and what it lacks."""

from dataclasses import dataclass
from datetime import datetime

from intake.submissions.gate.readiness import SectionProgress

from .complement_progress import exclusive_scope
from .queries import DraftDetails, RequestedDocument


@dataclass(frozen=True, slots=True)
class DraftOutline:
    """Sections and documents of a draft that may change, in order."""

    sections: tuple[SectionProgress, ...]
    documents: tuple[RequestedDocument, ...]
    is_complement: bool
    """Only a complement may be filed; the rest stays as filed, and is left out."""

    @property
    def missing_documents(self) -> int:
        """Number of required documents that have no file, not even one in analysis, or whose files cannot be joined."""
        return sum(
            not row.in_analysis
            and (row.request.required if row.document is None else row.document.has_failed)
            for row in self.documents
        )

    @property
    def in_analysis(self) -> bool:
        """True if a file waits to be inspected or joined."""
        return any(row.in_analysis for row in self.documents)


def outline_of(application: DraftDetails, *, at: datetime) -> DraftOutline:
    """Return the outline at `at`. No query: it is shown on every page of a draft."""
    scope = exclusive_scope(application.submission, at=at)
    if scope is None:
        return DraftOutline(application.readiness.sections, application.documents, is_complement=False)
    return DraftOutline(
        tuple(row for row in application.readiness.sections if scope.has_section(row.section.key)),
        tuple(row for row in application.documents if scope.has_document(row.request.pk)),
        is_complement=True,
    )
