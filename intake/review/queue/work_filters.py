"""Filters that the dashboard's figures link to: own work, a member's work, a stage, days, a criterion."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.accounts.models import User
from intake.review.access.committee_membership import (
    assigned_to,
    due_before,
    due_on,
    excluded_from,
    memberships_of,
)
from intake.review.assignment.departed_members import left_by_departed, unassigned
from intake.review.marks.queries import MARKABLE_STATES, awaiting_mark_of, marked_by
from intake.review.pages.queue_navigation import UNMARKED
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview
from intake.web import formats
from offers.criterion_labels import criterion_names
from offers.default_criteria import KINDS

from .filter_counts import Choices, CountedFilter, LinkedFilter
from .ineligible_filters import refused_by_criterion, with_sealed_verdict
from .stages import STAGES

TO_MARK, MARKED, LATE, DEPARTED = "a-noter", "notees", "en-retard", "ancien"
DRAFTS, ASSIGNED = "brouillons", "confiees"
UNASSIGNED = "aucune"


class MyWorkFilter(CountedFilter):
    """Filter by the user's own work, for committee members."""

    title = gettext_lazy("à moi")
    parameter_name = "a-moi"

    def lookups(self, request: HttpRequest, _model_admin: Any) -> Choices:
        """Return the choices; none for a user who marks nothing. Only other pages link to `UNMARKED`."""
        if not memberships_of(request.user).exists():
            return []
        reached = request.GET.get(self.parameter_name) == UNMARKED
        return [
            (TO_MARK, _("À noter par moi")),
            (DRAFTS, _("Mes brouillons à remettre")),
            (MARKED, _("Notées par moi")),
            (ASSIGNED, _("Tout ce qui m’est confié")),
            *([(UNMARKED, _("Sans ma note"))] if reached else []),
        ]

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the files that the user has yet to mark, began to mark, marked, or was assigned."""
        user = self.request.user
        if not isinstance(user, User):
            return rows
        condition = _OWN_CONDITIONS.get(value)
        return rows.filter(condition(user)) if condition else rows.none()


def unmarked_condition(user: User) -> Q:
    """Return the condition that `user` may mark the file, which awaits marks, and has not marked it."""
    waits = Q(state__in=MARKABLE_STATES, offer__in=memberships_of(user).values("offer")) & ~Q(
        reserve=HumanReview.PENDING
    )
    return waits & ~Q(marked_by(user))


def has_draft_assessment_of(user: User) -> Q:
    """Return the condition that `user` has a saved assessment that does not count yet, and may submit it.

    A draft, or an assessment submitted on a filing that was replaced since.
    """
    saved = Submission.objects.filter(assessments__reviewer=user).filter(
        Q(assessments__submitted_at=None) | ~Q(assessments__filing=F("standing_filing"))
    )
    return Q(
        pk__in=saved.values("pk"), state__in=MARKABLE_STATES, offer__in=memberships_of(user).values("offer")
    )


_OWN_CONDITIONS: Final[Mapping[str, Callable[[User], Q | Exists]]] = {
    TO_MARK: awaiting_mark_of,
    DRAFTS: has_draft_assessment_of,
    MARKED: marked_by,
    ASSIGNED: assigned_to,
    UNMARKED: unmarked_condition,
}


def _overdue_for(member: User) -> Q:
    return awaiting_mark_of(member) & due_before(member, timezone.now().astimezone(formats.QUEBEC).date())


_OF_A_MEMBER: Final[Mapping[str, Callable[[User], Q]]] = {
    TO_MARK: awaiting_mark_of,
    MARKED: lambda member: Q(marked_by(member)) & ~excluded_from(member),
    LATE: _overdue_for,
    DEPARTED: left_by_departed,
}


class ReaderFilter(LinkedFilter):
    """Filter by one member's work, for users who assign files. Figures link to it, so it shows only when chosen."""

    title = gettext_lazy("lectures de")
    parameter_name = "lecture"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the chosen value with its label; none for a user who assigns no files."""
        assigns = request.user.has_perm("review.assign_submission")
        return super().lookups(request, model_admin) if assigns else []

    def label_of(self, value: str) -> str:
        """Return the member and which of their files."""
        member, what = self._chosen(value)
        words = {
            TO_MARK: _("à noter"),
            MARKED: _("notées"),
            LATE: _("en retard"),
            DEPARTED: _("à répartir"),
        }
        return f"{member} — {words[what]}" if member and what in words else value

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the files that the member has yet to mark, marked, is late with, or had when they left the committee."""
        member, what = self._chosen(value)
        condition = _OF_A_MEMBER.get(what)
        return rows.filter(condition(member)) if member and condition else rows.none()

    @staticmethod
    def _chosen(value: str) -> tuple[User | None, str]:
        number, _dash, what = value.partition("-")
        if not (number.isascii() and number.isdigit() and len(number) < 19):  # noqa: PLR2004 -- digits of a bigint
            return None, what
        known = Q(committees__isnull=False) | Q(assignments__isnull=False)
        return User.objects.filter(known, pk=int(number)).first(), what


