"""Pages to prepare and to change a decision batch: its submissions, and the texts for their candidates."""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.review.access.errors import ReviewError
from intake.review.access.visibility import visible_submissions
from intake.review.decisions.errors import (
    BatchClosedError,
    NotThePreparerError,
    StaleBatchError,
    StaleChoiceError,
)
from intake.review.decisions.forms import BatchForm
from intake.review.decisions.labels import batch_refusal_message
from intake.review.decisions.operations import BATCH_MAX, change_batch, prepare_batch
from intake.review.decisions.queries import (
    ANNOUNCED_MOVES,
    PREPARE,
    decidable,
    in_decision_order,
    may_decide_on,
)
from intake.review.marks.queries import annotated_marks, are_marks_hidden
from intake.review.marks.scores import mean_figures
from intake.review.models import DecisionBatch
from intake.review.pages.labels import state_label
from intake.review.pages.shortcuts import admin_context, refuse
from intake.submissions.lifecycle.errors import OfferCancelledError
from intake.submissions.models import Submission
from intake.submissions.states import SELECTION_ACTIONS, TABLE, Action, Move, State
from offers.models import Offer

from .batches import batch_or_404, deciding_user, redirect_conflicted_user
from .choose import offer_of, show_action_choice

CHOSEN: Final = "candidatures"
"""Parameter with submissions chosen on another page: their public identifiers, repeated or with commas."""


@require_http_methods(["GET", "HEAD", "POST"])
def prepare_decisions(request: HttpRequest) -> HttpResponseBase:
    """Prepare a decision on an offer's submissions: `offre` and `action` name both, in the address or the form.

    Submissions chosen on another page arrive as `candidatures`, by GET or, if there are many, by a POST without a
    title: the page then shows them ticked, and takes the offer from them.
    """
    actor = deciding_user(request, PREPARE)
    asked = request.POST if request.method == "POST" else request.GET
    selected = _selected(actor, asked.getlist(CHOSEN))
    offer = offer_of(request, asked.get("offre", ""), selected)
    if offer is None:
        return redirect("review:decisions")
    if not may_decide_on(user=actor, offer=offer):
        return redirect_conflicted_user(request)
    move = next((move for move in ANNOUNCED_MOVES if move.action == asked.get("action", "")), None)
    if move is None:
        return show_action_choice(request, offer, selected)
    if move.action in SELECTION_ACTIONS and offer.status == Offer.Status.CANCELLED:
        return refuse(request, OfferCancelledError(), _list_of(offer))
    first = BatchForm.ticked(request.POST) if "title" in request.POST else [row.pk for row in selected]
    rows = _listed_submissions(actor, offer, move, asked.get("etat", ""), first)
    if request.method == "POST" and "title" in request.POST:
        form = BatchForm(request.POST, action=move.action, rows=rows)
        batch = _prepare_from_form(actor, offer, move, form) if form.is_valid() else None
        if batch is not None:
            messages.success(request, _("Le lot est préparé. Lisez chaque message tel qu’il partira."))
            return redirect("review:decision_batch", batch_id=batch.pk)
    else:
        chosen = dict.fromkeys((row.pk for row in selected), "")
        title = _("%(action)s, offre %(number)s") % {"action": move.label, "number": offer.number}
        initial = {"title": title, "version": 0} | BatchForm.initially(chosen)
        form = BatchForm(initial=initial, action=move.action, rows=rows)
        _warn_left_out(request, selected, rows)
    context = {"title": _("Préparer des décisions"), "back_url": _list_of(offer)}
    return _show(request, offer, move, form, context)


