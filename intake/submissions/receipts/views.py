"""Views of a receipt: its page and downloads, sending its mail again, requesting its PDF."""

import logging
from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from intake.dossiers.downloads import dossier_response, json_receipt_response, receipt_response
from intake.dossiers.models import Seal
from intake.dossiers.receipts.verifying import verifying_path
from intake.outbox.selectors import database_instant, latest_states
from intake.submissions.access.decorators import CandidateRequest, require_own_submission
from intake.submissions.delivery_kinds import DOSSIER_MAIL, RECEIPT_MAIL
from intake.submissions.filing.line import line
from intake.submissions.filing.sealed_filing import SealedFiling, display_filed_verdict, read_filing
from intake.submissions.lifecycle.candidate_status import CandidateStatus, candidate_status_of
from intake.submissions.models import Filing, Submission
from intake.submissions.timeline.next_steps import next_steps_of
from intake.transparency.selectors import expected_by, log_position

from .operations import (
    TooManyResendsError,
    request_lost_dossier,
    request_lost_receipt,
    request_receipt_pdf,
    resend_receipt,
)
from .queries import JOBS, PdfStatus, is_dossier_attached, pdf_status_of, statement_with

logger = logging.getLogger(__name__)

_RECEIPT_LOST_MESSAGE = gettext_lazy(
    "Nous préparons de nouveau votre accusé de réception. Revenez dans quelques minutes. Votre dépôt est valide : "
    "cette page en est la preuve."
)
_DOSSIER_LOST_MESSAGE = gettext_lazy(
    "Nous préparons de nouveau votre dossier PDF, à partir de ce que vous avez déposé. Revenez dans quelques minutes. "
    "Votre dépôt est valide : cette page en est la preuve."
)
_FILE_LOST_MESSAGE = gettext_lazy(
    "Ce fichier est introuvable, et notre équipe est prévenue. Votre dépôt est valide : cette page en est la preuve."
)

PAUSE: Final = 2
"""Seconds until the page first asks whether its files are made, and its mail sent; then longer and longer."""
PAUSE_IN_RUSH: Final = 30
"""The same in a rush: the files wait for its end, and thousands of pages that ask would take from the filings."""

type MakeResponse = Callable[[Seal], FileResponse | None]


