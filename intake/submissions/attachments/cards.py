"""What a document's card says: the rules, the file, what just happened to one that was sent."""

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
"""Sent by `uploads.js`, which wants the card alone and puts it in the page itself."""

type Outcome = Literal["", "added", "same", "refused", "again", "changed", "closed"]

# Words by which people name such a file: they only suggest, and the person chooses.
_FILE_NAME_HINTS = {
    DocumentRequest.Kind.CV: "cv curriculum vitae resume",
    DocumentRequest.Kind.MOTIVATION_LETTER: "lettre motivation letter cover presentation",
    DocumentRequest.Kind.TRANSCRIPT: "releve notes transcript bulletin grades",
    DocumentRequest.Kind.ENROLMENT_PROOF: "preuve inscription diplome attestation degree enrolment",
    DocumentRequest.Kind.RECOMMENDATION: "recommandation recommendation reference",
}


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """One document asked, as a page shows it."""

    public_id: UUID
    request: DocumentRequest
    document: DraftDocument | None
    form: UploadForm | None
    """Where a file is chosen; None once nothing may change."""
    outcome: Outcome = ""
    """What became of the file that was just sent: `again` was not read for want of time, `changed` met another's."""
    said: str = ""
    """The same in words, for people."""
    name: str = ""
    """How that file is called, when it was not taken."""
    done: ItemProgress | None = None
    """How far it is from what was found incomplete; None where it is not asked for in a complement."""
    is_kept: bool = False
    """It was filed, and no longer changes: only a complement may still be sent, and this is not asked for."""
    twins: tuple[str, ...] = field(default=())
    """The labels of the other documents that hold the very same file."""

    @property
    def seen(self) -> str:
        """What the form says it replaces (`attach_document`)."""
        return self.document.upload.public_id.hex if self.document else ""

    @property
    def holds(self) -> str:
        """The name of the file in place, or nothing."""
        return self.document.upload.original_name if self.document else ""

    @property
    def is_refused(self) -> bool:
        """Whether the file that was just sent was not taken."""
        return self.outcome in {"refused", "again", "changed", "closed"}

    @property
    def removed(self) -> str:
        """The sentence that names what was taken out of the file, or nothing."""
        return removed(self.document.upload.neutralised) if self.document else ""

    @property
    def state(self) -> tuple[str, str]:
        """The state in a word, and the tone of its badge."""
        if self.is_kept and self.document is not None:
            return _("Déposé"), "none"
        if self.document is None:
            refused = (_("Refusé"), "error") if self.is_refused else None
            return refused or ((_("À ajouter") if self.request.required else _("Facultatif")), "none")
        if self.done is ItemProgress.AS_FILED:
            return _("À remplacer"), "warning"
        if self.done is ItemProgress.CHANGED and not self.removed:
            return _("Changé"), "success"
        return (_("Ajouté, à vérifier"), "warning") if self.removed else (_("Ajouté"), "success")

    @property
    def guesses(self) -> str:
        """The words, without accents, that hint at this document in a file's name."""
        return _FILE_NAME_HINTS.get(DocumentRequest.Kind(self.request.kind), "")


def wants_card(request: HttpRequest) -> bool:
    """Say whether the page's script asks, and not the browser itself."""
    return HEADER in request.headers


def cards_of(
    submission: Submission, draft: Draft, asked: Iterable[DocumentRequest], *, at: datetime
) -> list[DocumentCard]:
    """Return one card for each document asked, in that order, as it may be changed at `at`.

    Two queries; one more where a complement is asked for.
    """
    complement, filing = open_complement(submission), submission.standing_filing
    scope = scope_of(complement) if complement is not None else None
    files = filed_digests(filing) if scope is not None and filing is not None else {}
    is_open, alone = submission.window.is_open(at), exclusive_scope(submission, at=at)
    held = {row.request_id: row for row in draft.documents.select_related("upload", "request")}
    return [
        DocumentCard(
            public_id=submission.public_id,
            request=request,
            document=held.get(request.pk),
            form=form_for(request) if is_open and (alone is None or alone.has_document(request.pk)) else None,
            done=file_progress(request, held.get(request.pk), files)
            if scope is not None and scope.has_document(request.pk)
            else None,
            is_kept=alone is not None and not alone.has_document(request.pk),
            twins=_same_file_labels(held, request),
        )
        for request in asked
    ]


def card_with_result(card: DocumentCard, outcome: Outcome, said: str, name: str) -> DocumentCard:
    """Return the card with what became of the file that was just sent under this name, in a code and in words."""
    after = replace(card, outcome=outcome, said=said, name=name)
    if after.is_refused and after.form is not None:
        after.form.fields["file"].widget.attrs |= {
            "aria-describedby": f"document-{card.request.pk}-rules document-{card.request.pk}-said",
            "aria-invalid": "true",
        }
    return after


def form_for(request: DocumentRequest) -> UploadForm:
    """Return an empty form whose control has an identifier of its own on a page of many."""
    form = UploadForm(auto_id=f"document-{request.pk}-%s")
    form.fields["file"].widget.attrs |= {
        "aria-describedby": f"document-{request.pk}-rules",
        "class": "form-control",
    }
    return form


def _same_file_labels(held: dict[int, DraftDocument], request: DocumentRequest) -> tuple[str, ...]:
    mine = held.get(request.pk)
    if mine is None:
        return ()
    return tuple(
        row.request.label
        for row in held.values()
        if row is not mine and row.upload.sha256 == mine.upload.sha256
    )
