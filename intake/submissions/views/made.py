"""What was made of a filing, sent to its person: the dossier, and the signed receipt in its two forms."""

from collections.abc import Callable

from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from intake.dossiers.downloads import dossier_response, receipt_response, twin_response
from intake.dossiers.models import Seal
from intake.submissions.models import Submission

from .access import CandidateRequest, own

type Made = Callable[[Seal], FileResponse | None]


def _sends(made: Made, not_yet: Promise) -> Callable[..., HttpResponseBase]:
    """Return the view that sends what was made of a filing, the standing one unless a sequence is named; else 404."""

    @own
    @require_safe
    def send(
        _request: CandidateRequest, submission: Submission, sequence: int | None = None
    ) -> HttpResponseBase:
        which = Q(pk=submission.standing_filing_id) if sequence is None else Q(sequence=sequence)
        filing = get_object_or_404(submission.filings.select_related("seal"), which)
        found = made(filing.seal)
        if found is None:
            raise Http404(not_yet)
        return found

    return send


dossier = _sends(dossier_response, _("Le dossier n’est pas encore prêt."))
signed_receipt = _sends(receipt_response, _("L’accusé de réception en PDF n’est pas encore prêt."))
receipt_twin = _sends(twin_response, _("L’accusé de réception en JSON n’est pas encore prêt."))
