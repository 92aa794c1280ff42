"""Pages to approve and to revoke a decision batch."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.outbox.selectors import database_instant
from intake.review.access.errors import ReviewError
from intake.review.decisions.errors import (
    BatchClosedError,
    InstantPassedError,
    LettersChangedError,
    SecondPersonError,
    StaleBatchError,
)
from intake.review.decisions.forms import ReleaseForm
from intake.review.decisions.labels import batch_refusal_message
from intake.review.decisions.queries import RELEASE, may_decide_on
from intake.review.decisions.release import release_batch, revoke_batch
from intake.review.models import DecisionBatch
from intake.review.pages.shortcuts import acting_user, admin_context
from intake.submissions.lifecycle.errors import OfferCancelledError
from intake.web import formats

from .batches import batch_or_404, deciding_user, redirect_conflicted_user, show_batch


@require_http_methods(["GET", "HEAD", "POST"])
def release_decisions(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """POST: approve a batch as it was read. GET: redirect to the batch."""
    actor = deciding_user(request, RELEASE)
    batch = batch_or_404(batch_id)
    if not may_decide_on(user=actor, offer=batch.offer):
        return redirect_conflicted_user(request)
    if request.method != "POST":
        return redirect("review:decision_batch", batch_id=batch.pk)
    form = ReleaseForm(request.POST)
    if not form.is_valid() or not _release_from_form(request, batch, form):
        return show_batch(request, batch_or_404(batch_id), form)
    return redirect("review:decision_batch", batch_id=batch.pk)


def _release_from_form(request: HttpRequest, batch: DecisionBatch, form: ReleaseForm) -> bool:
    """Release the batch and report when its messages are sent. Return False if the page must be shown again."""
    actor, wanted = acting_user(request), form.release_at()
    try:
        release_batch(
            batch=batch,
            actor=actor,
            version=form.cleaned_data["version"],
            at=database_instant(),
            release_at=wanted,
            letters=form.cleaned_data["letters"],
        )
    except InstantPassedError as refusal:
        form.add_error("hour", str(refusal))
        return False
    except (StaleBatchError, LettersChangedError) as refusal:
        form.add_error(None, str(refusal))
        return False
    except (BatchClosedError, SecondPersonError) as refusal:
        current = batch_or_404(batch.pk)
        if current.released_by_id != actor.pk:  # else the form was sent twice
            messages.error(request, str(refusal))
        return True
    except (ReviewError, OfferCancelledError) as refusal:
        messages.error(request, batch_refusal_message(refusal))
        return True
    if wanted is None:
        messages.success(request, _("Le lot est approuvé : les messages partent maintenant."))
    else:
        messages.success(
            request,
            _("Le lot est approuvé : les messages partiront le %(instant)s. Il peut être annulé jusque-là.")
            % {"instant": formats.instant(wanted)},
        )
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_decisions(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """GET: confirmation page. POST: revoke the decisions that are not announced yet."""
    actor = deciding_user(request)
    batch = batch_or_404(batch_id)
    if not may_decide_on(user=actor, offer=batch.offer):
        return redirect_conflicted_user(request)
    if request.method == "POST":
        try:
            revoked = revoke_batch(batch=batch, actor=actor, at=database_instant())
        except BatchClosedError as refusal:
            if refusal.state != DecisionBatch.State.REVOKED:
                messages.error(request, str(refusal))
        except ReviewError as refusal:
            messages.error(request, batch_refusal_message(refusal))
        else:
            messages.success(request, _revoked_message(revoked))
        return redirect("review:decision_batch", batch_id=batch.pk)
    if batch.state in {DecisionBatch.State.SENT, DecisionBatch.State.REVOKED}:
        return redirect("review:decision_batch", batch_id=batch.pk)
    context = admin_context(request) | {
        "title": _("Annuler le lot"),
        "batch": batch,
        "offer": batch.offer,
        "waiting": batch.items.filter(state="OPEN").count(),
        "back_url": reverse("review:decision_batch", args=[batch.pk]),
        "place": {"queue_url": reverse("admin:submissions_submission_changelist")},
    }
    return TemplateResponse(request, "review/revoke.html", context)


def _revoked_message(batch: DecisionBatch) -> str:
    if batch.items.filter(state="DONE").exists():
        return _(
            "Le lot est annulé. Des messages étaient déjà partis : ceux-là restent ; les autres ne partiront pas."
        )
    return _("Le lot est annulé : aucun message ne part, et aucune candidature n’a changé d’état.")
