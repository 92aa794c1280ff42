"""Download a shortlist, current or frozen, at once or through a worker."""

from tempfile import TemporaryFile
from typing import IO, Any, cast
from uuid import UUID, uuid4

from django.core.files.base import File
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from intake.accounts.models import User
from intake.documents.downloads import safe_response
from intake.dossiers.render import RenderError
from intake.outbox.selectors import database_instant
from intake.review.access.errors import InConflictError, OwnSubmissionError, ReviewError
from intake.review.access.impartiality import check_impartial
from intake.review.exports.errors import PdfNotMadeError
from intake.review.exports.forms import FORMAT_LABELS, ExportForm
from intake.review.exports.operations import FORMATS, export_shortlist
from intake.review.exports.orders import order_export
from intake.review.exports.queries import needs_order, rows_on
from intake.review.models import Shortlist
from intake.review.pages.labels import stored_message
from intake.review.pages.shortcuts import acting_user, queue_of_offer, refuse
from offers.models import Offer

EXPORTS = "submissions.export_shortlist"
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "pdf": "application/pdf",
}


@require_POST
def export(request: HttpRequest, number: str, file_format: str) -> HttpResponseBase:
    """POST: download the shortlist of an offer, or redirect to the page of the order that a worker performs.

    POST, because each export is recorded: a browser must not prefetch one.
    """
    actor = acting_user(request, EXPORTS)
    if file_format not in FORMATS:
        raise Http404
    offer = get_object_or_404(Offer, number=number)
    form = ExportForm(request.POST.dict() | {"file_format": file_format})
    try:
        if form.is_valid():
            return download_or_redirect(offer=offer, actor=actor, **form.cleaned_data)
        words = " ".join(str(error) for errors in form.errors.values() for error in errors)
    except RenderError:
        words = str(PdfNotMadeError())
    except ReviewError as refusal:
        words = refused_message(refusal.code)
    return refuse(request, words, queue_of_offer(offer))


def download_or_redirect(
    *,
    key: UUID | None,
    offer: Offer,
    actor: User,
    file_format: str,
    shortlist: Shortlist | None = None,
    language: str,
    reason: str,
) -> HttpResponseBase:
    """Return the download of a shortlist or, for an archive or a long list, a redirect to its order.

    `key` is the page's.

    :raises intake.review.access.errors.ReviewError: as `export_shortlist`.
    :raises intake.dossiers.render.RenderError: as `export_shortlist`.
    """
    if needs_order(file_format, rows_on(offer, shortlist)):
        order = order_export(
            key=key or uuid4(),
            offer=offer,
            actor=actor,
            file_format=file_format,
            at=database_instant(),
            shortlist=shortlist,
            language=language,
            reason=reason,
        )
        return redirect("review:export_order", order_id=order.public_id)
    file = TemporaryFile()  # noqa: SIM115 -- the response closes it after sending
    try:
        export_shortlist(
            offer=offer,
            file_format=file_format,
            to=file,
            actor=actor,
            shortlist=shortlist,
            language=language,
            reason=reason,
        )
    except BaseException:
        file.close()
        raise
    return file_download(file, offer, shortlist, file_format, language)


def export_formats(standing: Offer | None = None) -> list[dict[str, str]]:
    """Return one button per format: its name, its label and, for the current list of `standing`, its address."""
    return [
        {
            "name": name,
            "label": str(label),
            "url": reverse("review:export_shortlist", args=[standing.number, name]) if standing else "",
        }
        for name, label in FORMAT_LABELS
    ]


def file_download(
    file: IO[bytes] | File[Any], offer: Offer, shortlist: Shortlist | None, file_format: str, language: str
) -> FileResponse:
    """Return an uncached response that downloads a shortlist file under a name that identifies the list."""
    named = f"preselection-{offer.number}"
    if shortlist is not None:
        named += f"-liste-{shortlist.number}"
    if language != "fr":
        named += f"-{language}"
    return safe_response(
        cast("File[bytes]", file), f"{named}.{file_format}", MEDIA_TYPES[file_format], as_attachment=True
    )


def refused_message(code: str) -> str:
    """Return why an export was refused, by the error's code."""
    return stored_message(code, "export_message") or _("Le fichier n’a pas pu être produit (%(code)s).") % {
        "code": code
    }


def impartiality_message(actor: User, offer: Offer) -> str:
    """Return why `actor` may not export a list of `offer`; empty if they are impartial."""
    try:
        check_impartial(actor=actor, offer=offer)
    except (OwnSubmissionError, InConflictError) as refusal:
        return str(refusal.export_message)
    return ""
