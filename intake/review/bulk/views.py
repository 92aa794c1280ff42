"""Pages of a bulk run: dry run, confirmation and progress; the actions of the queue that lead to them."""

import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from intake.journal.readings import record_shown
from intake.outbox.models import Delivery
from intake.outbox.selectors import database_instant, deliveries_for
from intake.review.access.anonymous_review import with_name_visibility
from intake.review.access.errors import EmptyRunError
from intake.review.access.visibility import visible_submissions
from intake.review.decisions.views.prepare import choose_decision
from intake.review.models import BULK_MAX, BulkItem, BulkRun
from intake.review.moves.forms import BulkForm
from intake.review.pages import labels
from intake.review.pages.queue_navigation import canonical, queue_url
from intake.review.pages.shortcuts import acting_user, admin_context, refuse
from intake.submissions.models import Submission
from intake.submissions.states import TABLE, Action, Move
from intake.web import formats

from .dry_run import BULK_ACTIONS, PredictedMove, first_of_queue, may_run_bulk_move, predict_moves
from .operations import start_bulk_run, stop_bulk_run

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_SALT = "intake.review.bulk"
_PLAN_SECONDS = 12 * 3600
"""Seconds that a dry run may be confirmed: a working day. At any age, a submission that changed since is not moved."""


def dry_run(request: HttpRequest, queue: QuerySet[Submission], action: Action) -> HttpResponse:
    """Show what `action` would do to each submission of `queue`, before anything is written."""
    move = TABLE[action]
    chosen, left_out = first_of_queue(queue, move)
    if not chosen and not left_out:
        messages.warning(request, _("Cochez au moins une candidature, ou agissez sur toute la file."))
        return redirect(request.get_full_path())
    return _dry_run_page(
        request, move, chosen, query=canonical(request.GET.urlencode()), key=uuid.uuid4(), left_out=left_out
    )


