"""Pages to prepare and to change a decision batch: which decision, its submissions, the texts for their candidates."""

from collections.abc import Callable, Collection
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.journal.readings import record_shown
from intake.review.access.errors import ReviewError
from intake.review.access.visibility import visible_submissions
from intake.review.decisions import errors, queries
from intake.review.decisions.forms import BatchForm
from intake.review.decisions.labels import batch_refusal_message
from intake.review.decisions.operations import BATCH_MAX, change_batch, prepare_batch
from intake.review.marks.queries import annotated_marks, are_marks_hidden
from intake.review.marks.scores import mean_figures
from intake.review.models import DecisionBatch
from intake.review.pages.labels import state_label
from intake.review.pages.queue_navigation import queue_url
from intake.review.pages.shortcuts import acting_user, admin_context, receipt_number, refuse
from intake.submissions.lifecycle.errors import OfferCancelledError
from intake.submissions.models import Submission
from intake.submissions.states import TABLE, Action, Move, State
from intake.web import formats
from offers.models import Offer

from .batches import batch_or_404, deciding_user, redirect_conflicted_user

CHOSEN: Final = "candidatures"
"""Parameter with submissions chosen on another page: their public identifiers, repeated or with commas."""
TICK, ALL = "cocher", "tout"
"""Field sent by the buttons that tick all boxes, or none, without saving; its value for all."""


def choose_decision(request: HttpRequest, queue: QuerySet[Submission]) -> HttpResponseBase:
    """Ask which decision to prepare on the submissions of `queue`, which are then ticked. Nothing is decided here."""
    # Reorder as decision pages do: the queue's own order is that of arrival.
    actor = acting_user(request)
    queued = Submission.objects.filter(pk__in=queue.order_by().values("pk")).select_related("offer")
    selected = list(queries.in_decision_order(queued, actor)[: BATCH_MAX + 1])
    if not selected:
        messages.warning(request, _("Cochez au moins une candidature, ou agissez sur toute la file."))
        return redirect(request.get_full_path())
    offer = _offer_of(request, "", selected)
    if offer is None:
        return redirect(request.get_full_path())
    if not queries.may_decide_on(user=actor, offer=offer):
        return redirect_conflicted_user(request)
    if len(selected) <= BATCH_MAX:
        return _show_action_choice(request, offer, selected)
    message = (
        _(
            "Un lot compte au plus %(most)s candidatures. Les premières sont choisies ici, sauf pour un refus : "
            "d’abord vos candidatures notées, puis les autres par numéro de dépôt."
        )
        if any(are_marks_hidden(row) for row in selected)
        else _(
            "Un lot compte au plus %(most)s candidatures : les mieux notées sont choisies ici, sauf pour un refus."
        )
    )
    messages.warning(request, message % {"most": BATCH_MAX})
    last = queries.in_order_of(Action.DECLINE, queued, actor)[:BATCH_MAX]
    return _show_action_choice(request, offer, selected[:BATCH_MAX], last=list(last))


