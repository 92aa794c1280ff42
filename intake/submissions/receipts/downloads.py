"""Downloads for the candidate: PDF dossier, and signed receipt as PDF and as JSON."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from intake.dossiers.downloads import dossier_response, json_receipt_response, receipt_response
from intake.dossiers.models import Seal
from intake.outbox.selectors import database_instant
from intake.submissions.access.decorators import CandidateRequest, require_own_submission
from intake.submissions.models import Filing, Submission

from .lost_files import request_lost_dossier, request_lost_receipt

logger = logging.getLogger(__name__)

_RECEIPT_LOST_MESSAGE = _(
    "Le fichier de votre accusé est introuvable : il est produit de nouveau et sera ici d’ici quelques minutes. Votre "
    "dépôt n’en dépend pas : cette page est votre preuve."
)
_DOSSIER_LOST_MESSAGE = _(
    "Le fichier de votre dossier est introuvable : il est produit de nouveau, à partir de ce que vous avez déposé, et "
    "sera ici d’ici quelques minutes. Votre dépôt n’en dépend pas : cette page est votre preuve."
)
_FILE_LOST_MESSAGE = _(
    "Ce fichier est introuvable, et nous en sommes avertis. Votre dépôt n’en dépend pas : cette page est votre preuve."
)

type MakeResponse = Callable[[Seal], FileResponse | None]


@dataclass(frozen=True, slots=True)
class _LostFile:
    """For a file that the storage lost: the function that requests it again, and the message to the candidate."""

    ask: Callable[..., bool]
    said: Promise


_RECEIPT: Final = _LostFile(request_lost_receipt, _RECEIPT_LOST_MESSAGE)
_DOSSIER: Final = _LostFile(request_lost_dossier, _DOSSIER_LOST_MESSAGE)


def _download_view(made: MakeResponse, not_yet: Promise, again: _LostFile) -> Callable[..., HttpResponseBase]:
    """Return a view that sends a file of the filing with `sequence`, by default of the current filing, or HTTP 404."""

    @require_own_submission
    @require_safe
    def send(
        request: CandidateRequest, submission: Submission, sequence: int | None = None
    ) -> HttpResponseBase:
        which = Q(pk=submission.standing_filing_id) if sequence is None else Q(sequence=sequence)
        filing = get_object_or_404(submission.filings.select_related("seal", "receipt"), which)
        try:
            found = made(filing.seal)
        except FileNotFoundError:
            return _redirect_lost_file(request, submission, filing, again)
        if found is None:
            raise Http404(not_yet)
        return found

    return send


def _redirect_lost_file(
    request: CandidateRequest, submission: Submission, filing: Filing, again: _LostFile
) -> HttpResponseBase:
    """Redirect to the receipt's page with a message. GET also requests the lost file again, if it can be generated."""
    logger.error("a file made of receipt %s is lost", filing.receipt.number)
    if request.method == "GET":
        lost = again.ask(receipt=filing.receipt, at=database_instant())
        messages.warning(request, str(again.said if lost else _FILE_LOST_MESSAGE))
    return redirect("submissions:receipt", submission.public_id)


dossier = _download_view(dossier_response, _("Le dossier n’est pas encore prêt."), _DOSSIER)
signed_receipt = _download_view(
    receipt_response, _("L’accusé de réception en PDF n’est pas encore prêt."), _RECEIPT
)
receipt_json = _download_view(
    json_receipt_response, _("L’accusé de réception en JSON n’est pas encore prêt."), _RECEIPT
)
