"""The queue of submissions, in the administration."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from intake.accounts.models import User
from intake.base.change_lists import PortalAdmin
from intake.journal.readings import RecordedList
from intake.review.access.anonymous_review import displayed_name, offers_anonymous_to
from intake.review.access.committee_membership import memberships_of
from intake.review.access.search import search_condition
from intake.review.access.visibility import COUNT_MAX, visible_submissions
from intake.review.bulk.views import BULK, PREPARE
from intake.review.decisions.queries import PREPARE as PREPARES
from intake.review.pages import labels
from intake.review.pages.shortcuts import acting_user
from intake.review.shortlist_page.views import shortlist_box
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview
from intake.web.admin_lists import ReadOnly
from intake.web.paging import CountedPaginator, bounded_count

from . import rows
from .filters import STATE_FILTERS, HumanReviewFilter, OfferFilter
from .rows import NO_MARK, QueueList, QueueRow
from .views import recent_bulk_runs, saved_views_context
from .work_filters import WORK_FILTERS

FEW = 200
"""Maximum number of search results that are passed to the database by primary key."""


def _search_condition(user: User, search_term: str) -> Q:
    """Return the condition of a search in what `user` may read: up to `FEW` results by keys, more by search terms."""
    mine = visible_submissions(user)
    wanted = search_condition(mine, search_term, blind=offers_anonymous_to(user))
    keys = list(mine.filter(wanted).order_by().values_list("pk", flat=True)[: FEW + 1])
    return Q(pk__in=keys) if len(keys) <= FEW else wanted


@admin.register(Submission)
class SubmissionAdmin(RecordedList, ReadOnly, PortalAdmin[Submission]):
    """Filed submissions, the longest waiting first."""

    list_filter = (*STATE_FILTERS, *WORK_FILTERS)
    search_fields = ("filed_name",)  # shows the search box; `_search_condition` defines the search
    search_help_text = gettext_lazy("Nom, numéro de dépôt ou adresse courriel.")
    # One order, so that « suivante » on a submission's page follows the list that was read.
    ordering = ("received_at", "pk")
    sortable_by = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.ALLOW
    list_per_page = 50
    list_max_show_all = 50
    paginator = CountedPaginator
    actions = (*BULK, PREPARE)
    list_display_links = ("number",)

    # -- Permissions -------------------------------------------------------------------------------------
    def has_triage_permission(self, request: HttpRequest) -> bool:
        """True if the user may take up submissions for review."""
        return bool(request.user.has_perm("submissions.triage_submission"))

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """True if the user may decide."""
        return bool(request.user.has_perm("submissions.decide_submission"))

    def has_prepare_permission(self, request: HttpRequest) -> bool:
        """True if the user may prepare decisions."""
        return bool(request.user.has_perm(PREPARES))

    # -- List --------------------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        """Return the submissions that the user may read; `rows.queue_rows` adds what the rows of a page show."""
        return visible_submissions(request.user)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Submission], search_term: str
    ) -> tuple[QuerySet[Submission], bool]:
        """Search names without regard to accents, case and order.

        The list, its count and each counted choice call this: the condition is computed once per request.
        """
        if not search_term.strip():
            return queryset, False
        computed: dict[str, Q] = vars(request).setdefault("_found_by_search", {})
        if search_term not in computed:
            computed[search_term] = _search_condition(acting_user(request), search_term)
        return queryset.filter(computed[search_term]), False

    def get_changelist(self, request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:  # noqa: ARG002 -- Django's signature
        """Return the change list whose rows link to the submission's own page."""
        return QueueList

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the columns: the offer unless one was chosen; the mean only for deciders.

        They follow the order of the work: received, eligible, resulting state, merit. A reviewer who saw the others'
        marks would not give an independent one.
        """
        offer = () if request.GET.get(OfferFilter.parameter_name) else ("offer_number",)
        mean = ("mean",) if self.has_decide_permission(request) else ()
        return ("number", "name", *offer, "received", "verdict_badge", "state_badge", "own_mark", *mean)

    def get_urls(self) -> list[URLPattern]:
        """Keep the list, and the address to which the administration itself links."""
        kept = {f"submissions_submission_{page}" for page in ("changelist", "change")}
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", None) in kept]

    def change_view(self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Redirect to the submission's own page.

        :raises Http404: if there is none, or if this user may not read it.
        """
        if not object_id.isdecimal():
            raise Http404
        submission = get_object_or_404(visible_submissions(request.user), pk=object_id)
        return redirect("review:file", public_id=submission.public_id)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add to the list: pending human reviews, the chosen offer's shortlist box, bulk runs and saved views."""
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
        """Return the number as text. Empty for a user who may not rule, and on a list filtered by human review."""
        if not self.has_decide_permission(request) or HumanReviewFilter.parameter_name in request.GET:
            return ""
        waiting = bounded_count(
            visible_submissions(request.user).filter(reserve=HumanReview.PENDING), COUNT_MAX
        )
        return labels.human_review_count_text(waiting) if waiting else ""

    # -- Columns, from what `rows.queue_rows` reads ---------------------------------------------------------
    @admin.display(description=gettext_lazy("numéro"))
    def number(self, submission: QueueRow) -> str:
        """Return the receipt number."""
        return submission.receipt_number or ""

    def action_checkbox(self, obj: Any) -> SafeString:
        """Return the checkbox of a row."""
        return rows.checkbox(self.number(obj), obj.pk)

    @admin.display(description=gettext_lazy("nom"))
    def name(self, submission: QueueRow) -> str:
        """Return the name as filed, or its mask if it is hidden from the reader."""
        return displayed_name(submission)

    @admin.display(description=gettext_lazy("offre"))
    def offer_number(self, submission: QueueRow) -> str:
        """Return the offer's number and the short name of its organisation."""
        return f"{submission.offer_number} {submission.organisation_short}".strip()

    @admin.display(description=gettext_lazy("reçue le"))
    def received(self, submission: QueueRow) -> SafeString | str:
        """Return the day and hour of the current filing, in Québec's time."""
        return rows.received(submission.received_at) if submission.received_at else ""

    @admin.display(description=gettext_lazy("état"))
    def state_badge(self, submission: QueueRow) -> SafeString:
        """Return the state's label for staff and, for an incomplete file, whether its time is over."""
        return rows.state_badge(submission.state, get_language(), is_over=submission.is_over)

    @admin.display(description=gettext_lazy("admissibilité"))
    def verdict_badge(self, submission: QueueRow) -> SafeString:
        """Return the verdict of the current filing, the status of its human review, and any register match."""
        outcome, reserve = submission.filed_outcome, submission.reserve
        return rows.verdict_badge(outcome, reserve, get_language(), is_matched=submission.is_matched)

    @admin.display(description=gettext_lazy("ma note"))
    def own_mark(self, submission: QueueRow) -> SafeString:
        """Return the reader's own score, once submitted."""
        return rows.own_mark(submission.read_marks.own, get_language())

    @admin.display(description=gettext_lazy("moyenne"))
    def mean(self, submission: QueueRow) -> SafeString:
        """Return the committee's mean and its number of marks; hidden from a member who has yet to mark the file.

        Always hidden from a user who applied to the offer: their marks do not count.
        """
        marks = submission.read_marks
        if submission.own_first and marks.own is None:
            marks = NO_MARK
        return rows.mean(marks.mean, marks.number, get_language())