@require_http_methods(["GET", "HEAD", "POST"])
def bulk_start(request: HttpRequest) -> HttpResponseBase:
    """POST: start the confirmed run, once; ask again for a missing reason. GET: redirect to the queue."""
    if request.method != "POST":
        return redirect(queue_url())
    plan = _read_plan(request)
    if plan is None:
        messages.error(request, _("Cet aperçu n’est plus valide. Rien n’a changé : recommencez."))
        return redirect(queue_url())
    move = TABLE[Action(plan["action"])]
    if not may_run_bulk_move(acting_user(request), move):
        raise PermissionDenied
    form = BulkForm(request.POST, reason_required=move.reason_required)
    if not form.is_valid():
        chosen = [*(key for key, _version in plan["moved"]), *plan["left"]]
        return _dry_run_page(
            request, move, chosen, query=plan["query"], key=uuid.UUID(plan["key"]), typed=request.POST
        )
    try:
        run = start_bulk_run(
            key=uuid.UUID(plan["key"]),
            action=move.action,
            actor=acting_user(request),
            versions=dict(plan["moved"]),
            reason=form.cleaned_data.get("reason", ""),
            query=plan["query"],
            at=database_instant(),
        )
    except EmptyRunError as refusal:
        return refuse(request, refusal, queue_url(plan["query"]))
    return redirect("review:bulk_run", run_id=run.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
def bulk_run(request: HttpRequest, run_id: uuid.UUID) -> HttpResponseBase:
    """GET: progress of the run, and the result for each submission. POST: stop the open items.

    :raises Http404: if there is no such run, or if it is another user's.
    """
    run = get_object_or_404(BulkRun, public_id=run_id, actor=acting_user(request))
    if request.method == "POST":
        if stopped := stop_bulk_run(run=run, actor=acting_user(request)):
            message = ngettext(
                "L’action est arrêtée : %(number)s candidature n’a pas changé.",
                "L’action est arrêtée : %(number)s candidatures n’ont pas changé.",
                stopped,
            )
            messages.success(request, message % {"number": formats.number(stopped)})
        else:
            messages.info(request, _("L’action était déjà terminée : il ne restait rien à arrêter."))
        return redirect("review:bulk_run", run_id=run.public_id)
    return TemplateResponse(request, "review/bulk/run.html", admin_context(request) | _progress(request, run))


def _progress(request: HttpRequest, run: BulkRun) -> dict[str, Any]:
    move = TABLE[Action(run.action)]
    # Hide a submission on which the user has a conflict of interest since the run.
    seen = visible_submissions(acting_user(request))
    items = list(run.items.filter(submission__in=seen).order_by("position"))
    shown = (
        with_name_visibility(seen, acting_user(request))
        .select_related("offer", "standing_filing__receipt")
        .in_bulk([item.submission_id for item in items])
    )
    lines = [
        {"item": item, "submission": shown[item.submission_id], **_result(item)}
        for item in items
        if item.submission_id in shown
    ]
    record_shown(request, [line["submission"] for line in lines])
    by_state = {state: [line for line in lines if line["item"].state == state] for state in BulkItem.State}
    is_open = run.ended_at is None
    # Rows that need attention come first.
    order = (BulkItem.State.REFUSED, BulkItem.State.STOPPED, BulkItem.State.DONE, BulkItem.State.OPEN)
    return {
        "title": move.label,
        "run": run,
        "is_open": is_open,
        "is_stuck": is_open and deliveries_for(run).filter(state=Delivery.State.DEAD).exists(),
        "total": len(lines),
        "over": len(lines) - len(by_state[BulkItem.State.OPEN]),
        "done": len(by_state[BulkItem.State.DONE]),
        "refused": len(by_state[BulkItem.State.REFUSED]),
        "stopped": len(by_state[BulkItem.State.STOPPED]),
        "target": labels.state_label(move.target),
        "lines": [line for state in order for line in by_state[state]],
        "place": {"queue_url": queue_url(run.query)},
    }


def refusal_message(code: str, *, state: str) -> str:
    """Return why a run leaves a submission in `state` unchanged; `code` is of the error."""
    known = {"state": labels.state_label(state).label} if state else {}
    return labels.stored_message(code, "bulk_message", **known) or _(
        "Refusée pour une raison imprévue (%(code)s)."
    ) % {"code": code}


def _result(item: BulkItem) -> dict[str, Any]:
    why = refusal_message(item.refusal, state=item.found) if item.refusal else ""
    state = BulkItem.State(item.state)
    tone = {BulkItem.State.DONE: "success", BulkItem.State.REFUSED: "warning"}.get(state, "none")
    return {"why": why, "result": state.label, "tone": tone}


def _dry_run_page(
    request: HttpRequest,
    move: Move,
    chosen: Sequence[int],
    *,
    query: str,
    key: uuid.UUID,
    left_out: bool = False,
    typed: Any = None,
) -> HttpResponse:
    """Show the dry run. `typed` is a post with a missing value: the form comes back with all of it."""
    outlooks = predict_moves(chosen=chosen, move=move, actor=acting_user(request))
    record_shown(request, [outlook.submission for outlook in outlooks])
    moving = [outlook for outlook in outlooks if outlook.moves]
    plan = _sign_plan(request, move, outlooks, query=query, key=key)
    if typed is None:
        form = BulkForm(initial={"plan": plan}, reason_required=move.reason_required)
    else:
        form = BulkForm(typed, reason_required=move.reason_required)
        form.is_valid()
        form.update_version(plan=plan)
    context = admin_context(request) | {
        "title": move.label,
        "move": move,
        "form": form,
        "lines": [_predicted_row(outlook) for outlook in sorted(outlooks, key=lambda outlook: outlook.moves)],
        "moving": len(moving),
        "staying": len(outlooks) - len(moving),
        "left_out": left_out,
        "most": BULK_MAX,
        "target": labels.state_label(move.target),
        "place": {"queue_url": queue_url(query)},
    }
    status = 200 if typed is None else 422
    return TemplateResponse(request, "review/bulk/dry_run.html", context, status=status)


def _predicted_row(outlook: PredictedMove) -> dict[str, Any]:
    submission = outlook.submission
    why = refusal_message(outlook.refusal, state=submission.state) if outlook.refusal else ""
    return {"submission": submission, "state": labels.state_label(submission.state), "why": why}


def _sign_plan(
    request: HttpRequest, move: Move, outlooks: Sequence[PredictedMove], *, query: str, key: uuid.UUID
) -> str:
    """Return the displayed plan, signed: only the user who read it can confirm it, and only unchanged."""
    plan = {
        "actor": acting_user(request).pk,
        "action": move.action,
        "key": key.hex,
        "query": query,
        "moved": [(each.submission.pk, each.submission.version) for each in outlooks if each.moves],
        "left": [each.submission.pk for each in outlooks if not each.moves],
    }
    return signing.dumps(plan, salt=_SALT, compress=True)


def _read_plan(request: HttpRequest) -> dict[str, Any] | None:
    """Return the plan that the confirmed page showed. None if its signature is invalid, another user's or too old."""
    try:
        plan: dict[str, Any] = signing.loads(request.POST.get("plan", ""), salt=_SALT, max_age=_PLAN_SECONDS)
    except signing.BadSignature:
        return None
    return plan if plan["actor"] == acting_user(request).pk else None


# -- Actions of the queue ---------------------------------------------------------------------------------
type Act = Callable[[Any, HttpRequest, QuerySet[Submission]], HttpResponseBase]


def _action(name: str, label: Promise, permission: str, show: Callable[..., HttpResponseBase]) -> Act:
    """Return the action of the queue that answers with `show`, for users with `has_PERMISSION_permission` there."""

    def act(_queue: Any, request: HttpRequest, chosen: QuerySet[Submission]) -> HttpResponseBase:
        return show(request, chosen)

    act.__name__ = name
    return admin.action(act, description=cast("StrOrPromise", label), permissions=[permission])


PREPARE = _action("prepare_decisions", gettext_lazy("Préparer des décisions…"), "prepare", choose_decision)
BULK = tuple(
    _action(
        action.value.lower(),
        TABLE[action].label,
        (TABLE[action].permission or "").removesuffix("_submission"),
        partial(dry_run, action=action),
    )
    for action in BULK_ACTIONS
)
