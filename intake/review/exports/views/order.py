"""Pages of an export order: its progress, its cancellation, and the download while the file is kept."""

from collections.abc import Iterable
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from intake.accounts.models import User
from intake.outbox.models import Delivery
from intake.outbox.selectors import database_instant, deliveries_for
from intake.review.access.errors import ReviewError
from intake.review.delivery_kinds import EXPORT
from intake.review.exports.file_check import DamagedExportError, missing_in
from intake.review.exports.orders import cancel_order, open_order_file
from intake.review.exports.queries import expected_bytes
from intake.review.models import ExportOrder
from intake.review.pages.shortcuts import acting_user, admin_context, queue_of_offer, refuse

from .download import EXPORTS, file_download, impartiality_message, refused_message

_TONES = {
    ExportOrder.State.OPEN: "info",
    ExportOrder.State.READY: "success",
    ExportOrder.State.REFUSED: "error",
}


@require_http_methods(["GET", "HEAD", "POST"])
def export_order(request: HttpRequest, order_id: UUID) -> HttpResponseBase:
    """GET: the progress of the file, and its link. POST: cancel the order.

    A user who is no longer impartial about the offer reads no size and gets no file: the file may contain a submission
    that is hidden from them.

    :raises Http404: if there is no such order, or if it is another user's.
    """
    actor = acting_user(request, EXPORTS)
    order = _own_or_404(actor, order_id)
    if request.method == "POST":
        if cancel_order(order=order, actor=actor):
            messages.success(request, _("Le fichier est annulé : rien n’est sorti du portail."))
        else:
            messages.info(request, _("Il ne restait rien à annuler : voici où en est le fichier."))
        return redirect("review:export_order", order_id=order.public_id)
    failed = deliveries_for(order).filter(kind=EXPORT, state=Delivery.State.DEAD)
    is_stuck = order.is_open and failed.exists()
    is_archive = order.file_format == "zip"
    bound = impartiality_message(actor, order.offer)
    is_ready = order.state == ExportOrder.State.READY and order.expires_at > timezone.now()
    context = admin_context(request) | {
        "title": _("Fichier de la liste de présélection"),
        "order": order,
        "offer": order.offer,
        "is_live": order.is_open and not is_stuck,
        "is_stuck": is_stuck,
        "is_ready": is_ready,
        "missing": _missing_from(order) if is_ready and is_archive and not bound else 0,
        "is_written": order.done >= order.total,
        "expected": expected_bytes(order.offer, order.shortlist)
        if order.is_open and is_archive and not bound
        else 0,
        "bound_words": bound,
        "is_barred": bool(bound) and (order.is_open or is_ready),
        "refusal": refused_message(order.refusal) if order.refusal else "",
        "list_url": "" if bound else _list_url(order),
        "place": {"queue_url": queue_of_offer(order.offer)},
    }
    return TemplateResponse(request, "review/export_order.html", context)


@require_safe
def export_file(request: HttpRequest, order_id: UUID) -> HttpResponseBase:
    """Send the file of an order to the user who ordered it, while it is kept. Journal the download.

    :raises Http404: if there is no such order, or if it is another user's.
    """
    actor = acting_user(request, EXPORTS)
    order = _own_or_404(actor, order_id)
    try:
        file = open_order_file(order=order, actor=actor, at=database_instant())
    except ReviewError as refusal:
        words = refused_message(refusal.code)
    except FileNotFoundError:
        words = _("Le fichier est introuvable dans le portail : demandez-le de nouveau.")
    else:
        return file_download(file, order.offer, order.shortlist, order.file_format, order.language)
    return refuse(request, words, reverse("review:export_order", args=[order.public_id]))


def _missing_from(order: ExportOrder) -> int:
    """Return how many dossiers a ready archive lacks; 0 if the file cannot be read."""
    try:
        with default_storage.open(order.file_name, "rb") as file:
            return missing_in(cast("BinaryIO", file))
    except (OSError, DamagedExportError):  # reported by the download
        return 0


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


def _own_or_404(actor: User, order_id: UUID) -> ExportOrder:
    orders = ExportOrder.objects.select_related("offer", "shortlist", "export")
    return get_object_or_404(orders, public_id=order_id, actor=actor)


def _list_url(order: ExportOrder) -> str:
    """Return the address of the frozen list's page; empty for a file of the current list."""
    if order.shortlist is None:
        return ""
    return reverse("review:shortlist", args=[order.offer.number, order.shortlist.number])