@require_http_methods(["GET", "HEAD", "POST"])
def change_decisions(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """Change a batch in state PREPARED: its title, its texts, its submissions."""
    actor = deciding_user(request, PREPARE)
    batch = batch_or_404(batch_id)
    if not may_decide_on(user=actor, offer=batch.offer):
        return redirect_conflicted_user(request)
    page = redirect("review:decision_batch", batch_id=batch.pk)
    refusal = _change_refusal(batch, actor)
    if refusal is not None:
        messages.error(request, str(refusal))
        return page
    items = list(batch.items.order_by("pk"))
    held = {item.submission_id: item.message for item in items}
    prepared_on = {item.submission_id: item.version for item in items}
    move = TABLE[Action(items[0].action)]
    already = list(in_decision_order(visible_submissions(actor).filter(pk__in=held), actor))
    changed = {row.pk for row in already if row.version != prepared_on[row.pk]}
    ticked = BatchForm.ticked(request.POST)
    rows = already + _listed_submissions(actor, batch.offer, move, "", ticked)[: BATCH_MAX - len(already)]
    if request.method == "POST":
        form = BatchForm(request.POST, action=move.action, rows=rows)
        if form.is_valid() and _change_from_form(actor, batch, form):
            messages.success(request, _("Le lot est modifié. Relisez les messages."))
            return page
        batch.refresh_from_db(fields=["version"])
        form.update_version(version=batch.version)
    else:
        shown = {"title": batch.title, "word": batch.word, "version": batch.version}
        form = BatchForm(
            initial=shown | BatchForm.initially(held, but=changed), action=move.action, rows=rows
        )
    context = {
        "title": _("Modifier le lot"),
        "batch": batch,
        "back_url": reverse("review:decision_batch", args=[batch.pk]),
    }
    return _show(request, batch.offer, move, form, context, changed)


def _show(
    request: HttpRequest,
    offer: Offer,
    move: Move,
    form: BatchForm,
    context: Mapping[str, Any],
    changed: Collection[int] = (),
) -> TemplateResponse:
    """Return the page. `changed` are the submissions of a batch that changed since their decision was prepared."""
    if form.is_bound:
        form.show_versions()
    lines = [
        {
            "submission": row,
            "number": row.standing_filing.receipt.number if row.standing_filing else "",
            "state": state_label(row.state),
            "mean": mean_figures(annotated_marks(row)[0]),
            "unread": are_marks_hidden(row),
            "box": box,
            "word": word,
            "seen": seen,
            "changed": row.pk in changed,
        }
        for row, box, word, seen in form.lines()
    ]
    sources = [state for state in State if state in move.sources]
    shown = admin_context(request) | {
        "batch": None,
        "offer": offer,
        "move": move,
        "target": state_label(move.target),
        "form": form,
        "lines": lines,
        "sources": [state.label for state in sources],
        "most": BATCH_MAX,
        "changed": sum(1 for line in lines if line["changed"]),
        "is_full": len(lines) >= BATCH_MAX,
        "place": {"queue_url": reverse("admin:submissions_submission_changelist")},
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "review/prepare.html", shown | dict(context), status=status)


def _prepare_from_form(actor: User, offer: Offer, move: Move, form: BatchForm) -> DecisionBatch | None:
    """Prepare a batch from the form. Return None if the page must be shown again."""
    try:
        return prepare_batch(
            offer=offer,
            action=move.action,
            title=form.cleaned_data["title"],
            word=form.cleaned_data["word"],
            chosen=form.chosen(),
            actor=actor,
            versions=form.versions(),
        )
    except (ReviewError, OfferCancelledError) as refusal:
        _add_refusal(form, refusal)
        return None


def _change_from_form(actor: User, batch: DecisionBatch, form: BatchForm) -> bool:
    try:
        change_batch(
            batch=batch,
            title=form.cleaned_data["title"],
            word=form.cleaned_data["word"],
            chosen=form.chosen(),
            actor=actor,
            version=form.cleaned_data["version"],
            versions=form.versions(),
        )
    except StaleBatchError:
        form.add_error(None, _stale_message())
        return False
    except (ReviewError, OfferCancelledError) as refusal:
        _add_refusal(form, refusal)
        return False
    return True


def _add_refusal(form: BatchForm, refusal: ReviewError | OfferCancelledError) -> None:
    """Add the error to the form; untick the submissions that changed since they were read."""
    form.add_error(None, batch_refusal_message(refusal))
    if isinstance(refusal, StaleChoiceError):
        form.untick(refusal.rows)


def _stale_message() -> str:
    return _(
        "Vous avez modifié ce lot dans une autre fenêtre. Ce que vous venez d’écrire est ci-dessous ; enregistrez de "
        "nouveau pour le garder."
    )


def _change_refusal(batch: DecisionBatch, actor: User) -> ReviewError | None:
    if batch.state != DecisionBatch.State.PREPARED:
        return BatchClosedError(state=DecisionBatch.State(batch.state))
    return None if batch.prepared_by_id == actor.pk else NotThePreparerError()


def _selected(actor: User, given: list[str]) -> list[Submission]:
    """Return the submissions chosen on another page that `actor` may read."""
    wanted = {found for text in given for part in text.split(",") if (found := _identifier(part)) is not None}
    if not wanted:
        return []
    chosen = visible_submissions(actor).filter(public_id__in=wanted)
    return list(in_decision_order(chosen.select_related("offer"), actor))


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _listed_submissions(
    actor: User, offer: Offer, move: Move, state: str, first: list[int]
) -> list[Submission]:
    """Return the submissions that the page lists, `BATCH_MAX` at most; those of `first` (primary keys) come first."""
    found = decidable(user=actor, offer=offer, action=move.action)
    chosen = list(found.filter(pk__in=first)[:BATCH_MAX]) if first else []
    if state in move.sources:
        found = found.filter(state=state)
    return chosen + list(found.exclude(pk__in=first)[: BATCH_MAX - len(chosen)])


def _warn_left_out(request: HttpRequest, selected: list[Submission], rows: list[Submission]) -> None:
    left = len({row.pk for row in selected} - {row.pk for row in rows})
    if left:
        worded = ngettext(
            "%(count)s candidature choisie n’est pas dans la liste : son état ne permet pas cette décision, ou un "
            "autre lot l’attend déjà.",
            "%(count)s candidatures choisies ne sont pas dans la liste : leur état ne permet pas cette décision, ou "
            "un autre lot les attend déjà.",
            left,
        )
        messages.warning(request, worded % {"count": left})


def _list_of(offer: Offer) -> str:
    return f"{reverse('review:decisions')}?offre={offer.number}"
