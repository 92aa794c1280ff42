"""The queue of candidatures, in the administration."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.review.access.anonymous_review import displayed_name, offers_anonymous_to
from intake.review.access.committee_membership import memberships_of
from intake.review.access.queries import COUNT_MAX, visible_submissions
from intake.review.access.search import search_condition
from intake.review.bulk.admin_actions import BULK, PREPARE
from intake.review.decisions.queries import PREPARE as PREPARES
from intake.review.pages import labels
from intake.review.shortlist_page.queue_box import shortlist_box
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview
from intake.web.paging import CountedPaginator, bounded_count

from . import cells
from .changelist import QueueList
from .header import recent_bulk_runs, saved_views_context
from .rows import Marks
from .state_filters import (
    ComplementFilter,
    HumanReviewFilter,
    OfferFilter,
    RegisterFilter,
    StateFilter,
    VerdictFilter,
)
from .work_filters import WORK_FILTERS

if TYPE_CHECKING:
    from intake.accounts.models import User

    SubmissionBase = admin.ModelAdmin[Submission]
else:
    # Its parameter exists for the type checker alone.
    SubmissionBase = admin.ModelAdmin

FEW = 200
"""Found by a search: so many are named to the database one by one."""


def _search_condition(user: "User", search_term: str) -> Q:
    """Return the condition of what `user` may read and a search finds: the few by their keys, many by their words."""
    mine = visible_submissions(user)
    wanted = search_condition(mine, search_term, blind=offers_anonymous_to(user))
    keys = list(mine.filter(wanted).order_by().values_list("pk", flat=True)[: FEW + 1])
    return Q(pk__in=keys) if len(keys) <= FEW else wanted


@admin.register(Submission)
class SubmissionAdmin(SubmissionBase):
    """Filed candidatures, the longest waiting first. Nothing is added, edited or deleted here: services move them."""

    list_filter = (
        OfferFilter,
        StateFilter,
        ComplementFilter,
        VerdictFilter,
        HumanReviewFilter,
        RegisterFilter,
        *WORK_FILTERS,
    )
    search_fields = ("filed_name",)  # shows the search box; `wanted_by` says what is searched
    search_help_text = gettext_lazy("Nom, numéro de dépôt ou adresse courriel.")
    # One order, so that « suivante » on a candidature's page follows the list that was being read.
    ordering = ("received_at", "pk")
    sortable_by = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.ALLOW
    list_per_page = 50
    list_max_show_all = 50
    paginator = CountedPaginator
    actions = (*BULK, PREPARE)
    list_display_links = ("number",)

    # -- Who ---------------------------------------------------------------------------------------------
    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 -- Django's signature
        """Refuse: candidates file their own."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Submission | None = None) -> bool:  # noqa: ARG002 -- same
        """Refuse: what was filed never changes, and states move by services."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Submission | None = None) -> bool:  # noqa: ARG002 -- same
        """Refuse: a candidature is anonymised by its schedule, never deleted."""
        return False

    def has_triage_permission(self, request: HttpRequest) -> bool:
        """Say whether the person may take candidatures up."""
        return bool(request.user.has_perm("submissions.triage_submission"))

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Say whether the person may decide."""
        return bool(request.user.has_perm("submissions.decide_submission"))

    def has_prepare_permission(self, request: HttpRequest) -> bool:
        """Say whether the person may prepare decisions."""
        return bool(request.user.has_perm(PREPARES))

    # -- What --------------------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        """Return what the person may read; `queue_lines` adds what the lines of a page show."""
        return visible_submissions(request.user)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Submission], search_term: str
    ) -> tuple[QuerySet[Submission], bool]:
        """Search as people write names: accents, case and order aside.

        The list, its count and each counted choice ask again: what is wanted is looked for once in a page.
        """
        if not search_term.strip():
            return queryset, False
        kept: dict[str, Q] = vars(request).setdefault("_found_by_search", {})
        if search_term not in kept:
            kept[search_term] = _search_condition(cast("User", request.user), search_term)
        return queryset.filter(kept[search_term]), False

    def get_changelist(self, request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:  # noqa: ARG002 -- Django's signature
        """Return the list whose lines open our own page."""
        return QueueList

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the columns: the offer unless one was chosen; the mean only for those who decide.

        They follow the order of the judgement: received, admissible, where that leaves the file, of what merit. A
        reviewer who saw the others' marks would not give an independent one.
        """
        offer = () if request.GET.get(OfferFilter.parameter_name) else ("offer_number",)
        mean = ("mean",) if self.has_decide_permission(request) else ()
        return ("number", "name", *offer, "received", "verdict_badge", "state_badge", "own_mark", *mean)

    def get_urls(self) -> list[URLPattern]:
        """Keep the list, and the address that the administration itself links to."""
        kept = {f"submissions_submission_{page}" for page in ("changelist", "change")}
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", None) in kept]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002 -- Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 -- same
    ) -> HttpResponse:
        """Send to the candidature's own page.

        :raises Http404: if there is none, or if it is not this person's to read.
        """
        found = visible_submissions(request.user).filter(pk=object_id) if object_id.isdecimal() else None
        submission = found.first() if found is not None else None
        if submission is None:
            raise Http404
        return redirect("review:file", public_id=submission.public_id)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add what is to be judged under reserve, the chosen offer's export, and words for an empty queue."""
        number = request.GET.get("offre", "")
        may_read = self.has_decide_permission(request) or memberships_of(request.user).exists()
        context = {
            "title": _("Candidatures"),
            "seatless": not may_read,
            "shortlist": shortlist_box(request, number),
            "reserved": self._count_awaiting_review(request),
            "bulk": recent_bulk_runs(request),
            "saved": saved_views_context(request),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def _count_awaiting_review(self, request: HttpRequest) -> str:
        """Return how many candidatures wait for a judgement on the rules, to those who may judge and do not see it."""
        if not self.has_decide_permission(request) or HumanReviewFilter.parameter_name in request.GET:
            return ""
        waiting = bounded_count(
            visible_submissions(request.user).filter(reserve=HumanReview.PENDING), COUNT_MAX
        )
        return labels.human_review_count_text(waiting) if waiting else ""

    # -- Columns, of what `queue_lines.lines_of` read -------------------------------------------------------
    @admin.display(description=gettext_lazy("numéro"))
    def number(self, submission: Submission) -> str:
        """Return the receipt's number."""
        return vars(submission)["receipt_number"] or ""

    def action_checkbox(self, obj: Submission) -> SafeString:
        """Return the box that ticks a line."""
        return cells.checkbox(self.number(obj), obj.pk)

    @admin.display(description=gettext_lazy("nom"))
    def name(self, submission: Submission) -> str:
        """Return the name as filed, to those who may know it."""
        return displayed_name(submission)

    @admin.display(description=gettext_lazy("offre"))
    def offer_number(self, submission: Submission) -> str:
        """Return the offer's number and the short name of its organisation."""
        known = vars(submission)
        return f"{known['offer_number']} {known['organisation_short']}".strip()

    @admin.display(description=gettext_lazy("reçue le"))
    def received(self, submission: Submission) -> SafeString | str:
        """Return the day and hour of the filing that stands, at Québec's clock."""
        return cells.received(submission.received_at) if submission.received_at else ""

    @admin.display(description=gettext_lazy("état"))
    def state_badge(self, submission: Submission) -> SafeString:
        """Return the state as staff read it and, of an incomplete file, that its time is over."""
        return cells.state_badge(submission.state, is_over=bool(vars(submission)["is_over"]))

    @admin.display(description=gettext_lazy("admissibilité"))
    def verdict_badge(self, submission: Submission) -> SafeString:
        """Return the verdict of the filing that stands, where its review is, and what the register learned since."""
        matched = bool(vars(submission)["is_matched"])
        return cells.verdict_badge(submission.filed_outcome, submission.reserve, is_matched=matched)

    @admin.display(description=gettext_lazy("ma note"))
    def own_mark(self, submission: Submission) -> SafeString:
        """Return the reader's own score, once they submitted it."""
        return cells.own_mark(_marks(submission).own)

    @admin.display(description=gettext_lazy("moyenne"))
    def mean(self, submission: Submission) -> SafeString:
        """Return the committee's mean and how many marks it is made of; its members see it once their own is in.

        Whoever applied to the offer never does: no mark of theirs counts.
        """
        marks = _marks(submission)
        if vars(submission)["own_first"] and marks.own is None:
            return cells.mean(None, 0)
        return cells.mean(marks.mean, marks.number)


def _marks(submission: Submission) -> Marks:
    marks: Marks = vars(submission)["read_marks"]
    return marks
