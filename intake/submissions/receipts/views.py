"""Views of a receipt: its page, sending its mail again, requesting its PDF."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from intake.dossiers.receipts.verifying import verifying_path
from intake.submissions.access.decorators import CandidateRequest, require_own_submission
from intake.submissions.delivery_kinds import DOSSIER_MAIL, RECEIPT_MAIL
from intake.submissions.filing.filed_verdict import display_filed_verdict
from intake.submissions.filing.sealed_filing import read_filing
from intake.submissions.lifecycle.candidate_status import candidate_status_of
from intake.submissions.models import Submission
from intake.submissions.timeline.queries import last_mail
from intake.transparency.selectors import expected_by, log_position

from .errors import TooManyResendsError
from .operations import request_receipt_pdf, resend_receipt
from .pdf_status import pdf_status_of
from .signed_receipt import statement_of


@require_own_submission
@require_safe
def receipt(request: CandidateRequest, submission: Submission) -> HttpResponse:
    """GET: number, instant and content of the current filing, and the status of its mail, PDF and dossier."""
    filing = submission.standing_filing
    if filing is None:
        return redirect("submissions:tasks", submission.public_id)
    filed = read_filing(filing)
    facts = statement_of(filed.receipt)
    at = submission.read_at
    standing = candidate_status_of(submission, at=at)
    context = {
        "submission": submission,
        "standing": standing,
        "reserve": submission.reserve,
        "is_decided": standing.is_decided,
        "offer": submission.offer,
        "filed": filed,
        "verdict": display_filed_verdict(filed),
        "replaced": filing.replaces,
        "facts": facts,
        "verify_address": verifying_path(facts),
        "receipt_pdf": pdf_status_of(filed),
        "receipt_mail": last_mail(filed.receipt, RECEIPT_MAIL),
        "dossier_mail": last_mail(filed.receipt, DOSSIER_MAIL),
        "logged": log_position(filed.receipt.number),
        "logged_by": expected_by(filing.received_at),
        "now": at,
    }
    return render(request, "submissions/receipt.html", context)


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
            words = _("L’accusé de réception part de nouveau à l’adresse %(address)s.")
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
                request, _("Votre accusé en PDF est demandé : il sera prêt d’ici quelques minutes.")
            )
    return redirect("submissions:receipt", submission.public_id)