@require_own_submission
@require_safe
def receipt(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """GET: number, instant and content of the current filing, and what follows it.

    Redirect to the arrival while a draft waits to be filed, and to the list of tasks if nothing is filed.
    """
    if request.GET:
        # The page is compressed, and shows the receipt's code beside its own address: no guess in it (BREACH).
        return redirect(request.path)
    if submission.arrived_at is not None:
        return redirect("submissions:arrival", submission.public_id)
    filing = submission.standing_filing
    if filing is None:
        return redirect("submissions:tasks", submission.public_id)
    filed = read_filing(filing)
    facts = statement_with(filed.receipt, filed.payload)
    at = submission.read_at
    standing = candidate_status_of(submission, at=at)
    context = _live_context(standing, filed) | {
        "reserve": submission.reserve,
        "is_decided": standing.is_decided,
        "offer": submission.offer,
        "steps": next_steps_of(standing, at=at),
        "verdict": display_filed_verdict(filed),
        "replaced": filing.replaces,
        "facts": facts,
        "verify_address": verifying_path(facts),
        "logged": log_position(filed.receipt.number),
        "logged_by": expected_by(facts.received),
        "pause": PAUSE_IN_RUSH if line.is_long() else PAUSE,
        "now": at,
    }
    return render(request, "submissions/receipt.html", context)


@require_own_submission
@require_safe
def receipt_status(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """GET: the part of the receipt's page that changes while workers make its files. `receipt.js` requests it."""
    if submission.standing_filing is None:
        raise Http404
    standing = candidate_status_of(submission, at=submission.read_at)
    context = _live_context(standing, read_filing(submission.standing_filing))
    return render(request, "submissions/receipt_live.html", context)


def _live_context(standing: CandidateStatus, filed: SealedFiling) -> dict[str, Any]:
    """Return the context of `receipt_live.html`. `is_under_way`: a worker has still something to make or to send."""
    states = latest_states(filed.receipt, of_kinds=[*JOBS, RECEIPT_MAIL, DOSSIER_MAIL])
    receipt_pdf = pdf_status_of(filed, states)
    receipt_mail = states.get(RECEIPT_MAIL)
    dossier_mail = states.get(DOSSIER_MAIL)
    has_dossier = dossier_mail is not None and dossier_mail.is_sent and not dossier_mail.has_returned
    is_mail_settled = receipt_mail is not None and (receipt_mail.is_sent or receipt_mail.has_failed)
    return {
        "submission": standing.submission,
        "standing": standing,
        "filed": filed,
        "receipt_pdf": receipt_pdf,
        "receipt_mail": receipt_mail,
        "dossier_mail": dossier_mail if has_dossier and is_dossier_attached(filed.receipt) else None,
        "is_under_way": receipt_pdf is PdfStatus.UNDER_WAY or filed.dossier is None or not is_mail_settled,
    }


@require_own_submission
@require_http_methods(["GET", "HEAD", "POST"])
def resend(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """POST: mail the receipt again, at most `MAX_RESENDS_PER_DAY` times a day."""
    if request.method == "POST" and submission.standing_filing is not None:
        try:
            resend_receipt(submission=submission, actor=request.user, at=submission.read_at)
        except TooManyResendsError as refusal:
            messages.warning(request, str(refusal))
        else:
            words = _("Nous renvoyons l’accusé de réception à l’adresse %(address)s.")
            messages.success(request, words % {"address": request.user.email})
    return redirect("submissions:follow", submission.public_id)


@require_own_submission
@require_http_methods(["GET", "HEAD", "POST"])
def prepare_receipt(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """POST: request the PDF of the receipt, if the filing did not request it. Idempotent."""
    if request.method == "POST" and submission.standing_filing is not None:
        reads_english = get_language() == "en"
        if request_receipt_pdf(
            submission=submission, actor=request.user, reads_english=reads_english, at=submission.read_at
        ):
            messages.success(
                request, _("Nous préparons votre accusé de réception en PDF. Revenez dans quelques minutes.")
            )
    return redirect("submissions:receipt", submission.public_id)


def _download_view(
    made: MakeResponse, not_yet: Promise, request_again: Callable[..., bool], requested: Promise
) -> Callable[..., HttpResponseBase]:
    """Return a view that sends a file of the filing with `sequence`, by default of the current filing, or HTTP 404.

    If the storage lost the file: redirect to the receipt's page. GET also requests the file again, if it can be
    generated, and the message is then `requested`.
    """

    @require_own_submission
    @require_safe
    def send(
        request: CandidateRequest, submission: Submission, sequence: int | None = None
    ) -> HttpResponseBase:
        which = Q(pk=submission.standing_filing_id) if sequence is None else Q(sequence=sequence)
        filing = get_object_or_404(submission.filings.select_related("seal", "receipt"), which)
        try:
            response = made(filing.seal)
        except FileNotFoundError:
            return redirect_lost_file(request, submission, filing)
        if response is None:
            raise Http404(not_yet)
        return response

    def redirect_lost_file(
        request: CandidateRequest, submission: Submission, filing: Filing
    ) -> HttpResponseBase:
        logger.error("a file made of receipt %s is lost", filing.receipt.number)
        if request.method == "GET":
            is_requested = request_again(receipt=filing.receipt, at=database_instant())
            messages.warning(request, str(requested if is_requested else _FILE_LOST_MESSAGE))
        return redirect("submissions:receipt", submission.public_id)

    return send


dossier = _download_view(
    dossier_response,
    gettext_lazy("Le dossier n’est pas encore prêt."),
    request_lost_dossier,
    _DOSSIER_LOST_MESSAGE,
)
signed_receipt = _download_view(
    receipt_response,
    gettext_lazy("L’accusé de réception en PDF n’est pas encore prêt."),
    request_lost_receipt,
    _RECEIPT_LOST_MESSAGE,
)
receipt_json = _download_view(
    json_receipt_response,
    gettext_lazy("L’accusé de réception en JSON n’est pas encore prêt."),
    request_lost_receipt,
    _RECEIPT_LOST_MESSAGE,
)
