"""Views of a document's files: add, put in order, turn, remove; use a file of another application again."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from intake.base.portal_error import PortalError
from intake.documents.downloads import file_response
from intake.documents.joining import Part
from intake.documents.names import display_name
from intake.documents.reasons import UploadRefused
from intake.submissions.access.decorators import CandidateRequest, require_own_submission
from intake.submissions.access.queries import open_draft
from intake.submissions.drafts.closed_pages import redirect_without_draft
from intake.submissions.drafts.queries import read_draft_details
from intake.submissions.lifecycle.errors import StaleDraftError
from intake.submissions.models import Draft, DraftDocument, Submission
from intake.submissions.offer_changes.queries import unread_changes_of
from intake.web.security_events import Kind, client_address, record_security_event
from offers.models import DocumentRequest

from .cards import CHANGED, failure_of, refusal_of
from .forms import UploadForm
from .parts import QUARTER, change_parts, moved, parts_of, reusable_files, reuse_file, turned
from .queries import refused_additions
from .quotas import DailyQuotaError, StoredQuotaError
from .receiving import receive_upload, waiting_for
from .views import refusal_message

REFUSED_SHOWN: Final = timedelta(minutes=30)
"""How long the page says why a file was not added."""
WAIT_SECONDS: Final = 5
"""Until the page of files to inspect or to join is read again, without scripts."""
_CHANGE: Final = re.compile(r"(up|down|left|right|remove|again)-([1-9]\d?)")
_CHANGES: Final[dict[str, Callable[[list[Part], int], list[Part]]]] = {
    "up": lambda parts, index: moved(parts, index, -1),
    "down": lambda parts, index: moved(parts, index, 1),
    "left": lambda parts, index: turned(parts, index, -QUARTER),
    "right": lambda parts, index: turned(parts, index, QUARTER),
    "remove": lambda parts, index: [*parts[:index], *parts[index + 1 :]],
    "again": lambda parts, _index: parts,
}


@require_own_submission
@require_http_methods(["GET", "HEAD", "POST"])
def arrange(request: CandidateRequest, submission: Submission, request_id: int) -> HttpResponse:
    """GET: the files of a document, in order, and those in analysis. POST: add some; or move, turn or remove one.

    Nothing is joined here: a worker does, and the page says that the document is being prepared.
    """
    draft, document = _own_document(submission, request_id)
    if draft is None:
        return redirect_without_draft(request, submission)
    asked = get_object_or_404(DocumentRequest, pk=request_id, offer=submission.offer)
    if closed := refusal_message(request, submission, asked):
        messages.error(request, closed)
        return redirect("submissions:documents", submission.public_id)
    parts = parts_of(document) if document is not None else []
    error = ""
    if request.method == "POST" and "change" in request.POST and document is not None:
        return _change(request, draft, document, parts)
    if request.method == "POST":
        error = _add_files(request, draft, asked)
        if not error:
            return redirect("submissions:document_parts", submission.public_id, asked.pk)
    context = {
        **_page(draft, asked),
        "document": document,
        "parts": parts,
        "failure": failure_of(document) if document is not None else "",
        "waiting": waiting_for(draft, asked),
        "refused": [
            (row.name, refusal_of(row))
            for row in refused_additions(draft, asked, since=submission.read_at - REFUSED_SHOWN)
        ],
        "accept": UploadForm.base_fields["file"].widget.attrs["accept"],
        "wait_seconds": WAIT_SECONDS,
        "errors": [{"text": error, "anchor": "fichiers"}] if error else [],
    }
    return render(request, "submissions/document_parts.html", context, status=422 if error else 200)


def _add_files(request: CandidateRequest, draft: Draft, asked: DocumentRequest) -> str:
    """Receive the posted files, in their order; return why one was not received, or an empty text."""
    files = request.FILES.getlist("files")
    for file in files:
        try:
            receive_upload(
                draft=draft,
                request=asked,
                uploaded_file=file,
                at=draft.submission.read_at,
                adds=True,
                client=client_address(request),
            )
        except UploadRefused as refused:
            record_security_event(request, Kind.UPLOAD_REFUSED, reason=refused.code.value)
            return f"{display_name(file.name or '')} : {refused.reason}"
        except (DailyQuotaError, StoredQuotaError) as refused:
            record_security_event(request, Kind.LIMIT_REACHED, reason=refused.code)
            return str(refused)
        except PortalError as refused:
            return str(refused)
    return "" if files else _("Choisissez un fichier.")


def _change(
    request: CandidateRequest, draft: Draft, document: DraftDocument, parts: list[Part]
) -> HttpResponse:
    asked, place = document.request, [draft.submission.public_id, document.request_id]
    found = _CHANGE.fullmatch(request.POST.get("change", ""))
    if found is None or int(found[2]) > len(parts):
        messages.error(request, CHANGED)
        return redirect("submissions:document_parts", *place)
    verb, number = found[1], int(found[2])
    changed = _CHANGES[verb](parts, number - 1)
    if changed == parts and not document.has_failed:  # moved past an end: the page of another tab
        return redirect("submissions:document_parts", *place)
    try:
        attached = change_parts(
            draft=draft,
            request=asked,
            parts=changed,
            actor=request.user,
            seen=request.POST.get("seen", ""),
        )
    except StaleDraftError:
        messages.error(request, CHANGED)
    except UploadRefused as refused:
        messages.error(request, refused.reason)
    except PortalError as refused:
        messages.error(request, str(refused))
    else:
        now = min(max(number + {"up": -1, "down": 1}.get(verb, 0), 1), max(len(changed), 1))
        if verb != "again":
            messages.success(request, _said(verb, number, now))
        if attached is not None:
            return redirect(f"{reverse('submissions:document_parts', args=place)}#fichier-{now}")
        return redirect("submissions:documents", draft.submission.public_id)
    return redirect("submissions:document_parts", *place)


def _said(verb: str, number: int, now: int) -> str:
    if verb == "remove":
        return _("Fichier %(number)d retiré du document.") % {"number": number}
    if verb in {"left", "right"}:
        return _("Fichier %(number)d tourné d’un quart de tour.") % {"number": number}
    return _("Ce fichier est maintenant au rang %(now)d.") % {"now": now}


@require_own_submission
@require_safe
def show_part(
    _request: CandidateRequest, submission: Submission, request_id: int, position: int
) -> FileResponse:
    """Return the thumbnail of one file of a document, as received: the page turns it."""
    _draft, document = _own_document(submission, request_id)
    parts = parts_of(document) if document is not None else []
    if not 1 <= position <= len(parts):
        raise Http404
    try:
        return file_response(parts[position - 1].upload, which="thumbnail")
    except FileNotFoundError as error:
        raise Http404 from error


@require_own_submission
@require_http_methods(["GET", "HEAD", "POST"])
def reuse(request: CandidateRequest, submission: Submission, request_id: int) -> HttpResponse:
    """GET: the files of the user's other applications. POST: copy the chosen one into this document."""
    draft = open_draft(submission)
    if draft is None:
        return redirect_without_draft(request, submission)
    asked = get_object_or_404(DocumentRequest, pk=request_id, offer=submission.offer)
    if closed := refusal_message(request, submission, asked):
        messages.error(request, closed)
        return redirect("submissions:documents", submission.public_id)
    files = reusable_files(submission, asked)
    current = draft.documents.filter(request=asked).select_related("upload").first()
    error = ""
    if request.method == "POST":
        chosen = {file.upload.public_id.hex: file for file in files}.get(request.POST.get("file", ""))
        if chosen is None:
            error = _("Choisissez un fichier.")
        else:
            try:
                reuse_file(
                    draft=draft,
                    request=asked,
                    file=chosen,
                    actor=request.user,
                    seen=request.POST.get("seen", ""),
                    at=submission.read_at,
                )
            except StaleDraftError:
                error = str(CHANGED)
            except FileNotFoundError:
                error = _("Ce fichier n’est plus conservé. Téléversez-le de nouveau.")
            except PortalError as refused:
                error = str(refused)
            else:
                messages.success(request, _("%(label)s : fichier repris.") % {"label": asked.label})
                address = reverse("submissions:documents", args=[submission.public_id])
                return redirect(f"{address}#document-{asked.pk}")
    context = {
        **_page(draft, asked),
        "files": files,
        "document": current,
        "errors": [{"text": error, "anchor": "fichier-1"}] if error else [],
    }
    return render(request, "submissions/document_reuse.html", context, status=422 if error else 200)


def _own_document(submission: Submission, request_id: int) -> tuple[Draft | None, DraftDocument | None]:
    draft = open_draft(submission)
    if draft is None:
        return None, None
    rows = draft.documents.filter(request_id=request_id).select_related("request", "upload")
    return draft, rows.first()


def _page(draft: Draft, asked: DocumentRequest) -> dict[str, object]:
    submission = draft.submission
    return {
        "application": read_draft_details(submission, draft, at=submission.read_at),
        "submission": submission,
        "offer": submission.offer,
        "news": unread_changes_of(draft),
        "asked": asked,
        "now": submission.read_at,
    }
