"""Assign files by a CSV list: displayed and counted first, then stored in full or not at all."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.accounts.models import User
from intake.outbox.selectors import database_instant
from intake.review.assignment.csv_import import ParsedAssignments, parse_assignments
from intake.review.assignment.errors import AssignmentNotAllowedError
from intake.review.assignment.forms import CsvAssignmentForm
from intake.review.assignment.operations import assign_files
from intake.review.assignment.queries import not_assigned
from intake.review.models import Assignment
from offers.models import Offer

from .by_hand import assignment_response, require_may_assign

PROBLEMS_SHOWN = 20


@require_may_assign
def assign_by_file(request: HttpRequest, offer: Offer, actor: User) -> HttpResponseBase:
    """GET: the form. POST: check the list and display the result; with `confirm`, assign the files."""
    on = timezone.now().astimezone(offer.zone).date()
    sent = request.method == "POST"
    form = CsvAssignmentForm(request.POST if sent else None, request.FILES if sent else None, on=on)
    context: dict[str, Any] = {"title": _("Confier par fichier")}
    if form.is_bound and form.is_valid():
        text = form.cleaned_data["text"]
        read = parse_assignments(text, offer=offer, actor=actor)
        # Only the button without a file confirms: a new file is checked and displayed first.
        confirmed = "confirm" in request.POST and form.cleaned_data["file"] is None
        if read.problems:
            context |= {
                "problems": [str(problem) for problem in read.problems[:PROBLEMS_SHOWN]],
                "more_problems": max(0, len(read.problems) - PROBLEMS_SHOWN),
            }
            form.add_error("file", _("Rien n’est confié : corrigez la liste, puis reprenez."))
        elif confirmed and _assign_from_form(request, offer, actor, form, read):
            return redirect("review:assignments", number=offer.number)
        elif not form.errors:
            context |= _counts(read) | {"text": text, "due_on": form.cleaned_data["due_on"]}
    return assignment_response(request, offer, "review/assign_by_file.html", form, context)


def _counts(read: ParsedAssignments) -> dict[str, Any]:
    new = not_assigned(read.pairs)
    counts = Counter(member for _file, member in new)
    people = User.objects.in_bulk(list(counts))
    shares = sorted((str(people[member]), number) for member, number in counts.items())
    return {"read": read, "new": len(new), "known": len(read.pairs) - len(new), "shares": shares}


def _assign_from_form(
    request: HttpRequest, offer: Offer, actor: User, form: CsvAssignmentForm, read: ParsedAssignments
) -> bool:
    try:
        added = assign_files(
            offer=offer,
            pairs=read.pairs,
            way=Assignment.Way.FILE,
            due_on=form.cleaned_data["due_on"],
            actor=actor,
            at=database_instant(),
        )
    except AssignmentNotAllowedError as refusal:
        form.add_error("file", str(refusal))
        return False
    text = ngettext("%(number)s lecture confiée.", "%(number)s lectures confiées.", added)
    messages.success(request, text % {"number": added})
    return True
