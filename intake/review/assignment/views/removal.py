"""Removal of a committee member, whose files are divided among the others in the same act."""

from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from intake.accounts.models import User
from intake.outbox.selectors import database_instant
from intake.review.access.committee_membership import is_divided
from intake.review.assignment.forms import RemovalForm
from intake.review.assignment.operations import StaleDivisionError, revoke_member
from intake.review.assignment.queries import propose_replacement
from intake.review.marks.queries import countable_assessments, draft_assessments_of
from intake.review.models import Assessment, Assignment, CommitteeMember
from intake.review.pages.shortcuts import acting_user

from .assignments import assignment_response
from .evenly import division_message, proposal_context


def remove_member(request: HttpRequest, member: CommitteeMember) -> HttpResponse:
    """GET: what becomes of the member's marks and files. POST: remove them and divide these files.

    :raises PermissionDenied: if the user may not assign files.
    """
    actor, offer = acting_user(request, "review.assign_submission"), member.offer
    on = timezone.localdate()
    form = RemovalForm(request.POST if request.method == "POST" else None, on=on)
    if form.is_bound and form.is_valid() and _remove_from_form(request, member, actor, form):
        return redirect("admin:review_committeemember_changelist")
    proposal = propose_replacement(offer=offer, member=member.reviewer, actor=actor)
    taken_back = Assignment.objects.filter(pk__in=[pk for pk, _member in proposal.taken_back])
    about = Assessment.objects.filter(submission__offer=offer, reviewer=member.reviewer)
    context: dict[str, Any] = proposal_context(proposal) | {
        "title": _("Retirer du comité"),
        "person": member.reviewer,
        "divided": is_divided(offer.pk),
        "marks": countable_assessments(about).filter(filing=F("submission__standing_filing")).count(),
        "begun": draft_assessments_of(member.reviewer).filter(submission__offer=offer).count(),
        "left": len(proposal.taken_back),
        "late": taken_back.filter(due_on__lt=on).count(),
    }
    return assignment_response(request, offer, "review/remove_member.html", form, context)


def _remove_from_form(request: HttpRequest, member: CommitteeMember, actor: User, form: RemovalForm) -> bool:
    """Remove the member and report what was divided. Return False if the page must be shown again."""
    try:
        done = revoke_member(
            member=member,
            due_on=form.cleaned_data["due_on"],
            actor=actor,
            seen=form.cleaned_data["seen"],
            at=database_instant(),
        )
    except StaleDivisionError as refusal:
        form.add_error(None, str(refusal))
        return False
    said = [_("%(person)s ne siège plus au comité.") % {"person": member.reviewer}]
    if done.division.given:
        said.append(division_message(done))
    messages.success(request, " ".join(said))
    return True
