"""Pages to freeze a shortlist and to read a frozen one, and the box above the queue that links to them."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.dossiers.render import RenderError
from intake.journal.readings import record_shown
from intake.outbox.selectors import database_instant
from intake.review.access.impartiality import is_impartial
from intake.review.access.visibility import visible_submissions
from intake.review.exports.errors import PdfNotMadeError
from intake.review.exports.forms import ExportForm
from intake.review.exports.queries import current_bytes, expected_bytes, needs_order, recent_orders
from intake.review.exports.views import (
    download_or_redirect,
    export_formats,
    impartiality_message,
    order_links,
)
from intake.review.marks.errors import MarksNotSubmittedError
from intake.review.marks.queries import submissions_with_hidden_marks
from intake.review.marks.scores import mean_figures
from intake.review.models import Shortlist
from intake.review.pages.labels import human_review_label, verdict_label
from intake.review.pages.sealed_filing import payload_or_none
from intake.review.pages.shortcuts import acting_user, admin_context, queue_of_offer, refuse
from intake.review.shortlists.forms import FreezeForm
from intake.review.shortlists.lines import (
    Entry,
    LazyEntries,
    filings_of,
    fingerprint_of,
    fingerprint_of_frozen,
    lazy_entries_of,
    lazy_frozen_entries_of,
    submissions_on,
)
from intake.review.shortlists.operations import (
    EmptyShortlistError,
    StaleShortlistError,
    freeze_shortlist,
)
from intake.submissions.models import Filing
from intake.submissions.states import HumanReview, State
from offers.models import Offer

PAGE = 100
"""Submissions on one page of a list. Freezing, exports and digests always cover the full list."""


@require_http_methods(["GET", "HEAD", "POST"])
def freeze(request: HttpRequest, number: str) -> HttpResponseBase:
    """GET: the list as it will be frozen, and a form for the reason. POST: freeze it."""
    actor = acting_user(request, "review.freeze_shortlist")
    offer = get_object_or_404(Offer, number=number)
    if message := impartiality_message(actor, offer):
        return refuse(request, message, "admin:submissions_submission_changelist")
    form = FreezeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (frozen := _freeze_from_form(request, offer, actor, form)):
        return redirect("review:shortlist", number=offer.number, list_number=frozen.number)
    # Read before the rows: if the list changes between the two reads, the freeze is refused.
    known = fingerprint_of(offer)
    if form.is_bound:
        form.update_version(seen=str(known))
    else:
        form = FreezeForm(initial={"seen": str(known)})
    last = offer.shortlists.order_by("-number").first()
    context = _list_context(request, offer, None, partial(lazy_entries_of, offer, known)) | {
        "title": _("Figer la liste de présélection"),
        "form": form,
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
    message = (
        _("Cette liste est déjà figée, sous le numéro %(number)s : il n’y a rien de nouveau à figer.")
        if frozen == last
        else _("La liste %(number)s est figée.")
    )
    messages.success(request, message % {"number": frozen.number})
    return frozen


@require_http_methods(["GET", "HEAD", "POST"])
def shortlist_page(request: HttpRequest, number: str, list_number: int) -> HttpResponseBase:
    """GET: a frozen list and its export history. POST: export it, with a reason."""
    actor = acting_user(request, "submissions.export_shortlist")
    shortlist = get_object_or_404(
        Shortlist.objects.select_related("offer", "frozen_by"), offer__number=number, number=list_number
    )
    offer = shortlist.offer
    if message := impartiality_message(actor, offer):
        return refuse(request, message, "admin:submissions_submission_changelist")
    form = ExportForm(request.POST if request.method == "POST" else None, initial={"key": uuid4()})
    if form.is_valid():
        try:
            return download_or_redirect(form, actor=actor, offer=offer, shortlist=shortlist)
        except MarksNotSubmittedError as refusal:
            form.add_error(None, str(refusal))
        except RenderError:
            form.add_error(None, str(PdfNotMadeError()))
    listed = _list_context(request, offer, shortlist, partial(lazy_frozen_entries_of, shortlist))
    context = listed | {
        "title": _("Liste de présélection %(number)s") % {"number": shortlist.number},
        "shortlist": shortlist,
        "unread_words": MarksNotSubmittedError.message if listed["by_number"] else "",
        "others": offer.shortlists.exclude(pk=shortlist.pk).order_by("-number"),
        "form": form,
        "formats": export_formats(),
        "archive_bytes": expected_bytes(offer, shortlist),
        "is_long": needs_order("csv", shortlist.rows_count),
        "orders": order_links(recent_orders(actor, offer=offer, shortlist=shortlist, at=timezone.now())),
        "exports": shortlist.exports.select_related("actor").order_by("-at", "-pk"),
    }
    return TemplateResponse(request, "review/shortlist.html", context, status=422 if form.is_bound else 200)


def _list_context(
    request: HttpRequest, offer: Offer, shortlist: Shortlist | None, read: Callable[..., LazyEntries]
) -> dict[str, Any]:
    """Return the context of a page of a list, without the means that the user, a committee member, has yet to mark.

    `read` returns the entries; with `by_number`, by receipt number.
    """
    unread = submissions_with_hidden_marks(
        user=acting_user(request), offer=offer, submissions=submissions_on(offer, shortlist)
    )
    page = Paginator(read(by_number=bool(unread)), PAGE).get_page(request.GET.get("page"))
    entries = list(page)
    filings = filings_of(entries)
    record_shown(request, [filing.submission for filing in filings])
    return admin_context(request) | {
        "offer": offer,
        "place": {"queue_url": queue_of_offer(offer)},
        "page": page,
        "lines": [
            _line_row(entry, filing, unread=filing.submission_id in unread)
            for entry, filing in zip(entries, filings, strict=True)
        ],
        "by_number": bool(unread),
    }


def _line_row(entry: Entry, filing: Filing, *, unread: bool) -> dict[str, Any]:
    payload = payload_or_none(filing.seal)
    return {
        "row": entry,
        "unread": unread,
        "name": payload.person.sorted_name if payload else _("Anonymisée"),
        "url": reverse("review:file", args=[filing.submission.public_id]),
        "mean": mean_figures(entry.score),
        "verdict": verdict_label(filing.verdict.outcome),
        "reserve": None if entry.reserve == HumanReview.NONE else human_review_label(entry.reserve),
    }


def shortlist_box(request: HttpRequest, number: str) -> dict[str, Any] | None:
    """Return the context of the box for the offer with this number; None for a user who may not export."""
    user = acting_user(request)
    if not user.has_perm("submissions.export_shortlist"):
        return None
    offer = Offer.objects.filter(number=number).first() if number else None
    if offer is None:
        return {"offer": None}
    listed = visible_submissions(user).filter(offer=offer, state=State.SHORTLISTED)
    count = listed.count()
    form = ExportForm(auto_id="export-%s", initial={"key": uuid4()})
    may_freeze = user.has_perm("review.freeze_shortlist")
    may_weigh = user.has_perm("review.change_lineweight")
    may_blind = user.has_perm("review.set_blind_reading")
    may_divide = user.has_perm("review.assign_submission") and is_impartial(user=user, offer=offer)
    decides = user.has_perm("submissions.decide_submission")
    return {
        "offer": offer,
        "count": count,
        "formats": export_formats(offer),
        "form": form,
        "archive_bytes": current_bytes(listed, count),
        "is_long": needs_order("csv", count),
        "orders": order_links(recent_orders(user, offer=offer, at=timezone.now())),
        "freeze_url": reverse("review:freeze_shortlist", args=[offer.number]) if may_freeze else "",
        "ranking_url": reverse("review:ranking", args=[offer.number]) if decides else "",
        "weights_url": reverse("review:weights", args=[offer.number]) if may_weigh else "",
        "blind_url": reverse("review:blind_reading", args=[offer.number]) if may_blind else "",
        "division_url": reverse("review:assignments", args=[offer.number]) if may_divide else "",
        "frozen": offer.shortlists.order_by("-number"),
    }
