"""Pages of decision batches: the list, one batch with each message exactly as it is sent, approval, revocation."""

from contextlib import suppress
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from intake.accounts.models import User
from intake.dossiers.services import AnonymisedError
from intake.journal.readings import record_shown
from intake.outbox.selectors import database_instant
from intake.review.access.errors import InConflictError, ReviewError
from intake.review.access.visibility import visible_offers, visible_submissions
from intake.review.decisions import errors, labels, letters, queries
from intake.review.decisions.dry_run import predicted_refusals, stored_refusals
from intake.review.decisions.forms import ReleaseForm
from intake.review.decisions.operations import release_batch, revoke_batch
from intake.review.marks.queries import submissions_with_hidden_marks
from intake.review.models import DecisionBatch, DecisionItem
from intake.review.pages.labels import state_label
from intake.review.pages.shortcuts import acting_user, admin_context, receipt_number, refuse
from intake.submissions.lifecycle.errors import OfferCancelledError
from intake.submissions.models import Submission
from intake.submissions.states import SELECTED_STATES, TABLE, Action
from intake.web import formats

_PER_PAGE: Final = 50
_NOTICES: Final = 20


@require_safe
def decisions(request: HttpRequest) -> HttpResponseBase:
    """Show the batches, of one offer and in one state if requested, and the links to begin one."""
    actor = deciding_user(request)
    number, state = request.GET.get("offre", ""), request.GET.get("etat", "")
    offers = list(visible_offers(actor).filter(pk__in=queries.decidable_offers(actor).values("pk")))
    batches = queries.batches_of(actor)
    if number:
        batches = batches.filter(offer__number=number)
    if state == queries.TO_APPROVE:
        batches = batches.filter(pk__in=queries.batches_to_approve(actor).values("pk"))
    elif state in DecisionBatch.State.values:
        batches = batches.filter(state=state)
    page: Page[Any] = Paginator(batches, _PER_PAGE).get_page(request.GET.get("page"))
    notices = _notices(actor)
    record_shown(request, [notice["submission"] for notice in notices])
    context = admin_context(request) | {
        "title": _("Décisions"),
        "page_obj": page,
        "offers": offers,
        "number": number,
        "chosen_offer": next((offer for offer in offers if offer.number == number), None),
        "states": _state_links(number, state),
        "actions": queries.ANNOUNCED_MOVES if actor.has_perm(queries.PREPARE) else (),
        "notices": notices,
        "lines": [
            {
                "batch": batch,
                "action": TABLE[Action(batch.action)].label,
                "state": labels.batch_label(batch.state, count=batch.count, refused=batch.refused),
            }
            for batch in page
        ],
    }
    return TemplateResponse(request, "review/decisions.html", context)


