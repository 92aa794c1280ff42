"""Staff page of the assignments of an offer, file by file."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.outbox.selectors import database_instant
from intake.review.access.errors import InConflictError
from intake.review.access.impartiality import is_impartial
from intake.review.access.search import search_condition
from intake.review.access.visibility import COUNT_MAX, visible_submissions
from intake.review.assignment.departed_members import assigned_to_none_of
from intake.review.assignment.errors import AssignmentNotAllowedError
from intake.review.assignment.forms import EvenDivisionForm, ManualAssignmentForm
from intake.review.assignment.operations import revise_assignments
from intake.review.assignment.progress import progress_of
from intake.review.assignment.queries import RefusalReason, assignments_of, files_to_mark, members_of
from intake.review.models import Assessment, Assignment
from intake.review.pages.labels import capped_count_text
from intake.review.pages.shortcuts import acting_user, admin_context, queue_of_offer, receipt_number, refuse
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview
from intake.web.paging import MAX_LISTED, BoundedPaginator, bounded_count
from offers.models import Offer

PER_PAGE, MAX_BOXES = 25, 450
"""Files per page; fewer for a large committee, because Django limits the number of fields that a form may post."""
WITHOUT = "sans-lecture"
REFUSALS_SAID = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """One member and one file: whether assigned, and the reason if it cannot be changed."""

    name: str
    value: str
    checked: bool
    assigned: bool
    """As stored, whatever is ticked. The page posts it back, so that concurrent changes are detected."""
    fixed: str


@dataclass(frozen=True, slots=True)
class Row:
    """One file, with all committee members."""

    submission: Submission
    number: str
    choices: tuple[Choice, ...]

    @property
    def assigned(self) -> str:
        """Pairs displayed as assigned that can be removed, as the form posts them back."""
        return ",".join(choice.value for choice in self.choices if choice.assigned and not choice.fixed)


def require_may_assign(
    page: Callable[[HttpRequest, Offer, User], HttpResponseBase],
) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """Decorator: pass the offer and the user to the page. Redirect, with a message, a user who is not impartial.

    The page raises PermissionDenied if the user may not assign files, Http404 if the offer does not exist.
    """

    @wraps(page)
    def shown(request: HttpRequest, number: str) -> HttpResponseBase:
        actor = acting_user(request, "review.assign_submission")
        offer = get_object_or_404(Offer, number=number)
        if not is_impartial(user=actor, offer=offer):
            return refuse(request, InConflictError(), queue_of_offer(offer))
        return page(request, offer, actor)

    return shown


def assignment_context(request: HttpRequest, offer: Offer) -> dict[str, Any]:
    """Return the context that all assignment pages share."""
    return admin_context(request) | {
        "offer": offer,
        "place": {"queue_url": queue_of_offer(offer)},
        "division_url": reverse("review:assignments", args=[offer.number]),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@require_may_assign
def assignments(request: HttpRequest, offer: Offer, actor: User) -> HttpResponseBase:
    """GET: assignments and progress of each member. POST: store the ticked assignments."""
    on = timezone.now().astimezone(offer.zone).date()
    if request.method == "POST":
        form = ManualAssignmentForm(request.POST, on=on)
        if form.is_valid() and _save_from_form(request, offer, actor, form):
            return redirect(request.get_full_path())
    else:
        form = ManualAssignmentForm(initial={"shown": True}, on=on)
    progress = progress_of(offer=offer, actor=actor, on=on, most=MAX_LISTED)
    members = [row.member for row in progress.rows]
    page = _page(request, offer, actor, members=len(members))
    waiting = files_to_mark(offer=offer, actor=actor)
    reserved = visible_submissions(actor).filter(offer=offer, reserve=HumanReview.PENDING)
    context = assignment_context(request, offer) | {
        "title": _("Répartition"),
        "form": form,
        "even": EvenDivisionForm(
            initial={"readers": 2}, on=on, auto_id="even_%s"
        ),  # both forms have a due day
        "progress": progress,
        "page_obj": page,
        "rows": _rows(page, offer, members, ticked=form.data if form.is_bound else None),
        "total": capped_count_text(bounded_count(waiting, COUNT_MAX)),
        "unread": bounded_count(waiting.filter(_unassigned(offer)), COUNT_MAX),
        "reserved": bounded_count(reserved, COUNT_MAX),
        "query": request.GET.get("q", ""),
        "without": request.GET.get("voir") == WITHOUT,
    }
    return TemplateResponse(request, "review/assignments.html", context, status=422 if form.errors else 200)


def _unassigned(offer: Offer) -> Q:
    """Return the condition that a file is assigned to no committee member who may read it. One query."""
    return assigned_to_none_of(list(members_of(offer).values_list("pk", flat=True)))


def _page(request: HttpRequest, offer: Offer, actor: User, *, members: int) -> Page[Any]:
    files = files_to_mark(offer=offer, actor=actor)
    if request.GET.get("voir") == WITHOUT:
        files = files.filter(_unassigned(offer))
    if words := request.GET.get("q", ""):
        files = files.filter(search_condition(files, words))
    ordered = files.select_related("standing_filing__receipt").order_by("received_at", "pk")
    of_a_page = max(1, min(PER_PAGE, MAX_BOXES // (members + 1)))  # a box per member, and the assigned pairs
    return BoundedPaginator(ordered, of_a_page).get_page(request.GET.get("page"))


def _rows(page: Page[Any], offer: Offer, members: list[User], *, ticked: Any) -> list[Row]:
    """Return the page's files with all members. After an error, boxes keep the state in which they were posted."""
    files: list[Submission] = list(page.object_list)
    numbers = [file.pk for file in files]
    of_page: QuerySet[Submission] = Submission.objects.filter(pk__in=numbers)
    shared = assignments_of(offer=offer, members=[member.pk for member in members], files=of_page)
    submitted = Assessment.objects.filter(submission__in=numbers, submitted_at__isnull=False)
    marked = set(submitted.values_list("submission", "reviewer"))
    assigned = set(Assignment.objects.filter(submission__in=numbers).values_list("submission", "reviewer"))
    sent = set(ticked.getlist("lit")) if ticked is not None else None
    rows = []
    for file in files:
        choices = []
        for member in members:
            pair, value = (file.pk, member.pk), f"{file.pk}-{member.pk}"
            fixed = ""
            if member.pk in shared.barred.get(file.pk, ()):
                fixed = _("conflit d’intérêts")
            elif pair in marked:
                fixed = _("note remise")
            checked = pair in assigned if sent is None or fixed else value in sent
            choices.append(Choice(str(member), value, checked, pair in assigned, fixed))
        rows.append(Row(file, receipt_number(file), tuple(choices)))
    return rows


