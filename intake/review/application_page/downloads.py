"""Dossier PDF and receipt of a submission, for users who may read it. Each opening is journaled."""

import logging
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from intake.documents.downloads import safe_response
from intake.dossiers.downloads import receipt_response
from intake.dossiers.page_pictures import open_picture
from intake.dossiers.render import render_anonymous_dossier
from intake.dossiers.storage import open_complete_file
from intake.journal.services import record
from intake.outbox.selectors import database_instant
from intake.review.access.anonymous_review import is_name_hidden, mask_payload
from intake.review.pages.queue_navigation import file_url
from intake.review.pages.sealed_filing import current_filing, payload_or_none
from intake.review.pages.shortcuts import acting_user, admin_context, receipt_number, visible_or_404
from intake.submissions.models import Submission
from intake.submissions.receipts.operations import request_lost_dossier, request_lost_receipt
from intake.web.storage import StorageUnavailableError

if TYPE_CHECKING:
    from intake.dossiers.models import Dossier

logger = logging.getLogger(__name__)


@require_safe
@xframe_options_sameorigin
def dossier(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Serve the dossier of the current filing, inline or, with `?telecharger=1`, as a download.

    Who reviews anonymously gets the anonymous dossier: the cover and every document of the other name the candidate.
    """
    submission = visible_or_404(request, public_id)
    if is_name_hidden(submission):
        return _anonymous_dossier(request, submission)
    filing = submission.standing_filing
    built: Dossier | None = getattr(filing.seal, "dossier", None) if filing else None
    if built is None:
        return _explain(request, submission)
    try:
        content = open_complete_file(built)
    except StorageUnavailableError:
        raise  # nothing shows that the file is lost
    except OSError:
        logger.exception("dossier %s has no readable file", built.pk)
        made_again = _request_lost_dossier(request, submission)
        return _explain(request, submission, missing=True, made_again=made_again)
    if request.method == "GET":
        record(actor=acting_user(request), action="DOSSIER_OPENED", subject=submission, detail=built.number)
    return safe_response(
        content, f"{built.number}.pdf", "application/pdf", as_attachment="telecharger" in request.GET
    )


def _anonymous_dossier(request: HttpRequest, submission: Submission) -> HttpResponseBase:
    """Serve the dossier without the candidate, drawn from the seal at each request and stored nowhere."""
    filing = current_filing(submission)
    sealed = payload_or_none(filing.seal)
    if sealed is None:
        raise Http404(
            _("Les renseignements de cette candidature sont effacés, selon le calendrier de conservation.")
        )
    number = receipt_number(submission)
    content = render_anonymous_dossier(
        mask_payload(sealed), number=number, received_at=filing.received_at, documents=sealed.documents
    )
    if request.method == "GET":
        record(actor=acting_user(request), action="DOSSIER_OPENED", subject=submission, detail=number)
    return safe_response(
        ContentFile(content),
        f"{number}_anonyme.pdf",
        "application/pdf",
        as_attachment="telecharger" in request.GET,
    )


@require_safe
def page_picture(request: HttpRequest, public_id: UUID, page: int) -> HttpResponseBase:
    """Serve the picture of one page of the dossier. The reading page, which shows it, records the opening.

    :raises Http404: if it is not drawn, or if this user reviews anonymously: pages name the candidate.
    """
    submission = visible_or_404(request, public_id)
    built: Dossier | None = getattr(current_filing(submission).seal, "dossier", None)
    if built is None or is_name_hidden(submission):
        raise Http404
    try:
        picture = open_picture(built, page)
    except StorageUnavailableError:
        raise
    except OSError as error:
        raise Http404 from error
    return safe_response(picture, f"{page}.webp", "image/webp")


@require_safe
def receipt(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Serve the signed receipt of the current filing, as its candidate has it.

    :raises PermissionDenied: if this user reviews anonymously: the receipt names the candidate.
    :raises Http404: if the receipt is not generated yet.
    """
    submission = visible_or_404(request, public_id)
    if is_name_hidden(submission):
        raise PermissionDenied
    filing = submission.standing_filing
    try:
        found = receipt_response(filing.seal) if filing is not None else None
    except FileNotFoundError:
        return _redirect_lost_receipt(request, submission)
    if found is None:
        raise Http404(_("L’accusé de réception en PDF n’est pas encore prêt."))
    if request.method == "GET":
        number = receipt_number(submission)
        record(actor=acting_user(request), action="RECEIPT_OPENED", subject=submission, detail=number)
    return found


def _redirect_lost_receipt(request: HttpRequest, submission: Submission) -> HttpResponseBase:
    filing = submission.standing_filing
    logger.error("the receipt of candidature %s is lost", submission.pk)
    if request.method == "GET" and filing is not None:
        request_lost_receipt(receipt=filing.receipt, at=database_instant())
        messages.warning(
            request,
            _("Nous préparons de nouveau l’accusé de réception. Revenez dans quelques minutes."),
        )
    return redirect(file_url(request, submission))


def _request_lost_dossier(request: HttpRequest, submission: Submission) -> bool:
    """Request a dossier that the storage lost. Return whether it did; False if the storage does not respond."""
    filing = submission.standing_filing
    if request.method != "GET" or filing is None:
        return False
    try:
        return request_lost_dossier(receipt=filing.receipt, at=database_instant())
    except OSError:
        return False


def _explain(
    request: HttpRequest, submission: Submission, *, missing: bool = False, made_again: bool = False
) -> TemplateResponse:
    context = admin_context(request) | {
        "title": _("Dossier PDF"),
        "missing": missing,
        "made_again": made_again,
        "number": receipt_number(submission),
        "back_url": file_url(request, submission),
    }
    return TemplateResponse(request, "review/no_dossier.html", context, status=404 if missing else 202)
