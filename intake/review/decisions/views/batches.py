"""Pages of decision batches: the list, and one batch with each message exactly as it is sent."""

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from intake.accounts.models import User
from intake.dossiers.services import AnonymisedError
from intake.outbox.messages import Letter
from intake.review.access.errors import InConflictError
from intake.review.access.visibility import visible_offers, visible_submissions
from intake.review.decisions import labels
from intake.review.decisions.dry_run import predicted_refusals, stored_refusals
from intake.review.decisions.forms import ReleaseForm
from intake.review.decisions.letters import (
    added_text,
    letter_digest,
    letter_of,
    letters_digest,
    split_by_language,
)
from intake.review.decisions.queries import (
    ANNOUNCED_MOVES,
    PREPARE,
    RELEASE,
    TO_APPROVE,
    batches_of,
    batches_to_approve,
    decidable_offers,
    items_of,
    may_decide_on,
    may_handle_decisions,
    undecided_of_selected,
)
from intake.review.marks.queries import submissions_with_hidden_marks
from intake.review.models import DecisionBatch, DecisionItem
from intake.review.pages.labels import state_label
from intake.review.pages.shortcuts import acting_user, admin_context, receipt_number, refuse
from intake.submissions.models import Submission
from intake.submissions.states import SELECTED_STATES, SELECTION_ACTIONS, TABLE, Action
from offers.models import Offer

_PER_PAGE: Final = 50
_NOTICES: Final = 20


@require_safe
def decisions(request: HttpRequest) -> HttpResponseBase:
    """Show the batches, of one offer and in one state if requested, and the links to begin one."""
    actor = deciding_user(request)
    number, state = request.GET.get("offre", ""), request.GET.get("etat", "")
    offers = list(visible_offers(actor).filter(pk__in=decidable_offers(actor).values("pk")))
    found = batches_of(actor)
    if number:
        found = found.filter(offer__number=number)
    if state == TO_APPROVE:
        found = found.filter(pk__in=batches_to_approve(actor).values("pk"))
    elif state in DecisionBatch.State.values:
        found = found.filter(state=state)
    context = admin_context(request) | {
        "title": _("Décisions"),
        "page_obj": Paginator(found, _PER_PAGE).get_page(request.GET.get("page")),
        "offers": offers,
        "number": number,
        "chosen_offer": next((offer for offer in offers if offer.number == number), None),
        "states": _state_links(number, state),
        "actions": ANNOUNCED_MOVES if actor.has_perm(PREPARE) else (),
        "notices": _notices(actor),
    }
    context["lines"] = [
        {
            "batch": batch,
            "action": TABLE[Action(batch.action)].label,
            "state": labels.batch_label(batch.state, count=batch.count, refused=batch.refused),
        }
        for batch in context["page_obj"]
    ]
    return TemplateResponse(request, "review/decisions.html", context)