def _save_from_form(request: HttpRequest, offer: Offer, actor: User, form: ManualAssignmentForm) -> bool:
    """Store the ticked assignments and add a message. Return False if the page must be shown again."""
    ticked, shown = form.pairs("lit"), form.pairs("etait")
    new = [pair for pair in ticked if pair not in set(shown)]
    gone = [pair for pair in shown if pair not in set(ticked)]
    try:
        added, removed = revise_assignments(
            offer=offer,
            added=new,
            removed=gone,
            due_on=form.cleaned_data["due_on"],
            actor=actor,
            at=database_instant(),
        )
    except AssignmentNotAllowedError as refusal:
        form.add_error(None, " ".join([_("Rien n’a été changé."), *_add_refusal_messages(refusal)]))
        return False
    said = []
    if added:
        words = ngettext("%(number)s lecture confiée.", "%(number)s lectures confiées.", added)
        said.append(words % {"number": added})
    if removed:
        words = ngettext("%(number)s lecture reprise.", "%(number)s lectures reprises.", removed)
        said.append(words % {"number": removed})
    if removed < len(gone):
        said.append(_("Ce qui est déjà noté, ou repris par une autre personne, est resté comme il était."))
    messages.success(request, " ".join(said) or _("Rien n’était à changer."))
    return True


def _add_refusal_messages(refusal: AssignmentNotAllowedError) -> list[str]:
    pairs = list(refusal.refused)[:REFUSALS_SAID]
    files = Submission.objects.select_related("standing_filing__receipt").in_bulk([file for file, _ in pairs])
    people = User.objects.in_bulk([member for _file, member in pairs])
    said = []
    for file, member in pairs:
        why = refusal.refused[file, member]
        # Do not reveal the number of a file that the user may not read.
        number = receipt_number(files[file]) if why != "NO_FILE" and file in files else _("Un dossier")
        words = RefusalReason(why).sentence(number, str(people.get(member, _("Cette personne"))))
        said.append(words[:1].upper() + words[1:] + ".")
    return said
