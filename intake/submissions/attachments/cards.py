"""Card of a requested document: its limits, its file, and the result of the last upload."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from intake.documents.reasons import removed
from intake.submissions.access.queries import open_complement
from intake.submissions.complements.scope import scope_of
from intake.submissions.drafts.complement_progress import (
    ItemProgress,
    exclusive_scope,
    file_progress,
    filed_digests,
)
from intake.submissions.models import Draft, DraftDocument, Submission
from offers.models import DocumentRequest

from .forms import UploadForm

HEADER = "X-Card"
"""Request header of `uploads.js`, which receives only the card and inserts it in the page."""

type Outcome = Literal["", "added", "same", "refused", "again", "changed", "closed"]

# Words in file names, by kind of document: they only suggest a document, and the candidate chooses.
_FILE_NAME_HINTS = {
    DocumentRequest.Kind.CV: "cv curriculum vitae resume",
    DocumentRequest.Kind.MOTIVATION_LETTER: "lettre motivation letter cover presentation",
    DocumentRequest.Kind.TRANSCRIPT: "releve notes transcript bulletin grades",
    DocumentRequest.Kind.ENROLMENT_PROOF: "preuve inscription diplome attestation degree enrolment",
    DocumentRequest.Kind.RECOMMENDATION: "recommandation recommendation reference",
}


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """One requested document, as a page shows it."""

    public_id: UUID
    request: DocumentRequest
    document: DraftDocument | None
    form: UploadForm | None
    """Upload form; None if the document may not change."""
    outcome: Outcome = ""
    """Result of the last upload. `again`: the inspection timed out. `changed`: another tab replaced the document."""
    said: str = ""
    """Message about `outcome`."""
    name: str = ""
    """Name of the uploaded file, for a message about a refusal."""
    done: ItemProgress | None = None
    """Progress in the complement; None if the document is not in its scope."""
    is_kept: bool = False
    """True if only a complement may be filed and the document is out of its scope: it stays as filed."""
    has_other_applications: bool = False
    """True if the candidate has another application, whose files may be used again."""
    twins: tuple[str, ...] = field(default=())
    """Labels of the other requested documents with an identical file."""

    @property
    def seen(self) -> str:
        """Value of argument `seen` of `attach_document`: the displayed file, empty for none."""
        return self.document.upload.public_id.hex if self.document else ""

    @property
    def holds(self) -> str:
        """Name of the current file, or empty."""
        return self.document.upload.original_name if self.document else ""

    @property
    def is_refused(self) -> bool:
        """True if the uploaded file was refused."""
        return self.outcome in {"refused", "again", "changed", "closed"}

    @property
    def removed(self) -> str:
        """Sentence that lists what cleaning removed from the file, or empty."""
        return removed(self.document.upload.neutralised) if self.document else ""

    @property
    def warned(self) -> list[str]:
        """What may keep the committee from reading the file, a sentence each."""
        return self.document.upload.warning_sentences if self.document else []

    @property
    def state(self) -> tuple[str, str]:
        """Label of the state, and tone of its badge."""
        if self.is_kept and self.document is not None:
            return _("Déposé"), "none"
        if self.document is None:
            refused = (_("Refusé"), "error") if self.is_refused else None
            return refused or ((_("À ajouter") if self.request.required else _("Facultatif")), "none")
        if self.done is ItemProgress.AS_FILED:
            return _("À remplacer"), "warning"
        if self.done is ItemProgress.CHANGED and not self.removed and not self.warned:
            return _("Changé"), "success"
        if self.removed or self.warned:
            return _("Ajouté, à vérifier"), "warning"
        return _("Ajouté"), "success"

    @property
    def guesses(self) -> str:
        """Words, without accents, that suggest this document in a file name."""
        return _FILE_NAME_HINTS.get(DocumentRequest.Kind(self.request.kind), "")


def wants_card(request: HttpRequest) -> bool:
    """True if `uploads.js` sent the request."""
    return HEADER in request.headers


def cards_of(
    submission: Submission, draft: Draft, asked: Iterable[DocumentRequest], *, at: datetime
) -> list[DocumentCard]:
    """Return one card per document of `asked`, in that order, at `at`. Three queries; one more for a complement."""
    complement, filing = open_complement(submission), submission.standing_filing
    scope = scope_of(complement) if complement is not None else None
    files = filed_digests(filing) if scope is not None and filing is not None else {}
    is_open, alone = submission.window.is_open(at), exclusive_scope(submission, at=at)
    documents = {row.request_id: row for row in draft.documents.select_related("upload", "request")}
    others = Submission.objects.filter(candidate=submission.candidate_id).exclude(pk=submission.pk).exists()
    return [
        DocumentCard(
            public_id=submission.public_id,
            request=request,
            document=documents.get(request.pk),
            form=form_for(request) if is_open and (alone is None or alone.has_document(request.pk)) else None,
            done=file_progress(request, documents.get(request.pk), files)
            if scope is not None and scope.has_document(request.pk)
            else None,
            is_kept=alone is not None and not alone.has_document(request.pk),
            has_other_applications=others,
            twins=_same_file_labels(documents, request),
        )
        for request in asked
    ]


def card_with_result(card: DocumentCard, outcome: Outcome, said: str, name: str) -> DocumentCard:
    """Return the card with the result of an upload: code, message and file name."""
    after = replace(card, outcome=outcome, said=said, name=name)
    if after.is_refused and after.form is not None:
        after.form.fields["file"].widget.attrs |= {
            "aria-describedby": f"document-{card.request.pk}-rules document-{card.request.pk}-said",
            "aria-invalid": "true",
        }
    return after


def form_for(request: DocumentRequest) -> UploadForm:
    """Return an empty form. Element ids contain the document's key: a page can have many forms."""
    form = UploadForm(auto_id=f"document-{request.pk}-%s")
    form.fields["file"].widget.attrs |= {
        "aria-describedby": f"document-{request.pk}-rules",
        "class": "form-control",
    }
    return form


def _same_file_labels(documents: dict[int, DraftDocument], request: DocumentRequest) -> tuple[str, ...]:
    mine = documents.get(request.pk)
    if mine is None:
        return ()
    return tuple(
        row.request.label
        for row in documents.values()
        if row is not mine and row.upload.sha256 == mine.upload.sha256
    )