@require_http_methods(["GET", "HEAD", "POST"])
def prepare_decisions(request: HttpRequest) -> HttpResponseBase:
    """Prepare a decision on an offer's submissions: `offre` and `action` name both, in the address or the form.

    Submissions chosen on another page arrive as `candidatures`, by GET or, if there are many, by a POST without a
    title: the page then shows them ticked, and takes the offer from them. For a refusal, several are shown alone, and
    nobody is ticked.
    """
    actor = deciding_user(request, queries.PREPARE)
    query = request.POST if request.method == "POST" else request.GET
    selected = _selected(actor, query.getlist(CHOSEN))
    offer = _offer_of(request, query.get("offre", ""), selected)
    if offer is None:
        return redirect("review:decisions")
    if not queries.may_decide_on(user=actor, offer=offer):
        return redirect_conflicted_user(request)
    move = next((move for move in queries.ANNOUNCED_MOVES if move.action == query.get("action", "")), None)
    if move is None:
        return _show_action_choice(request, offer, selected)
    if queries.leads_nowhere(move.action, offer):
        return refuse(request, OfferCancelledError(), _list_of(offer))
    refused = selected if move.action in queries.REFUSALS else []
    first = BatchForm.ticked(request.POST) if "title" in request.POST else [row.pk for row in selected]
    rows = _listed_submissions(actor, offer, move, query.get("etat", ""), first, among=refused)
    if request.method == "POST" and "title" in request.POST:
        form = BatchForm(request.POST, action=move.action, rows=rows)
        if TICK in request.POST:
            form = _ticked_again(form, move.action, request.POST[TICK])
        elif form.is_valid() and (
            batch := _save(form, prepare_batch, offer=offer, action=move.action, actor=actor)
        ):
            messages.success(request, _("Le lot est préparé. Lisez chaque message avant l’envoi."))
            return redirect("review:decision_batch", batch_id=batch.pk)
    else:
        ticked = [] if refused[1:] else selected
        chosen = dict.fromkeys((row.pk for row in ticked), "")
        title = _("%(action)s, offre %(number)s") % {"action": move.label, "number": offer.number}
        initial = {"title": title, "version": 0} | BatchForm.initially(chosen)
        form = BatchForm(initial=initial, action=move.action, rows=rows)
        _warn_left_out(request, selected, rows)
    return _show(
        request,
        offer,
        move,
        form,
        title=_("Préparer des décisions"),
        back_url=_list_of(offer),
        among=[row.public_id for row in refused],
        listed_state=query.get("etat", ""),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def change_decisions(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """Change a batch in state PREPARED: its title, its texts, its submissions."""
    actor = deciding_user(request, queries.PREPARE)
    batch = batch_or_404(batch_id)
    if not queries.may_decide_on(user=actor, offer=batch.offer):
        return redirect_conflicted_user(request)
    batch_url = reverse("review:decision_batch", args=[batch.pk])
    if batch.state != DecisionBatch.State.PREPARED:
        return refuse(request, errors.BatchClosedError(state=DecisionBatch.State(batch.state)), batch_url)
    if batch.prepared_by_id != actor.pk:
        return refuse(request, errors.NotThePreparerError(), batch_url)
    items = {item.submission_id: item for item in batch.items.order_by("pk")}
    move = TABLE[Action(next(iter(items.values())).action)]
    own = visible_submissions(actor).filter(pk__in=items)
    already = list(queries.in_order_of(move.action, own, actor))
    changed = {row.pk for row in already if row.version != items[row.pk].version}
    ticked = BatchForm.ticked(request.POST)
    rows = already + _listed_submissions(actor, batch.offer, move, "", ticked)[: BATCH_MAX - len(already)]
    if request.method == "POST":
        form = BatchForm(request.POST, action=move.action, rows=rows)
        if TICK in request.POST:
            form = _ticked_again(form, move.action, request.POST[TICK])
        elif form.is_valid() and _save(
            form, change_batch, batch=batch, actor=actor, version=form.cleaned_data["version"]
        ):
            messages.success(request, _("Le lot est modifié. Relisez les messages."))
            return redirect(batch_url)
        if form.is_bound:
            batch.refresh_from_db(fields=["version"])
            form.update_version(version=batch.version)
    else:
        texts = {number: item.message for number, item in items.items()}
        initial = {
            "title": batch.title,
            "word": batch.word,
            "reason": batch.reason,
            "version": batch.version,
        }
        initial |= BatchForm.initially(texts, but=changed)
        form = BatchForm(initial=initial, action=move.action, rows=rows)
    return _show(
        request, batch.offer, move, form, changed, title=_("Modifier le lot"), batch=batch, back_url=batch_url
    )


def _ticked_again(posted: BatchForm, action: Action, choice: str) -> BatchForm:
    """Return the posted form with every box ticked, or none, and all that was typed."""
    return BatchForm(initial=posted.with_boxes(ticked=choice == ALL), action=action, rows=posted.rows)


def _show(
    request: HttpRequest,
    offer: Offer,
    move: Move,
    form: BatchForm,
    changed: Collection[int] = (),
    **context: Any,
) -> TemplateResponse:
    """Return the page. `changed` are the submissions of a batch that changed since their decision was prepared."""
    if form.is_bound:
        form.show_versions()
    record_shown(request, form.rows)
    lines = [
        {
            "submission": row,
            "number": receipt_number(row),
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
    shown = admin_context(request) | {
        "batch": None,
        "among": (),
        "listed_state": "",
        "offer": offer,
        "move": move,
        "target": state_label(move.target),
        "form": form,
        "lines": lines,
        "sources": [state.label for state in State if state in move.sources],
        "most": BATCH_MAX,
        "refuses": move.action in queries.REFUSALS,
        "changed": sum(1 for line in lines if line["changed"]),
        "is_full": len(lines) >= BATCH_MAX,
        "place": {"queue_url": reverse("admin:submissions_submission_changelist")},
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "review/prepare.html", shown | context, status=status)


def _save(form: BatchForm, save: Callable[..., DecisionBatch], **arguments: Any) -> DecisionBatch | None:
    """Prepare or change a batch from a valid form. Return None if the page must be shown again, with the error."""
    try:
        return save(
            title=form.cleaned_data["title"],
            word=form.cleaned_data["word"],
            reason=form.cleaned_data.get("reason", ""),
            chosen=form.chosen(),
            versions=form.versions(),
            **arguments,
        )
    except errors.StaleBatchError:
        form.add_error(
            None,
            _(
                "Vous avez modifié ce lot dans une autre fenêtre. Votre nouveau texte est "
                "ci-dessous ; enregistrez de nouveau pour le garder."
            ),
        )
    except (ReviewError, OfferCancelledError) as refusal:
        missing = isinstance(refusal, errors.DeclineReasonMissingError)
        form.add_error("reason" if missing else None, batch_refusal_message(refusal))
        if isinstance(refusal, errors.StaleChoiceError):
            form.untick(refusal.rows)
    return None


def _selected(actor: User, given: list[str]) -> list[Submission]:
    wanted = {key for text in given for part in text.split(",") if (key := _identifier(part)) is not None}
    if not wanted:
        return []
    chosen = visible_submissions(actor).filter(public_id__in=wanted)
    return list(queries.in_decision_order(chosen.select_related("offer"), actor))


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _listed_submissions(
    actor: User, offer: Offer, move: Move, state: str, first: list[int], among: Collection[Submission] = ()
) -> list[Submission]:
    """Return the submissions that the page lists, `BATCH_MAX` at most; those of `first` (primary keys) come first.

    Only those of `among`, unless it is empty.
    """
    listed = queries.decidable(user=actor, offer=offer, action=move.action)
    if among:
        listed = listed.filter(pk__in=[row.pk for row in among])
    chosen = list(listed.filter(pk__in=first)[:BATCH_MAX]) if first else []
    if state in move.sources:
        listed = listed.filter(state=state)
    return chosen + list(listed.exclude(pk__in=first)[: BATCH_MAX - len(chosen)])


def _warn_left_out(request: HttpRequest, selected: list[Submission], rows: list[Submission]) -> None:
    left = len({row.pk for row in selected} - {row.pk for row in rows})
    if left:
        message = ngettext(
            "%(count)s candidature choisie n’est pas dans la liste : son état ne permet pas "
            "cette décision, ou un autre lot l’attend déjà.",
            "%(count)s candidatures choisies ne sont pas dans la liste : leur état ne permet "
            "pas cette décision, ou un autre lot les attend déjà.",
            left,
        )
        messages.warning(request, message % {"count": formats.number(left)})


def _list_of(offer: Offer) -> str:
    return f"{reverse('review:decisions')}?offre={offer.number}"


def _offer_of(request: HttpRequest, number: str, selected: list[Submission]) -> Offer | None:
    """Return the offer with this number, or the only offer of `selected`. None, with a message, unless it is one."""
    if number:
        return get_object_or_404(Offer, number=number)
    offers = {row.offer_id: row.offer for row in selected}
    if len(offers) == 1:
        return next(iter(offers.values()))
    if offers:
        messages.error(
            request,
            _("Ces candidatures touchent plusieurs offres : un lot de décisions porte sur une seule offre."),
        )
    else:
        messages.info(request, _("Choisissez une offre et une décision pour commencer un lot."))
    return None


def _show_action_choice(
    request: HttpRequest, offer: Offer, selected: list[Submission], *, last: list[Submission] | None = None
) -> TemplateResponse:
    """Show the decisions for `selected`, and for `last` those that are refusals; None: for the same."""
    here = [row for row in selected if row.offer_id == offer.pk]
    refused = here if last is None else last
    context = admin_context(request) | {
        "title": _("Quelle décision préparer ?"),
        "offer": offer,
        "selected": here,
        "refused": refused,
        "is_cut": last is not None,
        "choices": [
            {"move": move, "count": sum(1 for row in here if row.state in move.sources)}
            for move in queries.ANNOUNCED_MOVES
            if move.action not in queries.REFUSALS
        ],
        "refusals": [
            {"move": move, "count": sum(1 for row in refused if row.state in move.sources)}
            for move in queries.ANNOUNCED_MOVES
            if move.action in queries.REFUSALS
        ],
        "place": {"queue_url": queue_url("")},
    }
    return TemplateResponse(request, "review/which_decision.html", context)