@require_safe
def decision_batch(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """Show a batch: each message before sending, each result afterwards."""
    actor = deciding_user(request)
    batch = batch_or_404(batch_id)
    if not queries.may_decide_on(user=actor, offer=batch.offer):
        return redirect_conflicted_user(request)
    return show_batch(request, batch)


def show_batch(
    request: HttpRequest, batch: DecisionBatch, form: ReleaseForm | None = None
) -> TemplateResponse:
    """Return the page of a batch. A refused approval form comes back with its errors and status 422."""
    actor = acting_user(request)
    rows = _in_order(actor, batch)
    record_shown(request, [row.submission for row in rows])
    waits = batch.state in {DecisionBatch.State.PREPARED, DecisionBatch.State.RELEASED}
    # While the batch is sent, what was already announced has moved on: only the others are foreseen.
    still_open = [row for row in rows if row.state == DecisionItem.State.OPEN]
    refusals = predicted_refusals(still_open, reader=actor) if waits else {}
    refusals |= stored_refusals(rows, reader=actor)
    lines = [_line(row, refusals.get(row.pk, "")) for row in rows]
    read = letters.letters_digest({line["item"].pk: line["digest"] for line in lines})
    if form is not None:
        form.update_version(version=batch.version, letters=read)
    is_preparer = batch.prepared_by_id == actor.pk
    action = Action(rows[0].action)
    is_prepared = batch.state == DecisionBatch.State.PREPARED
    releases = (
        is_prepared and actor.has_perm(queries.RELEASE) and not queries.leads_nowhere(action, batch.offer)
    )
    announced = sum(row.state == DecisionItem.State.DONE for row in rows)
    at = database_instant()
    context = admin_context(request) | {
        "title": batch.title,
        "batch": batch,
        "offer": batch.offer,
        "move": TABLE[action],
        "state": labels.batch_label(
            batch.state, count=len(rows), refused=sum(row.state == DecisionItem.State.REFUSED for row in rows)
        ),
        "returned_words": labels.returned_message(batch.returned_for),
        "left_some": announced > 0,
        "announced": announced,
        "is_leaving": batch.release_at is not None
        and batch.state == DecisionBatch.State.RELEASED
        and batch.release_at <= at,
        "lines": lines,
        "what_then": labels.next_step_message(batch.state),
        "blocked": [line for line in lines if line["refusal"]],
        "reworded": batch.state == DecisionBatch.State.RELEASED
        and any(line["reworded"] and line["is_open"] and not line["refusal"] for line in lines),
        "freed_url": reverse("review:reserve_list", args=[batch.offer.number])
        if action is Action.TAKE_BACK and announced and actor.has_perm(queries.PREPARE)
        else "",
        "leaving": sum(1 for line in lines if line["is_open"] and not line["refusal"]),
        "waits": waits,
        "is_preparer": is_preparer,
        "may_change": is_preparer and is_prepared and actor.has_perm(queries.PREPARE),
        "release_form": (
            form
            or ReleaseForm(initial={"version": batch.version, "letters": read} | ReleaseForm.proposed(at))
        )
        if releases and not is_preparer
        else None,
        "place": {"queue_url": reverse("admin:submissions_submission_changelist")},
    }
    return TemplateResponse(request, "review/batch.html", context, status=422 if form else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def release_decisions(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """POST: approve a batch as it was read. GET: redirect to the batch."""
    actor = deciding_user(request, queries.RELEASE)
    batch = batch_or_404(batch_id)
    if not queries.may_decide_on(user=actor, offer=batch.offer):
        return redirect_conflicted_user(request)
    if request.method != "POST":
        return redirect("review:decision_batch", batch_id=batch.pk)
    form = ReleaseForm(request.POST)
    if not form.is_valid() or not _release_from_form(request, batch, form):
        return show_batch(request, batch_or_404(batch_id), form)
    return redirect("review:decision_batch", batch_id=batch.pk)


def _release_from_form(request: HttpRequest, batch: DecisionBatch, form: ReleaseForm) -> bool:
    """Release the batch and report when its messages are sent. Return False if the page must be shown again."""
    actor, release_at = acting_user(request), form.release_at()
    try:
        release_batch(
            batch=batch,
            actor=actor,
            version=form.cleaned_data["version"],
            at=database_instant(),
            release_at=release_at,
            letters=form.cleaned_data["letters"],
        )
    except (errors.InstantPassedError, errors.StaleBatchError, errors.LettersChangedError) as refusal:
        form.add_error("hour" if isinstance(refusal, errors.InstantPassedError) else None, str(refusal))
        return False
    except (errors.BatchClosedError, errors.SecondPersonError) as refusal:
        if batch_or_404(batch.pk).released_by_id != actor.pk:  # else the form was sent twice
            messages.error(request, str(refusal))
    except (ReviewError, OfferCancelledError) as refusal:
        messages.error(request, labels.batch_refusal_message(refusal))
    else:
        message = _("Le lot est approuvé : nous envoyons les messages maintenant.")
        if release_at is not None:
            message = _(
                "Le lot est approuvé : nous enverrons les messages le %(instant)s. Vous pouvez "
                "l’annuler d’ici là."
            ) % {"instant": formats.instant(release_at)}
        messages.success(request, message)
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_decisions(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """GET: confirmation page. POST: revoke the decisions that are not announced yet."""
    actor = deciding_user(request)
    batch = batch_or_404(batch_id)
    if not queries.may_decide_on(user=actor, offer=batch.offer):
        return redirect_conflicted_user(request)
    if request.method == "POST":
        try:
            revoked = revoke_batch(batch=batch, actor=actor, at=database_instant())
        except errors.BatchClosedError as refusal:
            if refusal.state != DecisionBatch.State.REVOKED:
                messages.error(request, str(refusal))
        except ReviewError as refusal:
            messages.error(request, labels.batch_refusal_message(refusal))
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
        return _("Le lot est annulé. Des messages étaient déjà envoyés ; les autres ne seront pas envoyés.")
    return _("Le lot est annulé : aucun message n’est envoyé, et aucune candidature n’a changé d’état.")


def deciding_user(request: HttpRequest, permission: str = "") -> User:
    """Return the current user. Raise `PermissionDenied` unless they have `permission` and may handle decisions."""
    actor = acting_user(request, permission)
    if not queries.may_handle_decisions(actor):
        raise PermissionDenied
    return actor


def batch_or_404(batch_id: int) -> DecisionBatch:
    """Return a batch with its users, or raise `Http404`."""
    batches = DecisionBatch.objects.select_related("offer", "prepared_by", "released_by", "revoked_by")
    return get_object_or_404(batches, pk=batch_id)


def redirect_conflicted_user(request: HttpRequest) -> HttpResponseBase:
    """Redirect a user who may not decide on an offer, without showing anything of it."""
    return refuse(request, InConflictError(), "review:decisions")


def _in_order(actor: User, batch: DecisionBatch) -> list[DecisionItem]:
    """Return the decisions in the order of sending or, if a mean that gave the order is hidden, by receipt number."""
    rows = list(queries.items_of(batch))
    decided = Submission.objects.filter(pk__in=[row.submission_id for row in rows])
    if submissions_with_hidden_marks(user=actor, offer=batch.offer, submissions=decided):
        rows.sort(key=lambda row: receipt_number(row.submission))
    return rows


def _line(item: DecisionItem, code: str) -> dict[str, Any]:
    submission = item.submission
    letter = None
    digest = before = english = after = ""
    with suppress(AnonymisedError):
        letter = letters.letter_of(item)
        digest = letters.letter_digest(item, letter)
        typed = letters.added_text(item.batch.word, item.message)
        before, english, after = letters.split_by_language(letter.text, typed=typed)
    return {
        "item": item,
        "is_open": item.state == DecisionItem.State.OPEN,
        "number": receipt_number(submission),
        "name": submission.filed_name,
        "url": reverse("review:file", args=[submission.public_id]),
        "letter": letter,
        "digest": digest,
        "reworded": letters.is_other_letter(item, digest),
        "before": before,
        "english": english,
        "after": after,
        "now": state_label(submission.state),
        "state": labels.item_label(item.state),
        "refusal": labels.refusal_message(code) if code else "",
    }


def _notices(actor: User) -> list[dict[str, Any]]:
    """Return the first undecided submissions whose candidate is selected for another offer. Three queries."""
    rows = list(queries.undecided_of_selected(actor)[:_NOTICES])
    selected = visible_submissions(actor).filter(
        candidate__in=[row.candidate_id for row in rows], state__in=SELECTED_STATES
    )
    held = {row.candidate_id: row.offer for row in selected.select_related("offer")}
    return [{"submission": row, "held": held[row.candidate_id]} for row in rows]


def _state_links(number: str, state: str) -> list[dict[str, Any]]:
    of_offer = {"offre": number} if number else {}
    choices = [("", _("Tous")), (queries.TO_APPROVE, _("À relire")), *DecisionBatch.State.choices]
    known = {code for code, _label in choices}
    return [
        {
            "label": label,
            "url": "?" + urlencode(of_offer | ({"etat": code} if code else {})),
            "current": code == (state if state in known else ""),
        }
        for code, label in choices
    ]
