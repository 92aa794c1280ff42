"""Views of a draft's documents: add, replace, remove, and show the file as the committee sees it.

The same URL accepts a file from a form, and returns a page, or from `uploads.js`, and returns only the card.
"""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_stubs_ext import StrOrPromise

from intake.base.numbers import posted_number
from intake.documents.child.inspect import HEAD_BYTES
from intake.documents.downloads import StoredFile, file_response
from intake.documents.names import display_name
from intake.documents.reasons import UploadRefused
from intake.documents.services import precheck_upload
from intake.submissions.access.decorators import CandidateRequest, OwnView, require_own_submission
from intake.submissions.access.queries import open_complement, open_draft
from intake.submissions.complements.scope import OutOfScopeChangeError
from intake.submissions.drafts.closed_pages import (
    closed_message,
    redirect_to_filed,
    redirect_without_draft,
)
from intake.submissions.drafts.complement_progress import exclusive_scope
from intake.submissions.drafts.queries import read_draft_details
from intake.submissions.drafts.views.notice import redirect_to_notice
from intake.submissions.lifecycle.errors import (
    DraftClosedError,
    OfferNotOpenError,
    StaleDraftError,
    SubmissionError,
)
from intake.submissions.models import Draft, DraftDocument, Submission
from intake.submissions.offer_changes.queries import unread_changes_of
from intake.web.security_events import Kind, client_address, record_security_event
from offers.models import DocumentRequest

from .cards import (
    CHANGED,
    CLOSED,
    HEADER,
    SAME,
    DocumentCard,
    Outcome,
    card_of_upload,
    card_with_result,
    cards_of,
    wants_card,
)
from .forms import UploadForm
from .operations import remove_document
from .quotas import DailyQuotaError, StoredQuotaError, check_quota
from .receiving import drop_uploads, receive_upload

FOLLOWED = "suivi"
"""Parameter of the page of a document: public id of the received file of which it says what became."""
_SHOWN_FILES: dict[str, StoredFile] = {
    "apercu.jpg": "thumbnail",
    "vignette.jpg": "small_thumbnail",
    "fichier.pdf": "clean",
}
_STATUS: dict[Outcome, int] = {
    "waiting": 202,
    "refused": 422,
    "again": 422,
    "full": 422,
    "changed": 409,
    "closed": 409,
}


