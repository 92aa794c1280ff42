"""Pages of the anonymous review of an offer, and of the declaration of a conflict of interest on one of its files."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.review.access.anonymous_review import is_name_hidden
from intake.review.access.errors import InConflictError, OwnSubmissionError, ReviewError, StaleConflictsError
from intake.review.access.impartiality import is_impartial
from intake.review.access.visibility import committee_of, conflict_events
from intake.review.marks.queries import countable_assessments
from intake.review.models import Assessment, BlindReading
from intake.review.pages.queue_navigation import file_url, queue_position
from intake.review.pages.shortcuts import (
    acting_user,
    admin_context,
    file_context,
    queue_of_offer,
    refuse,
    visible_or_404,
)
from intake.submissions.models import Submission
from offers.models import Offer

from .forms import ConflictForm
from .operations import declare_conflict, end_anonymous_review, start_anonymous_review

END = "lever"
"""Value of `acte` sent by the button that ends the review. Any other value starts it."""


@require_http_methods(["GET", "HEAD", "POST"])
def anonymous_review(request: HttpRequest, number: str) -> HttpResponseBase:
    """GET: state and history of the anonymous review. POST: start or end it."""
    actor = acting_user(request, "review.set_blind_reading")
    offer = get_object_or_404(Offer, number=number)
    impartial = is_impartial(user=actor, offer=offer)
    if request.method == "POST":
        if not impartial:
            messages.error(request, str(InConflictError()))
        elif request.POST.get("acte") == END:
            if end_anonymous_review(offer=offer, actor=actor):
                messages.success(request, _("L’évaluation anonyme est terminée : le comité lit les noms."))
        elif start_anonymous_review(offer=offer, actor=actor):
            messages.success(
                request, _("L’évaluation de cette offre est anonyme : le comité ne voit plus les noms.")
            )
        return redirect("review:blind_reading", number=offer.number)
    history = BlindReading.objects.filter(offer=offer).select_related("begun_by", "ended_by")
    context = admin_context(request) | {
        "title": _("Évaluation anonyme"),
        "offer": offer,
        "place": {"queue_url": queue_of_offer(offer)},
        "impartial": impartial,
        "bound_words": InConflictError.message,
        "running": history.filter(ended_at=None).first(),
        "marks": countable_assessments(Assessment.objects.filter(submission__offer=offer)).count(),
        "history": history.order_by("-begun_at", "-pk"),
    }
    return TemplateResponse(request, "review/blind.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def conflict(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """GET: confirmation, with a choice of reviewer for a decider. POST: declare the conflict."""
    submission, actor = visible_or_404(request, public_id), acting_user(request)
    decides = actor.has_perm("submissions.decide_submission")
    bound = decides and not is_impartial(user=actor, offer=submission.offer)
    if bound and "reviewer" in request.POST:
        # The page is older than the user's loss of impartiality: its choice of reviewer is no declaration of their own.
        return refuse(request, InConflictError(), file_url(request, submission))
    people: dict[int, User] = {}
    if decides and not bound:
        # A decider may declare their own conflict and those of the committee members.
        people = {user.pk: user for user in (actor, *committee_of(submission).exclude(pk=actor.pk))}
    form = ConflictForm(
        request.POST if request.method == "POST" else None,
        initial={"seen": conflict_events(user=actor, submission=submission)},
        people=[(pk, _("Moi") if person == actor else str(person)) for pk, person in people.items()],
    )
    if request.method == "POST" and form.is_valid():
        if response := _declare_from_form(request, submission, form, people):
            return response
        form.update_version(seen=conflict_events(user=actor, submission=submission))
    context = file_context(request, submission) | {
        "title": _("Déclarer un conflit d’intérêts"),
        "form": form,
        "is_blind": is_name_hidden(submission),
        "for_others": bool(people),
        "bound_words": InConflictError.message if bound else "",
    }
    return TemplateResponse(request, "review/conflict.html", context, status=422 if form.errors else 200)


def _declare_from_form(
    request: HttpRequest, submission: Submission, form: ConflictForm, people: dict[int, User]
) -> HttpResponseBase | None:
    """Declare the conflict and redirect. Return None if the page must be shown again."""
    actor = acting_user(request)
    chosen = form.cleaned_data.get("reviewer")
    reviewer = people[chosen] if chosen else actor
    queue_url = queue_position(request, submission).queue_url
    try:
        declare_conflict(
            submission=submission,
            reviewer=reviewer,
            actor=actor,
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
        )
    except StaleConflictsError as refusal:
        form.add_error(None, str(refusal))
        return None
    except (OwnSubmissionError, InConflictError) as refusal:
        return refuse(request, refusal, file_url(request, submission))
    except ReviewError:
        message = _("Cette personne n’a pas accès à cette candidature : rien n’a changé.")
        return refuse(request, message, file_url(request, submission))
    if reviewer != actor:
        messages.success(
            request,
            _("Le conflit d’intérêts est déclaré : %(person)s ne voit plus cette candidature.")
            % {"person": reviewer},
        )
        return redirect(file_url(request, submission))
    messages.success(
        request, _("Votre conflit d’intérêts est déclaré : vous n’avez plus accès à cette candidature.")
    )
    return redirect(queue_url)
