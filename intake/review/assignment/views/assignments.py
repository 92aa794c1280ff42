"""Staff pages of the assignments of an offer: file by file, by a CSV list, and their due days."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.journal.readings import record_shown
from intake.outbox.selectors import database_instant
from intake.review.access.errors import InConflictError
from intake.review.access.impartiality import is_impartial
from intake.review.access.search import search_condition
from intake.review.access.visibility import COUNT_MAX, visible_submissions
from intake.review.assignment.csv_import import ParsedAssignments, parse_assignments
from intake.review.assignment.forms import (
    CsvAssignmentForm,
    DueChangeForm,
    DueForm,
    EvenDivisionForm,
    ManualAssignmentForm,
)
from intake.review.assignment.operations import (
    AssignmentNotAllowedError,
    assign_files,
    change_due_day,
    revise_assignments,
)
from intake.review.assignment.progress import progress_of
from intake.review.assignment.queries import (
    RefusalReason,
    assigned_to_none_of,
    assignments_of,
    default_common,
    files_to_mark,
    members_of,
    not_assigned,
    open_assignments,
)
from intake.review.models import Assessment, Assignment
from intake.review.pages.labels import capped_count_text
from intake.review.pages.shortcuts import acting_user, admin_context, queue_of_offer, receipt_number, refuse
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview
from intake.web import formats
from intake.web.paging import MAX_LISTED, BoundedPaginator, bounded_count
from offers.models import Offer

PER_PAGE, MAX_BOXES = 25, 450
"""Files per page; fewer for a large committee, because Django limits the number of fields that a form may post."""
WITHOUT = "sans-lecture"
REFUSALS_SAID, PROBLEMS_SHOWN = 5, 20


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

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(page)
    def shown(request: HttpRequest, number: str) -> HttpResponseBase:
        actor = acting_user(request, "review.assign_submission")
        offer = get_object_or_404(Offer, number=number)
        if not is_impartial(user=actor, offer=offer):
            return refuse(request, InConflictError(), queue_of_offer(offer))
        return page(request, offer, actor)

    return shown


def assignment_response(
    request: HttpRequest, offer: Offer, template: str, form: DueForm, context: dict[str, Any]
) -> TemplateResponse:
    """Return the page with what all assignment pages share; with status 422 if the form has errors."""
    shared = {
        "offer": offer,
        "place": {"queue_url": queue_of_offer(offer)},
        "division_url": reverse("review:assignments", args=[offer.number]),
        "form": form,
    }
    context = admin_context(request) | shared | context
    return TemplateResponse(request, template, context, status=422 if form.errors else 200)


@require_may_assign
def assignments(request: HttpRequest, offer: Offer, actor: User) -> HttpResponseBase:
    """GET: assignments and progress of each member. POST: store the ticked assignments."""
    on = timezone.localdate()
    if request.method == "POST":
        form = ManualAssignmentForm(request.POST, on=on)
        if form.is_valid() and _save_from_form(request, offer, actor, form):
            return redirect(request.get_full_path())
    else:
        form = ManualAssignmentForm(initial={"shown": True}, on=on)
    progress = progress_of(offer=offer, actor=actor, on=on, most=MAX_LISTED)
    members = [row.member for row in progress.rows]
    page = _page(request, offer, actor, members=len(members))
    record_shown(request, page)
    waiting = files_to_mark(offer=offer, actor=actor)
    total = bounded_count(waiting, COUNT_MAX)
    pending = visible_submissions(actor).filter(offer=offer, reserve=HumanReview.PENDING)
    reserved = bounded_count(pending, COUNT_MAX)
    context = {
        "title": _("Attribution"),
        # Its identifiers differ from those of `form`, which also has a due day.
        "even": EvenDivisionForm(
            initial={"readers": 2, "common": default_common(total)}, on=on, auto_id="even_%s"
        ),
        "progress": progress,
        "page_obj": page,
        "rows": _rows(page, offer, members, ticked=form.data if form.is_bound else None),
        "whole": capped_count_text(total),
        "unread": capped_count_text(bounded_count(waiting.filter(_unassigned(offer)), COUNT_MAX)),
        "reserved": reserved,
        "reserved_text": capped_count_text(reserved),
        "query": request.GET.get("q", ""),
        "without": request.GET.get("voir") == WITHOUT,
    }
    return assignment_response(request, offer, "review/assignments.html", form, context)


def _unassigned(offer: Offer) -> Q:
    return assigned_to_none_of(list(members_of(offer).values_list("pk", flat=True)))


def _page(request: HttpRequest, offer: Offer, actor: User, *, members: int) -> Page[Any]:
    files = files_to_mark(offer=offer, actor=actor)
    if request.GET.get("voir") == WITHOUT:
        files = files.filter(_unassigned(offer))
    if search := request.GET.get("q", ""):
        files = files.filter(search_condition(files, search))
    ordered = files.select_related("standing_filing__receipt").order_by("received_at", "pk")
    of_a_page = max(1, min(PER_PAGE, MAX_BOXES // (members + 1)))  # a box per member, and the assigned pairs
    return BoundedPaginator(ordered, of_a_page).get_page(request.GET.get("page"))


def _rows(page: Page[Any], offer: Offer, members: list[User], *, ticked: Any) -> list[Row]:
    """Return the page's files with all members. After an error, boxes keep the state in which they were posted."""
    files: list[Submission] = list(page.object_list)
    numbers = [file.pk for file in files]
    of_page = Submission.objects.filter(pk__in=numbers)
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
        form.add_error(None, " ".join([_("Rien n’a changé."), *_refusal_sentences(refusal)]))
        return False
    sentences = []
    if added:
        text = ngettext("%(number)s évaluation attribuée.", "%(number)s évaluations attribuées.", added)
        sentences.append(text % {"number": formats.number(added)})
    if removed:
        text = ngettext("%(number)s attribution retirée.", "%(number)s attributions retirées.", removed)
        sentences.append(text % {"number": formats.number(removed)})
    if removed < len(gone):
        sentences.append(_("Les dossiers déjà notés, ou repris par une autre personne, n’ont pas changé."))
    messages.success(request, " ".join(sentences) or _("Il n’y avait rien à changer."))
    return True


