"""Download a shortlist, current or frozen, at once or through the page of an order that a worker performs."""

from collections.abc import Iterable
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, cast
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from intake.accounts.models import User
from intake.documents.downloads import safe_response
from intake.dossiers.render import RenderError
from intake.outbox.models import Delivery
from intake.outbox.selectors import database_instant, deliveries_for
from intake.review.access.errors import InConflictError, OwnSubmissionError, ReviewError
from intake.review.access.impartiality import check_impartial
from intake.review.delivery_kinds import EXPORT
from intake.review.models import ExportOrder, Shortlist
from intake.review.pages.labels import stored_message
from intake.review.pages.shortcuts import acting_user, admin_context, queue_of_offer, refuse
from offers.models import Offer

from .errors import PdfNotMadeError
from .file_check import DamagedExportError, missing_in
from .forms import FORMAT_LABELS, ExportForm
from .operations import FORMATS, export_shortlist
from .orders import cancel_order, open_order_file, order_export
from .queries import expected_bytes, needs_order, rows_on

EXPORTS = "submissions.export_shortlist"
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "pdf": "application/pdf",
}
_TONES = {
    ExportOrder.State.OPEN: "info",
    ExportOrder.State.READY: "success",
    ExportOrder.State.REFUSED: "error",
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
            return download_or_redirect(form, actor=actor, offer=offer)
        message = " ".join(str(error) for errors in form.errors.values() for error in errors)
    except RenderError:
        message = str(PdfNotMadeError())
    except ReviewError as refusal:
        message = refused_message(refusal.code)
    return refuse(request, message, queue_of_offer(offer))


def download_or_redirect(
    form: ExportForm, *, actor: User, offer: Offer, shortlist: Shortlist | None = None
) -> HttpResponseBase:
    """Return the file that a valid form requests or, for an archive or a long list, a redirect to its order.

    :raises ReviewError, intake.dossiers.render.RenderError: as `export_shortlist`.
    """
    requested = form.cleaned_data | {"actor": actor, "offer": offer, "shortlist": shortlist}
    key, file_format = requested.pop("key"), requested["file_format"]
    if needs_order(file_format, rows_on(offer, shortlist)):
        order = order_export(key=key or uuid4(), at=database_instant(), **requested)
        return redirect("review:export_order", order_id=order.public_id)
    file = TemporaryFile()  # noqa: SIM115 -- the response closes it after sending
    try:
        export_shortlist(to=file, **requested)
    except BaseException:
        file.close()
        raise
    return _file_download(file, offer, shortlist, file_format, requested["language"])


@require_http_methods(["GET", "HEAD", "POST"])
def export_order(request: HttpRequest, order_id: UUID) -> HttpResponseBase:
    """GET: the progress of the file, and its link. POST: cancel the order.

    A user who is no longer impartial about the offer reads no size and gets no file: the file may contain a submission
    that is hidden from them.
    """
    actor = acting_user(request, EXPORTS)
    order = _own_or_404(actor, order_id)
    if request.method == "POST":
        if cancel_order(order=order, actor=actor):
            messages.success(request, _("Le fichier est annulé : aucun fichier n’est exporté."))
        else:
            messages.info(request, _("Il n’y avait rien à annuler : voici l’état du fichier."))
        return redirect("review:export_order", order_id=order.public_id)
    failed = deliveries_for(order).filter(kind=EXPORT, state=Delivery.State.DEAD)
    is_stuck = order.is_open and failed.exists()
    bound = impartiality_message(actor, order.offer)
    is_sized_archive = order.file_format == "zip" and not bound
    is_ready = order.state == ExportOrder.State.READY and order.expires_at > timezone.now()
    context = admin_context(request) | {
        "title": _("Fichier de la liste de présélection"),
        "order": order,
        "offer": order.offer,
        "is_live": order.is_open and not is_stuck,
        "is_stuck": is_stuck,
        "is_ready": is_ready,
        "missing": _missing_from(order) if is_ready and is_sized_archive else 0,
        "is_written": order.done >= order.total,
        "expected": expected_bytes(order.offer, order.shortlist) if order.is_open and is_sized_archive else 0,
        "bound_words": bound,
        "is_barred": bool(bound) and (order.is_open or is_ready),
        "refusal": refused_message(order.refusal) if order.refusal else "",
        "list_url": reverse("review:shortlist", args=[order.offer.number, order.shortlist.number])
        if order.shortlist and not bound
        else "",
        "place": {"queue_url": queue_of_offer(order.offer)},
    }
    return TemplateResponse(request, "review/export_order.html", context)


@require_safe
def export_file(request: HttpRequest, order_id: UUID) -> HttpResponseBase:
    """Send the file of an order to the user who ordered it, while it is kept. Journal the download."""
    actor = acting_user(request, EXPORTS)
    order = _own_or_404(actor, order_id)
    try:
        file = open_order_file(order=order, actor=actor, at=database_instant())
    except ReviewError as refusal:
        message = refused_message(refusal.code)
    except FileNotFoundError:
        message = _("Le fichier est introuvable dans le portail : demandez-le de nouveau.")
    else:
        return _file_download(file, order.offer, order.shortlist, order.file_format, order.language)
    return refuse(request, message, reverse("review:export_order", args=[order.public_id]))


def _own_or_404(actor: User, order_id: UUID) -> ExportOrder:
    """Return an order of `actor`. Another user's gives HTTP 404, as one that does not exist."""
    orders = ExportOrder.objects.select_related("offer", "shortlist", "export")
    return get_object_or_404(orders, public_id=order_id, actor=actor)


def _missing_from(order: ExportOrder) -> int:
    """Return how many dossiers a ready archive lacks; 0 if the file cannot be read."""
    try:
        with default_storage.open(order.file_name, "rb") as file:
            return missing_in(cast("BinaryIO", file))
    except (OSError, DamagedExportError):  # reported by the download
        return 0


def _file_download(
    file: IO[bytes] | File[Any], offer: Offer, shortlist: Shortlist | None, file_format: str, language: str
) -> FileResponse:
    """Return an uncached response that downloads a shortlist file under a name that identifies the list."""
    name = f"preselection-{offer.number}"
    if shortlist is not None:
        name += f"-liste-{shortlist.number}"
    if language != "fr":
        name += f"-{language}"
    return safe_response(
        cast("File[bytes]", file), f"{name}.{file_format}", MEDIA_TYPES[file_format], as_attachment=True
    )


def export_formats(offer: Offer | None = None) -> list[dict[str, str]]:
    """Return one button per format: its name, its label and, for the current list of `offer`, its address."""
    return [
        {
            "name": name,
            "label": str(label),
            "url": reverse("review:export_shortlist", args=[offer.number, name]) if offer else "",
        }
        for name, label in FORMAT_LABELS
    ]


def order_links(orders: Iterable[ExportOrder]) -> list[dict[str, Any]]:
    """Return the address, state and tone of each order, for a page that links to them."""
    return [
        {
            "order": order,
            "url": reverse("review:export_order", args=[order.public_id]),
            "state": ExportOrder.State(order.state).label,
            "tone": _TONES.get(ExportOrder.State(order.state), "none"),
        }
        for order in orders
    ]


def refused_message(code: str) -> str:
    """Return why an export was refused, by the error's code."""
    return stored_message(code, "export_message") or _("La préparation du fichier a échoué (%(code)s).") % {
        "code": code
    }


def impartiality_message(actor: User, offer: Offer) -> str:
    """Return why `actor` may not export a list of `offer`; empty if they are impartial."""
    try:
        check_impartial(actor=actor, offer=offer)
    except (OwnSubmissionError, InConflictError) as refusal:
        return str(refusal.export_message)
    return ""
