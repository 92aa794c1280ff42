"""Due days of assignments: list them, and set a new one for a member or for all."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.outbox.selectors import database_instant
from intake.review.assignment.forms import DueChangeForm
from intake.review.assignment.operations import change_due_day
from intake.review.assignment.queries import members_of, open_assignments
from offers.models import Offer

from .by_hand import assignment_context, require_may_assign


@require_http_methods(["GET", "HEAD", "POST"])
@require_may_assign
def assign_due(request: HttpRequest, offer: Offer, actor: User) -> HttpResponseBase:
    """GET: due days of each member's unmarked assignments. POST: set another due day."""
    on = timezone.now().astimezone(offer.zone).date()
    people = {member.pk: str(member) for member in members_of(offer)}
    form = DueChangeForm(request.POST if request.method == "POST" else None, members=people.items(), on=on)
    if form.is_bound and form.is_valid():
        changed = change_due_day(
            offer=offer,
            due_on=form.cleaned_data["due_on"],
            reviewer=form.cleaned_data["member"],
            actor=actor,
            at=database_instant(),
        )
        _add_message(request, changed)
        return redirect("review:assign_due", number=offer.number)
    context = assignment_context(request, offer) | {
        "title": _("Échéances"),
        "form": form,
        "rows": _rows(offer, actor, people),
        "on": on,
    }
    return TemplateResponse(request, "review/assign_due.html", context, status=422 if form.errors else 200)


def _rows(offer: Offer, actor: User, people: dict[int, str]) -> list[dict[str, Any]]:
    found = open_assignments(offer=offer, actor=actor).order_by()
    counted = found.values_list("reviewer", "due_on").annotate(files=Count("pk"))
    rows = [{"name": people[member], "due_on": day, "files": files} for member, day, files in counted]
    return sorted(rows, key=lambda row: (row["name"], row["due_on"] is None, row["due_on"]))


def _add_message(request: HttpRequest, changed: int) -> None:
    if not changed:
        messages.info(request, _("Rien n’était à changer."))
        return
    words = ngettext(
        "%(number)s lecture a une autre échéance ; la personne en est avertie par courriel d’ici quelques minutes.",
        "%(number)s lectures ont une autre échéance ; chaque personne en est avertie par un courriel d’ici quelques "
        "minutes.",
        changed,
    )
    messages.success(request, words % {"number": changed})