def _refusal_sentences(refusal: AssignmentNotAllowedError) -> list[str]:
    pairs = list(refusal.refused)[:REFUSALS_SAID]
    files = Submission.objects.select_related("standing_filing__receipt").in_bulk([file for file, _ in pairs])
    people = User.objects.in_bulk([member for _file, member in pairs])
    sentences = []
    for file, member in pairs:
        why = refusal.refused[file, member]
        # Do not reveal the number of a file that the user may not read.
        number = receipt_number(files[file]) if why != "NO_FILE" and file in files else _("Un dossier")
        sentence = RefusalReason(why).sentence(number, str(people.get(member, _("Cette personne"))))
        sentences.append(sentence[:1].upper() + sentence[1:] + ".")
    return sentences


@require_may_assign
def assign_due(request: HttpRequest, offer: Offer, actor: User) -> HttpResponseBase:
    """GET: due days of each member's unmarked assignments. POST: set another due day."""
    on = timezone.localdate()
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
        if changed:
            text = ngettext(
                "%(number)s évaluation a une nouvelle échéance ; nous envoyons un courriel à la "
                "personne d’ici quelques minutes.",
                "%(number)s évaluations ont une nouvelle échéance ; nous envoyons un courriel à "
                "chaque personne d’ici quelques minutes.",
                changed,
            )
            messages.success(request, text % {"number": formats.number(changed)})
        else:
            messages.info(request, _("Il n’y avait rien à changer."))
        return redirect("review:assign_due", number=offer.number)
    context = {"title": _("Échéances"), "rows": _due_rows(offer, actor, people), "on": on}
    return assignment_response(request, offer, "review/assign_due.html", form, context)


def _due_rows(offer: Offer, actor: User, people: dict[int, str]) -> list[dict[str, Any]]:
    assigned = open_assignments(offer=offer, actor=actor).order_by()
    counted = assigned.values_list("reviewer", "due_on").annotate(files=Count("pk"))
    rows = [{"name": people[member], "due_on": day, "files": files} for member, day, files in counted]
    return sorted(rows, key=lambda row: (row["name"], row["due_on"] is None, row["due_on"]))


@require_may_assign
def assign_by_file(request: HttpRequest, offer: Offer, actor: User) -> HttpResponseBase:
    """GET: the form. POST: check the list and display the result; with `confirm`, assign the files."""
    on = timezone.localdate()
    sent = request.method == "POST"
    form = CsvAssignmentForm(request.POST if sent else None, request.FILES if sent else None, on=on)
    context: dict[str, Any] = {"title": _("Attribuer par fichier")}
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
            form.add_error("file", _("Rien n’est attribué : corrigez la liste, puis recommencez."))
        elif confirmed and _assign_list(request, offer, actor, form, read):
            return redirect("review:assignments", number=offer.number)
        elif not form.errors:
            context |= _list_counts(read) | {"text": text, "due_on": form.cleaned_data["due_on"]}
    return assignment_response(request, offer, "review/assign_by_file.html", form, context)


def _list_counts(read: ParsedAssignments) -> dict[str, Any]:
    new = not_assigned(read.pairs)
    counts = Counter(member for _file, member in new)
    people = User.objects.in_bulk(list(counts))
    shares = sorted((str(people[member]), number) for member, number in counts.items())
    return {"read": read, "new": len(new), "known": len(read.pairs) - len(new), "shares": shares}


def _assign_list(
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
    text = ngettext("%(number)s évaluation attribuée.", "%(number)s évaluations attribuées.", added)
    messages.success(request, text % {"number": formats.number(added)})
    return True
