"""Card of a requested document: its limits, its file, and the result of the last upload."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from intake.documents.child.refusal import Reason
from intake.documents.models import Upload
from intake.documents.reasons import TRY_AGAIN, accepted, explain, removed
from intake.submissions.access.queries import open_complement
from intake.submissions.complements.scope import scope_of
from intake.submissions.drafts.complement_progress import (
    ItemProgress,
    exclusive_scope,
    file_progress,
    filed_digests,
)
from intake.submissions.models import Draft, DraftDocument, PendingUpload, Submission
from intake.web import formats
from offers.models import DocumentRequest

from .forms import UploadForm
from .queries import files_before, last_uploads

HEADER = "X-Card"
"""Request header of `uploads.js`, which receives only the card and inserts it in the page."""

type Outcome = Literal["", "waiting", "added", "same", "refused", "again", "full", "changed", "closed"]

SLOW_AFTER: Final = timedelta(seconds=60)
"""An inspection takes seconds: after this time the page says that no worker comes."""
CLOSED: Final = gettext_lazy("L’offre ne reçoit plus de candidatures. Aucun document n’est ajouté ni retiré.")
CHANGED: Final = gettext_lazy(
    "Ce document a changé dans une autre fenêtre. Choisissez de nouveau votre fichier au besoin."
)
SAME: Final = gettext_lazy("Ce fichier est déjà dans votre brouillon : rien n’a changé.")
_State = PendingUpload.State
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
    """Result of the last upload. `waiting`: it is in analysis, or the document is being joined. `again`: the same file
    may be accepted later. `full`: no other file may be sent today. `changed`: another tab replaced the document."""
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
    pending: PendingUpload | None = None
    """The last file that was received for it, in analysis or not; None after some days."""
    before: int = 0
    """Number of files that are inspected before this one, if it waits."""
    is_slow: bool = False
    """It has waited for `SLOW_AFTER`."""

    @property
    def seen(self) -> str:
        """Value of argument `seen` of `attach_document`: the displayed document, empty for none."""
        return self.document.seen if self.document else ""

    @property
    def file(self) -> Upload | None:
        """The file that the committee would see; None while the document is being joined, or cannot be."""
        return self.document.upload if self.document is not None and self.document.is_current else None

    @property
    def holds(self) -> str:
        """Name of the current file, or empty."""
        return self.document.upload.original_name if self.document else ""

    @property
    def is_refused(self) -> bool:
        """True if the uploaded file was not added: refused for what it is, or for another reason."""
        return self.outcome in {"refused", "again", "full", "changed", "closed"}

    @property
    def is_in_analysis(self) -> bool:
        """True if a received file waits for its inspection."""
        return self.pending is not None and self.pending.is_waiting

    @property
    def is_waiting(self) -> bool:
        """True if a file waits to be inspected or joined."""
        return self.is_in_analysis or (self.document is not None and self.document.is_waiting)

    @property
    def follows(self) -> str:
        """Public id of the received file, or revision of the document, that waits."""
        return self.pending.public_id.hex if self.pending is not None and self.is_in_analysis else self.seen

    @property
    def removed(self) -> str:
        """Sentence that lists what cleaning removed from the file, or empty."""
        return removed(self.file.neutralised) if self.file else ""

    @property
    def warned(self) -> list[str]:
        """What may keep the committee from reading the file, a sentence each."""
        return self.file.warning_sentences if self.file else []

    @property
    def checks(self) -> list[str]:
        """All that the candidate should check in the file, a sentence each."""
        labels = format_html_join(", ", '<span lang="fr-CA">{}</span>', ((twin,) for twin in self.twins))
        same, check = _("Ce fichier est le même que pour :"), _("Vérifiez que c’est voulu.")
        twins = [format_html("{} {}. {}", same, labels, check)] if self.twins else []
        return [*([self.removed] if self.removed else []), *self.warned, *twins]

    @property
    def state(self) -> tuple[str, str]:
        """Label of the state, and tone of its badge."""
        if self.is_waiting:
            return (_("En analyse") if self.is_in_analysis else _("En préparation")), "info"
        if self.is_kept and self.document is not None:
            return _("Déposé"), "none"
        if self.document is None:
            return self._state_without_file
        if self.document.has_failed or self.done is ItemProgress.AS_FILED:
            return (_("À corriger"), "error") if self.document.has_failed else (_("À remplacer"), "warning")
        if self.done is ItemProgress.CHANGED and not self.removed and not self.warned:
            return _("Changé"), "success"
        is_doubtful = self.removed or self.warned
        return (_("Ajouté, à vérifier"), "warning") if is_doubtful else (_("Ajouté"), "success")

    @property
    def _state_without_file(self) -> tuple[str, str]:
        if self.is_refused:
            return (_("Refusé") if self.outcome == "refused" else _("Non ajouté")), "error"
        if self.form is None and not self.is_kept:
            return _("Non ajouté"), "none"
        return (_("À ajouter") if self.request.required else _("Facultatif")), "none"

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
    """Return one card per document of `asked`, in that order, at `at`.

    Four queries; one more for a complement, and two for each file in analysis. A card says why the last file was
    refused, until another is sent; `card_of_upload` says that it was accepted.
    """
    complement, filing = open_complement(submission), submission.standing_filing
    scope = scope_of(complement) if complement is not None else None
    files = filed_digests(filing) if scope is not None and filing is not None else {}
    is_open, alone = submission.window.is_open(at), exclusive_scope(submission, at=at)
    # Before the documents: a file that is attached between the two reads would be shown in neither.
    received = last_uploads(draft)
    documents = {row.request_id: row for row in draft.documents.select_related("upload", "request")}
    others = Submission.objects.filter(candidate=submission.candidate_id).exclude(pk=submission.pk).exists()
    cards = [
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
            pending=received.get(request.pk),
        )
        for request in asked
    ]
    return [_with_last_upload(card, at) for card in cards]


def _with_last_upload(card: DocumentCard, at: datetime) -> DocumentCard:
    """Add to a card what became of the last file, unless it was accepted, or that its files are not joined."""
    pending, document = card.pending, card.document
    if pending is not None and pending.is_waiting:
        is_slow = at - pending.received_at >= SLOW_AFTER
        return replace(card, outcome="waiting", before=files_before(pending), is_slow=is_slow)
    if document is not None and document.is_waiting:
        is_slow = at - (document.draft.saved_at or at) >= SLOW_AFTER
        return replace(card, outcome="waiting", is_slow=is_slow)
    if document is not None and document.has_failed:
        return card_with_result(card, "refused", failure_of(document), "")
    if pending is None or not refusal_of(pending):
        return card
    outcome: Outcome = "refused"
    if pending.state != _State.REFUSED:
        outcome = "changed" if pending.state == _State.CHANGED else "closed"
    elif pending.reason_code in TRY_AGAIN:
        outcome = "again"
    return card_with_result(card, outcome, refusal_of(pending), pending.name)


def refusal_of(pending: PendingUpload) -> str:
    """Return why a received file was not added, or an empty text if it was or still waits."""
    if pending.state == _State.REFUSED:
        return explain(Reason(pending.reason_code), pending.facts)
    return str({_State.CHANGED: CHANGED, _State.CLOSED: CLOSED}.get(_State(pending.state), ""))


def failure_of(document: DraftDocument) -> str:
    """Return why the files of a document are not joined, and what to do; an empty text if they are, or still wait."""
    if document.joined == DraftDocument.Join.TOO_LARGE:
        limit = formats.file_size(document.request.max_bytes)
        return _("Ensemble, les fichiers de ce document dépassent %(limit)s. Retirez un fichier.") % {
            "limit": limit
        }
    if document.has_failed:
        return _("Ce document n’a pas pu être préparé. Essayez de nouveau, ou retirez un fichier.")
    return ""


def card_of_upload(card: DocumentCard, followed: str) -> DocumentCard:
    """Return the card with the result of the last change too if it succeeded and is `followed`.

    `followed`: public id of the received file, or revision of a document of several files.
    """
    pending = card.pending
    if (
        card.file is not None
        and card.document is not None
        and card.document.revision
        and followed == card.seen
    ):
        return card_with_result(card, "added", _prepared(card.file), "")
    if pending is None or pending.public_id.hex != followed or card.document is None:
        return card
    is_whole = card.document.upload.sha256 == pending.sha256
    if pending.state == _State.ADDED and (is_whole or pending.adds):
        return card_with_result(card, "added", accepted(card.document.upload.pages), pending.name)
    return card_with_result(card, "same", str(SAME), pending.name) if pending.state == _State.SAME else card


def _prepared(upload: Upload) -> str:
    sentence = ngettext("Document prêt : %(pages)s page.", "Document prêt : %(pages)s pages.", upload.pages)
    return sentence % {"pages": formats.number(upload.pages)}


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
    if mine is None or not mine.is_current:
        return ()
    same = [row for row in documents.values() if row is not mine and row.digest == mine.digest]
    return tuple(row.request.label for row in sorted(same, key=lambda row: row.request.position))
