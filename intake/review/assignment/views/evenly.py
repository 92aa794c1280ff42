"""Even division of an offer's files: display the proposal, then apply it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.accounts.models import User
from intake.outbox.selectors import database_instant
from intake.review.access.visibility import COUNT_MAX
from intake.review.assignment.even_division import ShortageReason, ShortFile
from intake.review.assignment.forms import MAX_READERS, ConfirmDivisionForm, EvenDivisionForm
from intake.review.assignment.operations import StaleDivisionError
from intake.review.assignment.operations import assign_evenly as assign
from intake.review.assignment.queries import (
    DivisionProposal,
    default_common,
    files_to_mark,
    propose_division,
    readers_of_departed,
)
from intake.review.pages.shortcuts import receipt_number
from intake.submissions.models import Submission
from intake.web import formats
from intake.web.paging import bounded_count
from offers.models import Offer

from .assignments import assignment_response, require_may_assign

SHORT_SHOWN = 50


@require_may_assign
def assign_evenly(request: HttpRequest, offer: Offer, actor: User) -> HttpResponseBase:
    """GET: files per member and files with too few readers. POST: apply the displayed division."""
    on = timezone.localdate()
    form: EvenDivisionForm
    if request.method == "POST":
        form = ConfirmDivisionForm(request.POST, on=on)
        if form.is_valid() and _assign_from_form(request, offer, actor, form):
            return redirect("review:assignments", number=offer.number)
    else:
        waiting = files_to_mark(offer=offer, actor=actor)
        initial = {"readers": 2, "common": default_common(bounded_count(waiting, COUNT_MAX))}
        form = EvenDivisionForm(_initial_query(request, offer), initial=initial, on=on)
        form.is_valid()
    context: dict[str, Any] = {"title": _("Attribuer également")}
    readers = form.cleaned_data.get("readers") if form.is_bound else None
    if readers and not form.errors.keys() & {"due_on", "common"}:
        common = form.cleaned_data["common"]
        proposal = propose_division(offer=offer, readers=readers, common=common, actor=actor)
        context |= _proposal_context(proposal, readers)
        context |= {"common": min(common, proposal.files), "due_on": form.cleaned_data.get("due_on")}
    return assignment_response(request, offer, "review/assign_evenly.html", form, context)


def _initial_query(request: HttpRequest, offer: Offer) -> Any:
    """Return the query string; without one, the number of readers that replaces departed members, or None."""
    if "readers" in request.GET:
        return request.GET
    readers = min(readers_of_departed(offer), MAX_READERS)
    return {"readers": readers} if readers else None


def _proposal_context(proposal: DivisionProposal, readers: int) -> dict[str, Any]:
    return proposal_context(proposal) | {
        "readers": readers,
        "taken_back": _departed_counts(proposal),
        "few": readers > len(proposal.members),
    }


def proposal_context(proposal: DivisionProposal) -> dict[str, Any]:
    """Return what a page shows of a division: each member's files, and the files with too few readers."""
    gets = proposal.division.gets()
    return {
        "proposal": proposal,
        "new": len(proposal.division.given),
        "rows": [
            {
                "member": member,
                "has": proposal.has.get(member.pk, 0),
                "gets": gets.get(member.pk, 0),
                "total": proposal.has.get(member.pk, 0) + gets.get(member.pk, 0),
            }
            for member in proposal.members
        ],
        "short": _short_rows(proposal.division.short[:SHORT_SHOWN]),
        "short_count": len(proposal.division.short),
        "short_more": max(0, len(proposal.division.short) - SHORT_SHOWN),
    }


def _departed_counts(proposal: DivisionProposal) -> list[tuple[User, int]]:
    counts = Counter(member for _pk, member in proposal.taken_back)
    people = User.objects.filter(pk__in=counts).order_by("email")
    return [(member, counts[member.pk]) for member in people]


def _short_rows(rows: Sequence[ShortFile]) -> list[dict[str, Any]]:
    files = Submission.objects.select_related("standing_filing__receipt").in_bulk([row.key for row in rows])
    reasons = {
        ShortageReason.FEW: _("le comité compte trop peu de membres"),
        ShortageReason.BARRED: _("conflits d’intérêts"),
    }
    return [
        {
            "submission": files[row.key],
            "number": receipt_number(files[row.key]),
            "readers": row.readers,
            "reason": reasons[row.lack],
        }
        for row in rows
    ]


def _assign_from_form(request: HttpRequest, offer: Offer, actor: User, form: EvenDivisionForm) -> bool:
    try:
        done = assign(
            offer=offer,
            readers=form.cleaned_data["readers"],
            common=form.cleaned_data["common"],
            due_on=form.cleaned_data["due_on"],
            actor=actor,
            at=database_instant(),
            seen=form.cleaned_data["seen"],
        )
    except StaleDivisionError as refusal:
        form.add_error(None, str(refusal))
        return False
    gets = done.division.gets()
    if done.taken_back:
        number = len(done.taken_back)
        text = ngettext(
            "%(number)s attribution retirée à d’anciens membres.",
            "%(number)s attributions retirées à d’anciens membres.",
            number,
        )
        messages.success(request, text % {"number": formats.number(number)})
    elif not gets:
        messages.info(
            request, _("Il n’y avait rien à attribuer : chaque dossier a déjà les évaluations possibles.")
        )
    if not gets:
        return True
    messages.success(request, division_message(done))
    return True


def division_message(done: DivisionProposal) -> str:
    """Return what a division gave to each member, and how many files have too few readers."""
    gets, number = done.division.gets(), len(done.division.given)
    text = ngettext("%(number)s évaluation attribuée : ", "%(number)s évaluations attribuées : ", number)
    shares = [f"{member} {formats.number(gets[member.pk])}" for member in done.members if member.pk in gets]
    text = text % {"number": formats.number(number)} + formats.enumeration(shares) + "."
    if done.division.short:
        lacking = ngettext(
            " %(number)s dossier n’a pas toutes ses évaluations.",
            " %(number)s dossiers n’ont pas toutes leurs évaluations.",
            len(done.division.short),
        )
        text += lacking % {"number": formats.number(len(done.division.short))}
    return text
