"""Pages that move a submission: one confirmation, one operation, one message with the result."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.outbox.selectors import database_instant
from intake.register.errors import NoKeyError
from intake.review.access.anonymous_review import is_name_hidden
from intake.review.access.errors import AnonymousReviewError, InConflictError, ReviewError
from intake.review.access.impartiality import is_impartial
from intake.review.claims.operations import FileClaimedError
from intake.review.claims.views import add_claimed_error, taken_over_from
from intake.review.decisions.errors import DecisionPendingError
from intake.review.decisions.queries import (
    leads_nowhere,
    may_decide_on,
    pending_decision,
)
from intake.review.pages import labels
from intake.review.pages.queue_navigation import file_url
from intake.review.pages.shortcuts import acting_user, file_context, receipt_number, refuse, visible_or_404
from intake.submissions.lifecycle.errors import (
    AlreadySelectedError,
    FindingUnconfirmedError,
    MoveNotAllowedError,
    ReasonMissingError,
    StaleSubmissionError,
    SubmissionError,
)
from intake.submissions.models import Submission
from intake.submissions.states import COMPLEMENT_ACTIONS, TABLE, Action, HumanReview, Move, State, moves_from

from .forms import MoveForm
from .operations import move_as_reviewer, predicted_refusal


def action_slug(action: Action) -> str:
    """Return the slug of `action` in addresses."""
    return action.value.lower().replace("_", "-")


def available_moves(user: User, submission: Submission) -> list[dict[str, Any]]:
    """Return the moves that `user` may make on the submission in its current state, each with its address."""
    moves = moves_from(State(submission.state), HumanReview(submission.reserve))
    if not moves:
        return []
    impartial = is_impartial(user=user, offer=submission.offer)
    return [
        {
            "label": move.label,
            "url": reverse("review:move", args=[submission.public_id, action_slug(move.action)]),
            "reason_required": move.reason_required,
        }
        for move in moves
        if user.has_perm(f"submissions.{move.permission}")
        and (impartial or not move.chooses)
        and not _is_hidden_move(move, submission)
        and not leads_nowhere(move.action, submission.offer)
    ]


def _is_hidden_move(move: Move, submission: Submission) -> bool:
    """True if `move` is about completeness, and the reader may see neither the documents nor what was requested."""
    return move.action in COMPLEMENT_ACTIONS and is_name_hidden(submission)


_BY_SLUG = {
    action_slug(action): move
    for action, move in TABLE.items()
    if move.permission is not None and not move.has_own_form
}


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, public_id: UUID, slug: str) -> HttpResponseBase:
    """GET: confirmation page, with a reason if one is required. POST: make the move."""
    submission = visible_or_404(request, public_id)
    awaited = pending_decision(submission)
    if slug not in _BY_SLUG:
        raise Http404
    wanted = _BY_SLUG[slug]
    actor, back = acting_user(request, f"submissions.{wanted.permission}"), file_url(request, submission)
    if wanted.chooses and not is_impartial(user=actor, offer=submission.offer):
        return refuse(request, InConflictError(), back)
    if _is_hidden_move(wanted, submission):
        return refuse(request, AnonymousReviewError(), back)
    if request.method == "POST":
        form = MoveForm(request.POST, reason_required=wanted.reason_required)
        if form.is_valid() and _move_from_form(request, submission, wanted, form):
            return redirect(back)
    elif why_not := _refusal_message(wanted, submission):
        return refuse(request, why_not, back)
    else:
        shown = {"version": submission.version, "despite": awaited.pk if awaited else None}
        form = MoveForm(initial=shown, reason_required=wanted.reason_required)
    context = file_context(request, submission) | {
        "title": wanted.label,
        "move": wanted,
        "form": form,
        "target": labels.state_label(wanted.target),
        "tells": _notification_message(wanted, submission),
        "awaited": awaited,
        "awaited_label": TABLE[Action(awaited.action)].label if awaited else "",
        "reads_batches": may_decide_on(user=actor, offer=submission.offer),
    }
    return TemplateResponse(request, "review/move.html", context, status=422 if form.errors else 200)


def _notification_message(wanted: Move, submission: Submission) -> str:
    if wanted.action is not Action.RESUME or not submission.accepts_complement(database_instant()):
        return ""
    return _(
        "La personne candidate a encore le temps de répondre. Un courriel lui annonce que "
        "le complément n’est plus attendu, sans votre motif."
    )


def _refusal_message(wanted: Move, submission: Submission) -> str:
    """Return why the move is impossible for the submission in its current state; empty if it is possible."""
    refusal = predicted_refusal(submission, wanted)
    if refusal is MoveNotAllowedError:
        return _("L’état de la candidature a changé : cette décision n’est plus possible.")
    return str(refusal.message) if refusal else ""


def _move_from_form(request: HttpRequest, submission: Submission, wanted: Move, form: MoveForm) -> bool:
    """Make the move and report it. Return False if the page must be shown again."""
    try:
        move_as_reviewer(
            submission=submission,
            action=wanted.action,
            actor=acting_user(request),
            reason=form.cleaned_data.get("reason", ""),
            version=form.cleaned_data["version"],
            over=taken_over_from(request),
            despite=form.cleaned_data["despite"],
        )
    except ReasonMissingError:
        form.add_error("reason", form.fields["reason"].error_messages["required"])
        return False
    except FileClaimedError as refusal:
        add_claimed_error(form, refusal)
        return False
    except DecisionPendingError as refusal:
        form.update_version(despite=refusal.item.pk)
        form.add_error(None, str(refusal))
        return False
    except (ReviewError, SubmissionError, NoKeyError) as refusal:
        is_late = isinstance(refusal, MoveNotAllowedError | StaleSubmissionError)
        if not (is_late and _is_repeated_move(request, submission, wanted)):
            messages.error(request, _error_message(refusal))
            return True
    messages.success(
        request,
        _("La candidature %(number)s est maintenant dans l’état « %(state)s ».")
        % {"number": receipt_number(submission), "state": wanted.target.label},
    )
    return True


def _error_message(refusal: ReviewError | SubmissionError | NoKeyError) -> str:
    if isinstance(refusal, NoKeyError):
        return _("Le registre n’est pas configuré. Prévenez l’équipe technique. Rien n’a changé.")
    if isinstance(refusal, AlreadySelectedError | FindingUnconfirmedError):
        return " ".join((str(refusal), _("Rien n’a changé.")))
    return str(refusal)


def _is_repeated_move(request: HttpRequest, submission: Submission, wanted: Move) -> bool:
    """True if this user just made this move: the form was sent twice."""
    last = submission.transitions.order_by("-at", "-pk").first()
    return last is not None and last.actor_id == request.user.pk and last.to_state == wanted.target