def require_own_card[**P](view: OwnView[P]) -> Callable[..., HttpResponseBase]:
    """Same as `require_own_submission`; return 401 to `uploads.js` without a session, so that it keeps the file."""
    guarded = require_own_submission(view)

    @wraps(view)
    def answered(request: CandidateRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if wants_card(request) and not request.user.is_authenticated:
            return HttpResponse(status=401)
        return guarded(request, *args, **kwargs)

    return answered


@require_own_submission
@require_safe
def overview(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """Show each requested document, with its file or a form to add it."""
    draft = open_draft(submission)
    if draft is None:
        return redirect_without_draft(request, submission)
    asked = redirect_to_notice(request, submission)
    if asked is not None:
        return asked
    at = submission.read_at
    application = read_draft_details(submission, draft, at=at)
    cards = cards_of(submission, draft, [row.request for row in application.documents], at=at)
    context = {
        "application": application,
        "offer": submission.offer,
        "news": unread_changes_of(draft),
        "cards": [card for card in cards if not card.is_kept],
        "kept": [card for card in cards if card.is_kept],
        "is_live": application.is_open or any(card.is_waiting for card in cards),
        "complement": open_complement(submission),
        "now": at,
    }
    return render(request, "submissions/documents.html", context)


@require_own_card
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: CandidateRequest, submission: Submission, request_id: int) -> HttpResponse:
    """GET: limits, form and last result of one document. POST: receive a file, or drop the one in analysis.

    A worker inspects the file and attaches it; until then, and if it is refused, the current file stays.
    """
    draft = open_draft(submission)
    if draft is None:
        if wants_card(request):
            return HttpResponse(status=410)  # the script then shows its own message to reload the page
        return redirect_without_draft(request, submission)
    asked = get_object_or_404(DocumentRequest, pk=request_id, offer=submission.offer)
    if request.method == "POST" and "drop" in request.POST:
        return _drop_file(request, draft, asked)
    return _show_or_receive(request, draft, asked)


def _show_or_receive(request: CandidateRequest, draft: Draft, asked: DocumentRequest) -> HttpResponse:
    submission = draft.submission
    closed = refusal_message(request, submission, asked)
    first = _redirect_if_closed(request, submission, asked, closed)
    if first is not None:
        return first
    if request.method == "POST":
        return _answer_file(request, draft, asked, closed)
    (card,) = cards_of(submission, draft, [asked], at=submission.read_at)
    card = card_of_upload(card, request.GET.get(FOLLOWED, ""))
    if card.outcome in {"added", "same"} and not wants_card(request):
        return _redirect_with_success(request, card)
    return _show(request, draft, card)


def _answer_file(
    request: CandidateRequest, draft: Draft, asked: DocumentRequest, closed: StrOrPromise
) -> HttpResponse:
    """Receive the posted file unless the document is `closed`; show the card with what became of it."""
    name = display_name(_name_of(request))
    outcome: Outcome
    outcome, message = ("closed", str(closed)) if closed else _receive_file(request, draft, asked)
    if outcome == "" and wants_card(request):
        return HttpResponse(status=204)
    (card,) = cards_of(draft.submission, draft, [asked], at=draft.submission.read_at)
    if outcome == "waiting" and not wants_card(request):
        address = reverse("submissions:document", args=[draft.submission.public_id, asked.pk])
        return redirect(f"{address}?{FOLLOWED}={message}")
    if outcome != "waiting":
        card = card_with_result(card, outcome, message, name)
    if outcome == "same" and not wants_card(request):
        return _redirect_with_success(request, card)
    return _show(request, draft, card, status=_STATUS.get(outcome, 200))


def _redirect_with_success(request: CandidateRequest, card: DocumentCard) -> HttpResponse:
    checks = [card.removed, *card.warned] if card.outcome == "added" else []
    messages.success(request, " ".join(filter(None, [f"{card.request.label} : {card.said}", *checks])))
    address = reverse("submissions:documents", args=[card.public_id])
    return redirect(f"{address}#document-{card.request.pk}")


def _drop_file(request: CandidateRequest, draft: Draft, asked: DocumentRequest) -> HttpResponse:
    try:
        dropped = drop_uploads(draft=draft, request=asked)
    except DraftClosedError as refusal:
        return _redirect_unchanged(request, draft.submission, str(refusal))
    if dropped:
        messages.success(
            request, _("%(label)s : le fichier en analyse est abandonné.") % {"label": asked.label}
        )
    return redirect("submissions:documents", draft.submission.public_id)


def refusal_message(
    request: CandidateRequest, submission: Submission, asked: DocumentRequest
) -> StrOrPromise:
    """Return why the document may not change now, checked before the file is read; empty if it may."""
    at = submission.read_at
    if not submission.window.is_open(at):
        return closed_message(request, submission, CLOSED)
    scope = exclusive_scope(submission, at=at)
    return OutOfScopeChangeError.message if scope is not None and not scope.has_document(asked.pk) else ""


def _redirect_if_closed(
    request: CandidateRequest, submission: Submission, asked: DocumentRequest, closed: StrOrPromise
) -> HttpResponse | None:
    """Return a redirect if the notice is not accepted or the document is `closed`; None for a request of the script."""
    if wants_card(request):
        return None
    notice = redirect_to_notice(request, submission)
    if notice is not None or not closed:
        return notice
    if closed is OutOfScopeChangeError.message and request.method != "POST":
        return redirect_to_filed(request, submission, asked.label, "documents")
    return _redirect_unchanged(request, submission, closed)


def _show(request: CandidateRequest, draft: Draft, card: DocumentCard, *, status: int = 200) -> HttpResponse:
    if wants_card(request):
        alone = request.headers[HEADER] == "alone"
        return render(
            request, "submissions/asked_document.html", {"card": card, "alone": alone}, status=status
        )
    context = {
        "application": read_draft_details(draft.submission, draft, at=draft.submission.read_at),
        "submission": draft.submission,
        "offer": draft.submission.offer,
        "news": unread_changes_of(draft),
        "card": card,
        "complement": open_complement(draft.submission) if card.done is not None else None,
        "errors": [{"text": card.said, "anchor": f"document-{card.request.pk}-file"}]
        if card.is_refused
        else [],
        "now": draft.submission.read_at,
    }
    return render(request, "submissions/document.html", context, status=status)


def _name_of(request: CandidateRequest) -> str:
    sent = request.FILES.get("file")
    return (sent.name or "") if sent else request.POST.get("name", "")


def _receive_file(request: CandidateRequest, draft: Draft, asked: DocumentRequest) -> tuple[Outcome, str]:
    """Store the posted file for its inspection; return the outcome and its message, or the file's public id.

    A post with the size and the first bytes of a file is a precheck: without outcome and message, it may be sent.
    """
    try:
        if "size" in request.POST:
            size, at = posted_number(request.POST["size"]) or 0, draft.submission.read_at
            head = request.FILES.get("head")
            start = head.read(HEAD_BYTES) if head else b""
            precheck_upload(head=start, size=size, max_bytes=asked.max_bytes)
            check_quota(owner=request.user, size=size, at=at)
            return "", ""
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return "refused", str(form.errors["file"][0])
        pending = receive_upload(
            draft=draft,
            request=asked,
            uploaded_file=form.cleaned_data["file"],
            at=draft.submission.read_at,
            seen=request.POST.get("seen"),
            client=client_address(request),
        )
    except UploadRefused as refused:
        record_security_event(request, Kind.UPLOAD_REFUSED, reason=refused.code.value)
        return "refused", refused.reason
    except SubmissionError as refusal:
        return _outcome_of(refusal, request, draft)
    return ("waiting", pending.public_id.hex) if pending is not None else ("same", str(SAME))


def _outcome_of(refusal: SubmissionError, request: CandidateRequest, draft: Draft) -> tuple[Outcome, str]:
    """Return the outcome of a file that was not received, and its message."""
    if isinstance(refusal, DailyQuotaError | StoredQuotaError):
        record_security_event(request, Kind.LIMIT_REACHED, reason=refusal.code)
        return ("full" if isinstance(refusal, DailyQuotaError) else "again"), str(refusal)
    if isinstance(refusal, StaleDraftError):
        return "changed", str(CHANGED)
    if isinstance(refusal, OfferNotOpenError):
        return "closed", str(closed_message(request, draft.submission, CLOSED))
    return "closed", str(refusal)


@require_own_submission
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: CandidateRequest, submission: Submission, request_id: int) -> HttpResponse:
    """GET: confirmation page. POST: remove the document."""
    draft = open_draft(submission)
    if draft is None:
        return redirect_without_draft(request, submission)
    document = draft.documents.filter(request_id=request_id).select_related("request", "upload").first()
    if document is None:
        return redirect("submissions:documents", submission.public_id)
    closed = refusal_message(request, submission, document.request)
    if closed:
        return _redirect_if_closed(request, submission, document.request, closed) or _redirect_unchanged(
            request, submission, closed
        )
    if request.method == "POST":
        try:
            remove_document(draft=draft, request=document.request, actor=request.user)
        except (OutOfScopeChangeError, OfferNotOpenError, DraftClosedError) as refusal:
            out_of_scope = isinstance(refusal, OutOfScopeChangeError)
            why = str(refusal) if out_of_scope else closed_message(request, submission, CLOSED)
            return _redirect_unchanged(request, submission, why)
        messages.success(request, _("%(label)s : fichier retiré.") % {"label": document.request.label})
        return redirect("submissions:documents", submission.public_id)
    context = {
        "application": read_draft_details(submission, draft, at=submission.read_at),
        "submission": submission,
        "offer": submission.offer,
        "news": unread_changes_of(draft),
        "asked": document.request,
        "document": document,
        "now": submission.read_at,
    }
    return render(request, "submissions/document_remove.html", context)


def _redirect_unchanged(
    request: CandidateRequest, submission: Submission, message: StrOrPromise
) -> HttpResponse:
    """Redirect to the documents, which stay readable; after a POST, with an error message."""
    if request.method == "POST":
        messages.error(request, message)
    return redirect("submissions:documents", submission.public_id)


@require_own_submission
@require_safe
def show(_request: CandidateRequest, submission: Submission, request_id: int, which: str) -> FileResponse:
    """Return the user's own cleaned file, as the committee sees it, or a thumbnail of its first page."""
    if which not in _SHOWN_FILES:
        raise Http404
    row = (
        DraftDocument.objects.filter(draft__submission=submission, request_id=request_id)
        .select_related("upload")
        .order_by("-draft_id")
        .first()
    )
    if row is None:
        raise Http404
    try:
        return file_response(row.upload, which=_SHOWN_FILES[which])
    except FileNotFoundError as error:  # replaced concurrently in another tab
        raise Http404 from error