@require_safe
def decision_batch(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """Show a batch: each message before sending, each result afterwards."""
    actor = deciding_user(request)
    batch = batch_or_404(batch_id)
    if not may_decide_on(user=actor, offer=batch.offer):
        return redirect_conflicted_user(request)
    return show_batch(request, batch)


def show_batch(
    request: HttpRequest, batch: DecisionBatch, form: ReleaseForm | None = None
) -> TemplateResponse:
    """Return the page of a batch. A refused approval form comes back with its errors and status 422."""
    actor = acting_user(request)
    rows = _in_order(actor, batch)
    waits = batch.state in {DecisionBatch.State.PREPARED, DecisionBatch.State.RELEASED}
    refusals = predicted_refusals(rows, reader=actor) if waits else {}
    refusals |= stored_refusals(rows, reader=actor)
    lines = [_line(row, refusals.get(row.pk, "")) for row in rows]
    read = letters_digest({line["item"].pk: line["digest"] for line in lines})
    if form is not None:
        form.update_version(version=batch.version, letters=read)
    is_preparer = batch.prepared_by_id == actor.pk
    action = Action(rows[0].action)
    leads_nowhere = action in SELECTION_ACTIONS and batch.offer.status == Offer.Status.CANCELLED
    releases = batch.state == DecisionBatch.State.PREPARED and actor.has_perm(RELEASE) and not leads_nowhere
    left_some = any(row.state == DecisionItem.State.DONE for row in rows)
    context = admin_context(request) | {
        "title": batch.title,
        "batch": batch,
        "offer": batch.offer,
        "move": TABLE[action],
        "state": labels.batch_label(
            batch.state, count=len(rows), refused=sum(row.state == DecisionItem.State.REFUSED for row in rows)
        ),
        "returned_words": labels.returned_message(batch.returned_for),
        "left_some": left_some,
        "lines": lines,
        "what_then": labels.next_step_message(batch.state),
        "blocked": [line for line in lines if line["refusal"]],
        "reworded": batch.state == DecisionBatch.State.RELEASED
        and any(line["reworded"] and not line["refusal"] for line in lines),
        "freed_url": reverse("review:reserve_list", args=[batch.offer.number])
        if action is Action.TAKE_BACK and left_some and actor.has_perm(PREPARE)
        else "",
        "leaving": sum(1 for line in lines if not line["refusal"]),
        "waits": waits,
        "is_preparer": is_preparer,
        "may_change": is_preparer and batch.state == DecisionBatch.State.PREPARED and actor.has_perm(PREPARE),
        "release_form": (form or ReleaseForm(initial={"version": batch.version, "letters": read}))
        if releases and not is_preparer
        else None,
        "place": {"queue_url": reverse("admin:submissions_submission_changelist")},
    }
    return TemplateResponse(request, "review/batch.html", context, status=422 if form else 200)


def deciding_user(request: HttpRequest, permission: str = "") -> User:
    """Return the current user if they have `permission` and may prepare or release decisions.

    :raises PermissionDenied: if they do not.
    """
    actor = acting_user(request, permission)
    if not may_handle_decisions(actor):
        raise PermissionDenied
    return actor


def batch_or_404(batch_id: int) -> DecisionBatch:
    """Return a batch with its users.

    :raises Http404: if there is none.
    """
    found = DecisionBatch.objects.select_related("offer", "prepared_by", "released_by", "revoked_by")
    batch = found.filter(pk=batch_id).first()
    if batch is None:
        raise Http404
    return batch


def redirect_conflicted_user(request: HttpRequest) -> HttpResponseBase:
    """Redirect a user who may not decide on an offer, without showing anything of it."""
    return refuse(request, InConflictError(), "review:decisions")


def _in_order(actor: User, batch: DecisionBatch) -> list[DecisionItem]:
    """Return the decisions in the order of sending or, if a mean that gave the order is hidden, by receipt number."""
    rows = list(items_of(batch))
    decided = Submission.objects.filter(pk__in=[row.submission_id for row in rows])
    if submissions_with_hidden_marks(user=actor, offer=batch.offer, submissions=decided):
        rows.sort(key=lambda row: receipt_number(row.submission))
    return rows


def _line(item: DecisionItem, code: str) -> dict[str, Any]:
    submission = item.submission
    letter = _letter(item)
    typed = added_text(item.batch.word, item.message)
    before, english, after = split_by_language(letter.text, typed=typed) if letter else ("", "", "")
    digest = letter_digest(item, letter) if letter else ""
    return {
        "item": item,
        "number": receipt_number(submission),
        "name": submission.filed_name,
        "url": reverse("review:file", args=[submission.public_id]),
        "letter": letter,
        "digest": digest,
        "reworded": bool(digest and item.letter and digest != item.letter),
        "before": before,
        "english": english,
        "after": after,
        "now": state_label(submission.state),
        "state": labels.item_label(item.state),
        "refusal": labels.refusal_message(code) if code else "",
    }


def _letter(item: DecisionItem) -> Letter | None:
    try:
        return letter_of(item)
    except AnonymisedError:
        return None


def _notices(actor: User) -> list[dict[str, Any]]:
    """Return the first undecided submissions whose candidate is selected for another offer. Three queries."""
    rows = list(undecided_of_selected(actor)[:_NOTICES])
    held = {
        found.candidate_id: found.offer
        for found in visible_submissions(actor)
        .filter(candidate__in=[row.candidate_id for row in rows], state__in=SELECTED_STATES)
        .select_related("offer")
    }
    return [{"submission": row, "held": held[row.candidate_id]} for row in rows]


def _state_links(number: str, state: str) -> list[dict[str, Any]]:
    kept = {"offre": number} if number else {}
    choices = [("", _("Tous")), (TO_APPROVE, _("À relire")), *DecisionBatch.State.choices]
    known = {code for code, _label in choices}
    return [
        {
            "label": label,
            "url": "?" + urlencode(kept | ({"etat": code} if code else {})),
            "current": code == (state if state in known else ""),
        }
        for code, label in choices
    ]