class AssignmentFilter(CountedFilter):
    """Filter by assignment to a present committee member, for users who assign files."""

    title = gettext_lazy("attribution")
    parameter_name = "attribution"

    def lookups(self, request: HttpRequest, _model_admin: Any) -> Choices:
        """Return the single choice; none for a user who assigns no files."""
        if not request.user.has_perm("review.assign_submission"):
            return []
        return [(UNASSIGNED, _("Non attribués"))]

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the files that await marks and are assigned to no present member."""
        if value != UNASSIGNED:
            return rows.none()
        # The list, its count and each counted choice need this condition: it is computed once per request.
        kept: dict[str, Q] = vars(self.request).setdefault("_assigned_to_nobody", {})
        if UNASSIGNED not in kept:
            kept[UNASSIGNED] = unassigned()
        return rows.filter(kept[UNASSIGNED])


class StageFilter(CountedFilter):
    """Filter by funnel stage."""

    title = gettext_lazy("étape")
    parameter_name = "etape"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Choices:
        """Return the stages, in order."""
        return [(stage.key, stage.label) for stage in STAGES.values()]

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the submissions that reached the chosen stage."""
        stage = STAGES.get(value)
        return rows.filter(stage.condition()) if stage else rows.none()


class DaysFilter(LinkedFilter):
    """Filter by day of receipt of the current filing, in Québec: `2027-09-12`, or `2027-09-06..2027-09-12`."""

    title = gettext_lazy("reçues")
    parameter_name = "recues"

    def label_of(self, value: str) -> str:
        """Return the day, or the period."""
        days = parse_days(value)
        if days is None:
            return value
        return formats.day(days[0]) if days[0] == days[1] else formats.period(*days)

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the files received on those days, both included."""
        days = parse_days(value)
        if days is None:
            return rows.none()
        return rows.filter(
            received_at__gte=_midnight(days[0]), received_at__lt=_midnight(days[1] + timedelta(days=1))
        )


def parse_days(value: str) -> tuple[date, date] | None:
    """Return the first and the last day of `value`, or None if it contains none."""
    first, _dots, last = value.partition("..")
    try:
        days = date.fromisoformat(first), date.fromisoformat(last or first)
        days[1] + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return days


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=formats.QUEBEC)


class DueFilter(LinkedFilter):
    """Filter by due day of what the user has yet to mark. The dashboard links to it."""

    title = gettext_lazy("à rendre le")
    parameter_name = "rendre"

    def label_of(self, value: str) -> str:
        """Return the day."""
        days = parse_days(value)
        return formats.day(days[0]) if days else value

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the files that the user has yet to mark and that are due on that day."""
        user = self.request.user
        if not isinstance(user, User):
            return rows
        days = parse_days(value)
        return rows.filter(awaiting_mark_of(user) & due_on(user, days[0])) if days else rows.none()


class IneligibleFilter(LinkedFilter):
    """Filter by criterion that refuses a filing with a review request. The dashboard links to it."""

    title = gettext_lazy("critère qui refuse")
    parameter_name = "critere"

    def label_of(self, value: str) -> str:
        """Return the name of the criterion."""
        return criterion_names([value])[0] if value in KINDS else value

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the filings that the criterion refuses."""
        if value not in KINDS:
            return rows.none()
        return with_sealed_verdict(rows).filter(refused_by_criterion(value))


WORK_FILTERS = (
    MyWorkFilter,
    StageFilter,
    AssignmentFilter,
    ReaderFilter,
    DaysFilter,
    DueFilter,
    IneligibleFilter,
)
"""In the order of the page."""
