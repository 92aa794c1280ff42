"""Moving a candidature from its own page: one confirmation, one service call, one sentence that says what happened."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.outbox.selectors import database_instant
from intake.register.errors import NoKeyError
from intake.review.access.anonymous_review import is_blind, name_shown
from intake.review.access.errors import ReviewError
from intake.review.access.impartiality import is_impartial
from intake.review.claims.errors import FileHeldError
from intake.review.claims.views import say_held, taken_from
from intake.review.decisions.errors import DecisionAwaitedError
from intake.review.decisions.queries import awaited_decision, decides_on, needs_impartial
from intake.review.pages import labels
from intake.review.pages.queue_navigation import address
from intake.review.pages.shortcuts import acting_user, frame_of, number_of, visible_or_404
from intake.submissions.lifecycle.errors import (
    MoveNotAllowedError,
    ReasonMissingError,
    StaleSubmissionError,
    SubmissionError,
)
from intake.submissions.models import Submission
from intake.submissions.states import (
    ON_COMPLETENESS,
    TABLE,
    TO_A_STAGE,
    Action,
    Move,
    Reserve,
    State,
    moves_from,
)
from offers.models import Offer

from .error_messages import refusal_words, under_reserve_words
from .forms import MoveForm
from .operations import decide_submission


def slug_of(action: Action) -> str:
    """Return the word of `action` in addresses."""
    return action.value.lower().replace("_", "-")


def moves_offered(user: User, submission: Submission) -> list[dict[str, Any]]:
    """Return what `user` may do with the candidature as it stands, each with its address."""
    moves = moves_from(State(submission.state), Reserve(submission.reserve))
    asks = any(needs_impartial(move) for move in moves)
    impartial = not asks or is_impartial(user=user, offer=submission.offer)
    return [
        {
            "label": move.label,
            "url": reverse("review:move", args=[submission.public_id, slug_of(move.action)]),
            "reason_required": move.reason_required,
        }
        for move in moves
        if user.has_perm(f"submissions.{move.permission}")
        and (impartial or not needs_impartial(move))
        and not _is_unread(move, submission)
        and not _leads_nowhere(move, submission)
    ]


def _leads_nowhere(move: Move, submission: Submission) -> bool:
    return move.action in TO_A_STAGE and submission.offer.status == Offer.Status.CANCELLED


def _is_unread(move: Move, submission: Submission) -> bool:
    """Say whether `move` judges what a file lacks, and the reader may read neither its documents nor what was asked."""
    return move.action in ON_COMPLETENESS and is_blind(submission)


_BY_SLUG = {
    slug_of(action): move
    for action, move in TABLE.items()
    if move.permission is not None and not move.has_own_form
}


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, public_id: UUID, slug: str) -> HttpResponseBase:
    """Ask for confirmation and the reason where one is required, then make the move."""
    submission = visible_or_404(request, public_id)
    awaited = awaited_decision(submission)
    if slug not in _BY_SLUG:
        raise Http404
    wanted = _BY_SLUG[slug]
    if not acting_user(request).has_perm(f"submissions.{wanted.permission}"):
        raise PermissionDenied
    if needs_impartial(wanted) and not is_impartial(user=acting_user(request), offer=submission.offer):
        messages.error(request, str(labels.BOUND))
        return redirect(address(request, submission))
    if _is_unread(wanted, submission):
        messages.error(request, str(labels.BLIND_READER))
        return redirect(address(request, submission))
    if request.method == "POST":
        form = MoveForm(request.POST, reason_required=wanted.reason_required)
        if form.is_valid() and _made(request, submission, wanted, form):
            return redirect(address(request, submission))
    elif why_not := _why_not(wanted, submission):
        messages.error(request, why_not)
        return redirect(address(request, submission))
    else:
        shown = {"version": submission.version, "despite": awaited.pk if awaited else None}
        form = MoveForm(initial=shown, reason_required=wanted.reason_required)
    context = frame_of(request) | {
        "title": wanted.label,
        "move": wanted,
        "form": form,
        "submission": submission,
        "name": name_shown(submission),
        "number": number_of(submission),
        "back_url": address(request, submission),
        "target": labels.state_word(wanted.target),
        "tells": _tells(wanted, submission),
        "awaited": awaited,
        "awaited_label": TABLE[Action(awaited.action)].label if awaited else "",
        "reads_batches": decides_on(user=acting_user(request), offer=submission.offer),
    }
    return TemplateResponse(request, "review/move.html", context, status=422 if form.errors else 200)


def _tells(wanted: Move, submission: Submission) -> str:
    """Return what the move has written to the candidate, in a sentence; nothing where it writes nothing."""
    if wanted.action is not Action.RESUME or not submission.may_be_completed(database_instant()):
        return ""
    return _(
        "La personne a encore le temps de répondre : un courriel lui dira qu’elle n’a plus rien à envoyer. Votre motif "
        "n’y est pas."
    )


def _why_not(wanted: Move, submission: Submission) -> str:
    """Return why the move is not to be made of the candidature as it stands; nothing if it is."""
    if _is_gone(submission, wanted):
        return _("Cette décision ne peut plus être prise : la candidature a changé d’état.")
    if _leads_nowhere(wanted, submission):
        return str(labels.CANCELLED)
    if submission.reserve == Reserve.PENDING and not wanted.while_pending:
        return under_reserve_words()
    return str(labels.UPHELD) if submission.reserve == Reserve.UPHELD and not wanted.of_upheld else ""


def _made(request: HttpRequest, submission: Submission, wanted: Move, form: MoveForm) -> bool:
    """Make the move and say so; return False when the page must be shown again."""
    try:
        decide_submission(
            submission=submission,
            action=wanted.action,
            actor=acting_user(request),
            reason=form.cleaned_data.get("reason", ""),
            version=form.cleaned_data["version"],
            over=taken_from(request),
            despite=form.cleaned_data["despite"],
        )
    except ReasonMissingError:
        form.add_error("reason", form.fields["reason"].error_messages["required"])
        return False
    except FileHeldError as refusal:
        say_held(form, refusal)
        return False
    except DecisionAwaitedError as refusal:
        form.show_again(despite=refusal.item.pk)
        form.add_error(
            None, _("Une décision vient d’être préparée pour cette candidature. Lisez ce qui suit.")
        )
        return False
    except (MoveNotAllowedError, StaleSubmissionError) as refusal:
        if not _made_already(request, submission, wanted):
            messages.error(request, refusal_words(refusal))
            return True
    except (ReviewError, SubmissionError, NoKeyError) as refusal:
        messages.error(request, refusal_words(refusal))
        return True
    messages.success(
        request,
        _("La candidature %(number)s est maintenant dans l’état « %(state)s ».")
        % {"number": number_of(submission), "state": wanted.target.label},
    )
    return True


def _is_gone(submission: Submission, wanted: Move) -> bool:
    """Say whether the move leads from elsewhere: another state, or a reserve that nobody upheld."""
    if State(submission.state) not in wanted.sources:
        return True
    return wanted.of_upheld and submission.reserve != Reserve.UPHELD


def _made_already(request: HttpRequest, submission: Submission, wanted: Move) -> bool:
    """Say whether the same person has just made this move: a button pressed twice did what it says."""
    last = submission.transitions.order_by("-at", "-pk").first()
    return last is not None and last.actor_id == request.user.pk and last.to_state == wanted.target
