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
from intake.review.exports.forms import FORMAT_LABELS, ExportForm
from intake.review.exports.operations import FORMATS, export_shortlist
from intake.review.exports.orders import NOT_ALLOWED, NOT_MADE, TOO_LATE, order_export
from intake.review.exports.queries import needs_order, rows_on
from intake.review.marks.errors import MarksNotSubmittedError
from intake.review.models import Shortlist
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
        words = not_made_message()
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
    words = {
        OwnSubmissionError.code: own_application_message,
        InConflictError.code: conflict_message,
        MarksNotSubmittedError.code: marks_hidden_message,
        NOT_MADE: not_made_message,
        NOT_ALLOWED: not_allowed_message,
        TOO_LATE: too_late_message,
    }
    if code in words:
        return words[code]()
    return _("Le fichier n’a pas pu être produit (%(code)s).") % {"code": code}


def not_allowed_message() -> str:
    """Return why a user who lost the right to export does not get the file that they ordered."""
    return _("Vous ne pouvez plus exporter de liste : demandez-le à une autre personne.")


def too_late_message() -> str:
    """Return why an order that no worker performed in time has no file."""
    return _("Le fichier n’a pas été produit à temps : demandez-le de nouveau.")


def not_made_message() -> str:
    """Return what to do when a PDF could not be rendered."""
    return _("Le PDF n’a pas pu être produit. Réessayez, ou prenez le classeur : il a toutes les lignes.")


def impartiality_message(actor: User, offer: Offer) -> str:
    """Return why `actor` may not export a list of `offer`; empty if they are impartial."""
    try:
        check_impartial(actor=actor, offer=offer)
    except OwnSubmissionError:
        return own_application_message()
    except InConflictError:
        return conflict_message()
    return ""


def own_application_message() -> str:
    """Return why a user who applied to the offer gets no list, without revealing whether they are on it."""
    return _(
        "Vous avez posé votre candidature à cette offre : une autre personne doit s’occuper de la liste."
    )


def conflict_message() -> str:
    """Return why a user with a conflict of interest on a submission to the offer gets no list."""
    return _(
        "Vous avez un conflit d’intérêts sur une candidature à cette offre : une autre personne doit s’occuper de la "
        "liste."
    )


def marks_hidden_message() -> str:
    """Return why a committee member who has yet to mark gets no list."""
    return _(
        "Cette liste dit les moyennes du comité, et des appréciations vous y restent à remettre : remettez-les "
        "d’abord, ou demandez le fichier à une personne qui ne siège pas."
    )
