"""Filters that the dashboard's figures link to: own work, a member's work, a stage, days, a criterion."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, F, Func, JSONField, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from intake.accounts.models import User
from intake.base.numbers import posted_number
from intake.review.access.committee_membership import (
    assigned_to,
    due_before,
    due_on,
    excluded_from,
    memberships_of,
)
from intake.review.assignment.queries import left_by_departed, unassigned
from intake.review.marks.queries import MARKABLE_STATES, awaiting_mark_of, marked_by, waiting_for_marks
from intake.review.pages.queue_navigation import UNMARKED
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview
from intake.web import formats
from offers.criterion_labels import KINDS, criterion_names

from .filters import Choices, CountedFilter, LinkedFilter
from .stages import STAGES

TO_MARK, MARKED, LATE, DEPARTED = "a-noter", "notees", "en-retard", "ancien"
DRAFTS, ASSIGNED = "brouillons", "confiees"
UNASSIGNED = "aucune"


class MyWorkFilter(CountedFilter):
    """Filter by the user's own work, for committee members."""

    title = _("à moi")
    parameter_name = "a-moi"

    def lookups(self, request: HttpRequest, _model_admin: Any) -> Choices:
        """Return the choices; none for a user who marks nothing. Only other pages link to `UNMARKED`."""
        if not memberships_of(request.user).exists():
            return []
        reached = request.GET.get(self.parameter_name) == UNMARKED
        return [(value, label) for value, (label, _condition) in _OWN.items() if value != UNMARKED or reached]

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the files that the user has yet to mark, began to mark, marked, or was assigned."""
        user = self.request.user
        if not isinstance(user, User):
            return rows
        return rows.filter(_OWN[value][1](user)) if value in _OWN else rows.none()


def unmarked_condition(user: User) -> Q:
    """Return the condition that `user` may mark the file, which awaits marks, and has not marked it."""
    own = Q(offer__in=memberships_of(user).values("offer"))
    return waiting_for_marks() & own & ~Q(marked_by(user))


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


_OWN: Final[Mapping[str, tuple[StrOrPromise, Callable[[User], Q | Exists]]]] = {
    TO_MARK: (_("À noter par moi"), awaiting_mark_of),
    DRAFTS: (_("Mes brouillons à remettre"), has_draft_assessment_of),
    MARKED: (_("Notées par moi"), marked_by),
    ASSIGNED: (_("Tous les dossiers qui me sont attribués"), assigned_to),
    UNMARKED: (_("Sans ma note"), unmarked_condition),
}
"""Choices of `MyWorkFilter`, each with its condition."""


def _overdue_for(member: User) -> Q:
    return awaiting_mark_of(member) & due_before(member, timezone.now().astimezone(formats.QUEBEC).date())


_OF_A_MEMBER: Final[Mapping[str, tuple[StrOrPromise, Callable[[User], Q]]]] = {
    TO_MARK: (_("à noter"), awaiting_mark_of),
    MARKED: (_("notées"), lambda member: Q(marked_by(member)) & ~excluded_from(member)),
    LATE: (_("en retard"), _overdue_for),
    DEPARTED: (_("à attribuer"), left_by_departed),
}
"""Choices of `ReaderFilter`, each with its condition."""


class ReaderFilter(LinkedFilter):
    """Filter by one member's work, for users who assign files. Figures link to it, so it shows only when chosen."""

    title = _("évaluations de")
    parameter_name = "lecture"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Return the chosen value with its label; none for a user who assigns no files."""
        assigns = request.user.has_perm("review.assign_submission")
        return super().lookups(request, model_admin) if assigns else []

    def label_of(self, value: str) -> str:
        """Return the member and which of their files."""
        member, what = self._chosen(value)
        return f"{member} — {_OF_A_MEMBER[what][0]}" if member and what in _OF_A_MEMBER else value

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the files that the member has yet to mark, marked, is late with, or had when they left the committee."""
        member, what = self._chosen(value)
        return rows.filter(_OF_A_MEMBER[what][1](member)) if member and what in _OF_A_MEMBER else rows.none()

    @staticmethod
    def _chosen(value: str) -> tuple[User | None, str]:
        number, _dash, what = value.partition("-")
        if (key := posted_number(number)) is None:
            return None, what
        known = Q(committees__isnull=False) | Q(assignments__isnull=False)
        return User.objects.filter(known, pk=key).first(), what


class AssignmentFilter(CountedFilter):
    """Filter by assignment to a present committee member, for users who assign files."""

    title = _("attribution")
    parameter_name = "attribution"
    options = [(UNASSIGNED, _("Non attribués"))]
    permission = "review.assign_submission"

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the files that await marks and are assigned to no present member."""
        if value != UNASSIGNED:
            return rows.none()
        # The list, its count and each counted choice need this condition: it is computed once per request.
        computed: dict[str, Q] = vars(self.request).setdefault("_assigned_to_nobody", {})
        if UNASSIGNED not in computed:
            computed[UNASSIGNED] = unassigned()
        return rows.filter(computed[UNASSIGNED])


class StageFilter(CountedFilter):
    """Filter by funnel stage."""

    title = _("étape")
    parameter_name = "etape"
    options = [(stage.key, stage.label) for stage in STAGES.values()]

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the submissions that reached the chosen stage."""
        stage = STAGES.get(value)
        return rows.filter(stage.condition()) if stage else rows.none()


class DaysFilter(LinkedFilter):
    """Filter by day of receipt of the current filing, in Québec: `2027-09-12`, or `2027-09-06..2027-09-12`."""

    title = _("reçues")
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

    title = _("échéance")
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


_CANONICAL = "standing_filing__seal__canonical"
_REFUSING = '$.verdict.findings[*] ? (@.outcome == "NOT_MET" && @.effect == "BLOCK").kind'


class _RefusingKinds(Func):
    """Kinds of the findings that refuse, one row each."""

    function = "jsonb_path_query"
    template = "%(function)s(%(expressions)s::jsonpath)"
    set_returning = True
    output_field = JSONField()


def filed_for_review() -> Q:
    """Return the condition that the current filing was made with a review request, whatever the rulings since."""
    return ~Q(reserve=HumanReview.NONE)


def refusing_kinds(submissions: QuerySet[Submission]) -> dict[str, int]:
    """Count the submissions that each kind of criterion refuses; the most frequent first, then by kind."""
    kinds = _RefusingKinds(Cast(F(_CANONICAL), JSONField()), Value(_REFUSING))
    # A criterion that may repeat counts once per file.
    pairs = set(
        submissions.filter(filed_for_review())
        .order_by()
        .annotate(refusing=kinds)
        .values_list("pk", "refusing")
    )
    counts = Counter(kind for _pk, kind in pairs)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


class IneligibleFilter(LinkedFilter):
    """Filter by criterion that refuses a filing with a review request. The dashboard links to it."""

    title = _("critère non respecté")
    parameter_name = "critere"

    def label_of(self, value: str) -> str:
        """Return the name of the criterion."""
        return criterion_names([value])[0] if value in KINDS else value

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the filings that the criterion refuses."""
        if value not in KINDS:
            return rows.none()
        refused = {"verdict": {"findings": [{"kind": value, "outcome": "NOT_MET", "effect": "BLOCK"}]}}
        sealed = rows.alias(sealed=Cast(_CANONICAL, JSONField()))
        return sealed.filter(filed_for_review() & Q(sealed__contains=refused))


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
