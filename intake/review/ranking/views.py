"""Page « Classement »: ranking by marks, its stability, trial weights and meeting notes."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.journal.readings import record_shown
from intake.review.access.committee_membership import applied_to
from intake.review.access.visibility import grid_lines_of, visible_submissions
from intake.review.marks.queries import weights_of
from intake.review.marks.scores import thousandths
from intake.review.models import MeetingNote
from intake.review.pages.labels import state_label
from intake.review.pages.queue_navigation import UNMARKED
from intake.review.pages.shortcuts import acting_user, admin_context, queue_of_offer, receipt_number, refuse
from intake.submissions.models import Submission
from intake.web import formats
from offers.models import Offer

from .dot_plot import plot_of, value_of
from .forms import MeetingNoteForm, TrialWeightsForm
from .operations import add_meeting_note
from .ranks import Order, RankedFile
from .table import RankingRow, RankingTable, may_read_meeting_notes, ranking_table_of

PAGE = 50
"""Submissions on one page, and in its plot."""
ORDERS = {
    "moyenne": (Order.MEAN, gettext_lazy("Moyenne")),
    "mediane": (Order.MEDIAN, gettext_lazy("Médiane")),
    "recentree": (Order.CENTRED, gettext_lazy("Moyenne recentrée")),
}
"""Values of the query parameter `tri`, with their order and label."""


@require_http_methods(["GET", "HEAD", "POST"])
def ranking(request: HttpRequest, number: str) -> HttpResponseBase:
    """GET: the ranking, by the stored weights or by those in the query string. POST: add a note."""
    actor = acting_user(request, "submissions.decide_submission")
    offer = get_object_or_404(Offer, number=number)
    if applied_to(user=actor, offer_id=offer.pk):
        return refuse(
            request,
            _("Vous avez postulé à cette offre : vous ne pouvez pas voir son classement."),
            "admin:submissions_submission_changelist",
        )
    asked = request.GET.get("tri", "")
    by, order_words = ORDERS.get(asked) or ORDERS["moyenne"]
    trial = _trial(request, offer)
    tried = trial.weights() if trial.is_bound and trial.is_valid() and trial.has_changed() else None
    board = ranking_table_of(user=actor, offer=offer, by=by, tried=tried)
    reads_notes = may_read_meeting_notes(user=actor, offer=offer, board=board)
    note = MeetingNoteForm(request.POST if request.method == "POST" else None)
    if note.is_bound and not reads_notes:
        # The user lost access after the page was displayed: keep the text, to copy it or add it later.
        note.add_error(
            "text", _("L’observation n’est pas ajoutée : vous n’avez plus accès à ces observations.")
        )
    if note.is_valid():
        add_meeting_note(offer=offer, author=actor, text=note.cleaned_data["text"])
        messages.success(request, _("L’observation est ajoutée."))
        return redirect(f"{request.get_full_path()}#notes")
    page = Paginator(board, PAGE).get_page(request.GET.get("page"))
    rows = _rows(actor, page.object_list, by=by, tried=tried is not None)
    record_shown(request, [row["file"] for row in rows])
    plot = plot_of((row["place"] for row in rows), by=by)
    for row, drawn in zip(rows, plot.rows, strict=True):
        row["drawn"] = drawn
    context = admin_context(request) | {
        "title": _("Classement"),
        "offer": offer,
        "place": {"queue_url": queue_of_offer(offer)},
        "board": board,
        "running_words": _ranked_count_message(board),
        "orders": [(key, words, order == by) for key, (order, words) in ORDERS.items()],
        "asked": asked if asked in ORDERS else "",
        "order_words": order_words,
        "page": page,
        "rows": rows,
        "plot": plot,
        "unread_url": f"{queue_of_offer(offer)}&a-moi={UNMARKED}",
        "trial": trial,
        "is_trial": tried is not None,
        "trial_words": _trial_message(trial, board, tried=tried is not None),
        "note": note,
        "notes": MeetingNote.objects.filter(offer=offer).select_related("author").order_by("-at", "-pk")
        if reads_notes
        else None,
    }
    return TemplateResponse(request, "review/ranking.html", context, status=422 if note.is_bound else 200)


def _ranked_count_message(board: RankingTable) -> str:
    """Return the number of files in the table, or « plus de » if there are more than are counted."""
    number = formats.number(len(board))
    return _("plus de %(number)s") % {"number": number} if board.is_bounded else number


def _trial(request: HttpRequest, offer: Offer) -> TrialWeightsForm:
    """Return the form of trial weights, bound if the query string has any."""
    lines = grid_lines_of(offer)
    initial = {f"weight_{line}": weight for line, weight in weights_of(lines).items()}
    given = request.GET if initial.keys() & request.GET.keys() else None
    return TrialWeightsForm(given, initial=initial, lines=lines)


def _trial_message(trial: TrialWeightsForm, board: RankingTable, *, tried: bool) -> str:
    """Return one line about the effect of the trial weights. Empty without any."""
    if trial.is_bound and trial.errors:
        return " ".join([_("L’essai n’est pas fait : corrigez un poids."), *trial.non_field_errors()])
    if not tried:
        return _("Voici les pondérations enregistrées.") if trial.is_bound else ""
    if not board.moved:
        return _("Essai : aucune candidature ne change de rang. Rien n’est enregistré.")
    words = ngettext(
        "Essai : %(number)s candidature change de rang. Rien n’est enregistré.",
        "Essai : %(number)s candidatures changent de rang. Rien n’est enregistré.",
        board.moved,
    )
    return words % {"number": formats.number(board.moved)}


def _rows(actor: User, places: Iterable[RankingRow], *, by: Order, tried: bool) -> list[dict[str, Any]]:
    """Return the context of the table and plot rows. One query for the files."""
    places = list(places)
    files = visible_submissions(actor).select_related("standing_filing__receipt")
    by_key = files.in_bulk([place.submission for place in places])
    return [
        _row(by_key[place.submission], place, by=by, tried=tried)
        for place in places
        if place.submission in by_key
    ]


def _row(submission: Submission, place: RankingRow, *, by: Order, tried: bool) -> dict[str, Any]:
    ranked = place.standing
    rank = _rank_text(ranked)
    name = submission.filed_name or _("Anonymisée")
    return {
        "place": place,
        "file": submission,
        "name": name,
        "number": receipt_number(submission),
        "url": reverse("review:file", args=[submission.public_id]),
        "state": state_label(submission.state),
        "rank": rank,
        "label": f"{rank} · {name}" if ranked.rank else name,
        "marks": ranked.marks,
        "value": thousandths(value_of(ranked, by)),
        "others": [thousandths(value_of(ranked, order)) for order, _words in ORDERS.values() if order != by],
        "spread": thousandths(ranked.spread),
        "between": _range_text(ranked),
        "moved": _rank_change(place) if tried else None,
    }


def _rank_text(ranked: RankedFile) -> str:
    if ranked.rank is None:
        return "—"
    return _("%(rank)s ex æquo") % {"rank": ranked.rank} if ranked.tied else str(ranked.rank)


def _range_text(ranked: RankedFile) -> str:
    """Return the ranks that a file would have if one reviewer were left out."""
    if ranked.best is None or ranked.worst is None:
        return _("une seule note") if ranked.rests_on_one else "—"
    if ranked.best == ranked.worst:
        between = str(ranked.best)
    else:
        between = _("%(best)s à %(worst)s") % {"best": ranked.best, "worst": ranked.worst}
    return _("%(between)s ; une seule note") % {"between": between} if ranked.rests_on_one else between


def _rank_change(place: RankingRow) -> dict[str, str] | None:
    """Return how far the trial weights move a file, as a sign and a text. None if it keeps its rank."""
    before, now = place.before.rank if place.before else None, place.standing.rank
    if before is None or now is None or before == now:
        return None
    ranks = abs(before - now)
    figure = formats.number(ranks)
    if now < before:
        words = ngettext("monte de %(ranks)s rang", "monte de %(ranks)s rangs", ranks)
        return {"sign": f"▲{figure}", "words": words % {"ranks": figure}, "way": "up"}
    words = ngettext("descend de %(ranks)s rang", "descend de %(ranks)s rangs", ranks)
    return {"sign": f"▼{figure}", "words": words % {"ranks": figure}, "way": "down"}
