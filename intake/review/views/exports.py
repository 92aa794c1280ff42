"""Downloading a shortlist: as it stands, or as it was frozen."""

from tempfile import TemporaryFile

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from intake.accounts.models import User
from intake.dossiers.render import RenderError
from intake.review.errors import InConflictError, OwnMarksFirstError, OwnSubmissionError
from intake.review.models import Shortlist
from intake.review.services.shortlists import FORMATS, export_shortlist
from offers.models import Offer

from .access import acting_user

_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "pdf": "application/pdf",
}


@require_POST
def export(request: HttpRequest, number: str, file_format: str) -> HttpResponseBase:
    """Send the shortlist of an offer as a file. A POST: each export is recorded, so nothing prefetches one."""
    actor = acting_user(request)
    if not actor.has_perm("submissions.export_shortlist"):
        raise PermissionDenied
    if file_format not in FORMATS:
        raise Http404
    offer = get_object_or_404(Offer, number=number)
    try:
        return send_shortlist(offer=offer, actor=actor, file_format=file_format)
    except OwnSubmissionError:
        words = _("Votre propre candidature est sur cette liste : une autre personne doit l’exporter.")
    except InConflictError:
        words = conflict_words()
    except OwnMarksFirstError:
        words = unread_words()
    except RenderError:
        words = _(
            "Le PDF n’a pas pu être produit. Réessayez, ou prenez le classeur : il a toutes les lignes."
        )
    messages.error(request, words)
    return redirect("admin:submissions_submission_changelist")


def conflict_words() -> str:
    """Return why somebody with a conflict of interest on a candidature to the offer takes no list of it."""
    return _(
        "Vous avez un conflit d’intérêts sur une candidature à cette offre : une autre personne doit s’occuper de la "
        "liste."
    )


def unread_words() -> str:
    """Return why a member of the committee who has yet to mark takes no list of it."""
    return _(
        "Cette liste dit les moyennes du comité, et des appréciations vous y restent à remettre : remettez-les "
        "d’abord, ou demandez le fichier à une personne qui ne siège pas."
    )


def send_shortlist(
    *,
    offer: Offer,
    actor: User,
    file_format: str,
    shortlist: Shortlist | None = None,
    language: str = "fr",
    reason: str = "",
) -> FileResponse:
    """Return the answer that downloads a shortlist.

    :raises intake.review.errors.ReviewError: as `export_shortlist` does.
    :raises intake.dossiers.render.RenderError: same.
    """
    file = TemporaryFile()  # noqa: SIM115 -- the answer closes it once it was sent
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
    named = f"preselection-{offer.number}"
    if shortlist is not None:
        named += f"-liste-{shortlist.number}"
    if language != "fr":
        named += f"-{language}"
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"{named}.{file_format}",
        content_type=_MEDIA_TYPES[file_format],
    )
