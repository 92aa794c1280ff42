"""Pages to freeze a shortlist and to read a frozen one: its rows, its digest, its files and its export history."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.dossiers.render import RenderError
from intake.outbox.selectors import database_instant
from intake.review.exports.errors import PdfNotMadeError
from intake.review.exports.forms import ExportForm
from intake.review.exports.queries import expected_bytes, needs_order, recent_orders
from intake.review.exports.views.download import (
    download_or_redirect,
    export_formats,
    impartiality_message,
)
from intake.review.exports.views.order import order_links
from intake.review.marks.errors import MarksNotSubmittedError
from intake.review.marks.queries import submissions_with_hidden_marks
from intake.review.marks.scores import mean_figures
from intake.review.models import Shortlist
from intake.review.pages.labels import human_review_label, verdict_label
from intake.review.pages.sealed_filing import payload_or_none
from intake.review.pages.shortcuts import acting_user, admin_context, queue_of_offer, refuse
from intake.review.shortlists.errors import EmptyShortlistError, StaleShortlistError
from intake.review.shortlists.fingerprint import fingerprint_of, fingerprint_of_frozen
from intake.review.shortlists.forms import FreezeForm
from intake.review.shortlists.lines import (
    Entry,
    LazyEntries,
    Line,
    lazy_entries_of,
    lazy_frozen_entries_of,
    lines_of_entries,
    submissions_on,
)
from intake.review.shortlists.operations import freeze_shortlist
from intake.submissions.states import HumanReview
from offers.models import Offer

PAGE = 100
"""Submissions on one page of a list. Freezing, exports and digests always cover the full list."""


@require_http_methods(["GET", "HEAD", "POST"])
def freeze(request: HttpRequest, number: str) -> HttpResponseBase:
    """GET: the list as it will be frozen, and a form for the reason. POST: freeze it."""
    actor = acting_user(request, "review.freeze_shortlist")
    offer = get_object_or_404(Offer, number=number)
    if words := impartiality_message(actor, offer):
        return refuse(request, words, "admin:submissions_submission_changelist")
    form = FreezeForm(request.POST if request.method == "POST" else None)
    if (
        form.is_bound
        and form.is_valid()
        and (frozen := _freeze_from_form(request, offer, actor, form)) is not None
    ):
        return redirect("review:shortlist", number=offer.number, list_number=frozen.number)
    # Read before the rows: if the list changes between the two reads, the freeze is refused.
    known = fingerprint_of(offer)
    if form.is_bound:
        form.update_version(seen=str(known))
    else:
        form = FreezeForm(initial={"seen": str(known)})
    last = offer.shortlists.order_by("-number").first()
    unread = submissions_with_hidden_marks(user=actor, offer=offer, submissions=submissions_on(offer, None))
    page = _page(request, lazy_entries_of(offer, known, by_number=bool(unread)))
    context = admin_context(request) | {
        "title": _("Figer la liste de présélection"),
        "offer": offer,
        "place": {"queue_url": queue_of_offer(offer)},
        "form": form,
        "page": page,
        "lines": _line_rows(page, unread),
        "by_number": bool(unread),
        "last": last,
        "unchanged": last is not None and fingerprint_of_frozen(last) == known,
    }
    return TemplateResponse(request, "review/freeze.html", context, status=422 if form.is_bound else 200)


def _freeze_from_form(request: HttpRequest, offer: Offer, actor: User, form: FreezeForm) -> Shortlist | None:
    """Freeze the list that was read. Return None if the page must be shown again."""
    last = offer.shortlists.order_by("-number").first()
    try:
        frozen = freeze_shortlist(
            offer=offer,
            actor=actor,
            reason=form.cleaned_data["reason"],
            at=database_instant(),
            seen=form.cleaned_data["seen"],
        )
    except (EmptyShortlistError, StaleShortlistError) as refusal:
        form.add_error(None, str(refusal))
        return None
    words = (
        _("Cette liste est déjà figée, sous le numéro %(number)s : rien de nouveau n’a été figé.")
        if frozen == last
        else _("La liste %(number)s est figée.")
    )
    messages.success(request, words % {"number": frozen.number})
    return frozen


@require_http_methods(["GET", "HEAD", "POST"])
def shortlist_page(request: HttpRequest, number: str, list_number: int) -> HttpResponseBase:
    """GET: a frozen list and its export history. POST: export it, with a reason."""
    actor = acting_user(request, "submissions.export_shortlist")
    shortlist = get_object_or_404(
        Shortlist.objects.select_related("offer", "frozen_by"), offer__number=number, number=list_number
    )
    if words := impartiality_message(actor, shortlist.offer):
        return refuse(request, words, "admin:submissions_submission_changelist")
    form = ExportForm(request.POST if request.method == "POST" else None, initial={"key": uuid4()})
    if form.is_bound and form.is_valid():
        try:
            return download_or_redirect(
                key=form.cleaned_data["key"],
                offer=shortlist.offer,
                actor=actor,
                shortlist=shortlist,
                file_format=form.cleaned_data["file_format"],
                language=form.cleaned_data["language"],
                reason=form.cleaned_data["reason"],
            )
        except MarksNotSubmittedError as refusal:
            form.add_error(None, str(refusal))
        except RenderError:
            form.add_error(None, str(PdfNotMadeError()))
    unread = submissions_with_hidden_marks(
        user=actor, offer=shortlist.offer, submissions=submissions_on(shortlist.offer, shortlist)
    )
    page = _page(request, lazy_frozen_entries_of(shortlist, by_number=bool(unread)))
    context = admin_context(request) | {
        "title": _("Liste de présélection %(number)s") % {"number": shortlist.number},
        "offer": shortlist.offer,
        "place": {"queue_url": queue_of_offer(shortlist.offer)},
        "shortlist": shortlist,
        "page": page,
        "lines": _line_rows(page, unread),
        "by_number": bool(unread),
        "unread_words": MarksNotSubmittedError.message if unread else "",
        "others": shortlist.offer.shortlists.exclude(pk=shortlist.pk).order_by("-number"),
        "form": form,
        "formats": export_formats(),
        "archive_bytes": expected_bytes(shortlist.offer, shortlist),
        "is_long": needs_order("csv", shortlist.rows_count),
        "orders": order_links(
            recent_orders(actor, offer=shortlist.offer, shortlist=shortlist, at=timezone.now())
        ),
        "exports": shortlist.exports.select_related("actor").order_by("-at", "-pk"),
    }
    return TemplateResponse(request, "review/shortlist.html", context, status=422 if form.is_bound else 200)


def _page(request: HttpRequest, entries: LazyEntries) -> Page[Entry]:
    return Paginator(entries, PAGE).get_page(request.GET.get("page"))


def _line_rows(page: Page[Entry], unread: set[int]) -> list[dict[str, Any]]:
    """Return the rows of a page, without a mean that the reader, as a committee member, has yet to mark."""
    return [
        _line_row(line, unread=line.filing.submission_id in unread) for line in lines_of_entries(list(page))
    ]


def _line_row(line: Line, *, unread: bool) -> dict[str, Any]:
    entry, payload = line.entry, payload_or_none(line.filing.seal)
    return {
        "row": entry,
        "unread": unread,
        "name": payload.person.sorted_name if payload else _("Anonymisée"),
        "url": reverse("review:file", args=[line.filing.submission.public_id]),
        "mean": mean_figures(entry.score),
        "verdict": verdict_label(line.filing.verdict.outcome),
        "reserve": None if entry.reserve == HumanReview.NONE else human_review_label(entry.reserve),
    }
