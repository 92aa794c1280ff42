"""Filters of the queue by state, offer and verdict. Each only offers what the user may see, counted in one query."""

from collections.abc import Iterable
from typing import Any, override

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from intake.review.access.register_matches import is_matched
from intake.review.access.visibility import COUNT_MAX, visible_offers
from intake.review.pages.labels import VERDICTS, capped_count_text
from intake.submissions.complements.queries import complement_is_expired
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview, State
from offers.models import Offer

RUNNING, OVER = "en-cours", "delai-passe"
TO_VERIFY = "a-verifier"
NO_REVIEW_PENDING = "sans-attente"
"""Value of the human review filter: no ruling is pending, so the file may be assessed."""

type Choices = Iterable[tuple[str, StrOrPromise]]


class CountedFilter(SimpleListFilter):
    """Filter that shows, on request, how many rows each choice keeps with the others applied, up to `COUNT_MAX`."""

    column = ""
    """Column that has the chosen value, unless `keep` says otherwise."""
    options: Choices = ()
    """The choices, unless `lookups` says otherwise."""
    permission = ""
    """Permission without which a user gets no choice. Empty: every user gets them."""

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return self.options if not self.permission or request.user.has_perm(self.permission) else ()

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the `rows` of the choice `value`. Not called if nothing is chosen."""
        return rows.filter(**{self.column: value})

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        value = self.value()
        return self.keep(queryset, value) if value else queryset

    @override
    def get_facet_queryset(self, changelist: ChangeList) -> Any:
        others = changelist.get_queryset(self.request, exclude_parameters=self.expected_parameters())
        each = [self.keep(others, value) for value, _label in self.lookup_choices]
        return {f"{place}__c": capped_count_text(count) for place, count in enumerate(_bounded_counts(each))}


class LinkedFilter(CountedFilter):
    """Filter that pages link to: its only choice is the chosen value."""

    def label_of(self, value: str) -> str:
        """Return the label of the chosen value."""
        raise NotImplementedError

    @override
    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        value = request.GET.get(self.parameter_name or "", "")
        return [(value, self.label_of(value))] if value else []


def _bounded_counts(each: list[QuerySet[Submission]]) -> list[int]:
    """Count each queryset, up to `COUNT_MAX` + 1, in one statement."""
    statements: list[str] = []
    parameters: list[Any] = []
    for place, rows in enumerate(each):
        try:
            kept, values = rows.order_by().values("pk")[: COUNT_MAX + 1].query.sql_with_params()
        except EmptyResultSet:
            kept, values = "SELECT 1 WHERE false", ()
        statements.append(f"SELECT {place} AS place, (SELECT count(*) FROM ({kept}) AS kept) AS number")  # noqa: S608 -- the ORM's own statement
        parameters.extend(values)
    if not statements:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements) + " ORDER BY place", parameters)
        return [number for _place, number in cursor.fetchall()]


class OfferFilter(CountedFilter):
    """Filter by offer, among the offers with a submission that the user may read."""

    title = _("offre")
    parameter_name = "offre"

    def lookups(self, request: HttpRequest, _model_admin: Any) -> Choices:
        """Return the offers by number."""
        offers = visible_offers(request.user, chosen=request.GET.get(self.parameter_name, "")).only(
            "number", "organisation_short", "organisation"
        )
        return [(offer.number or "", str(offer)) for offer in offers]

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the files of the offer. Without a join, PostgreSQL reads them in order from an index."""
        return rows.filter(offer=Offer.objects.filter(number=value).values("pk")[:1])

    def has_output(self) -> bool:
        """Show the filter even with a single offer: its shortlist is exported from there."""
        return len(self.lookup_choices) > 0


class StateFilter(CountedFilter):
    """Filter by state, with staff labels."""

    title = _("état")
    parameter_name = "etat"
    column = "state"
    options = [(state.value, state.label) for state in State if state != State.DRAFT]


class ComplementFilter(CountedFilter):
    """Filter incomplete files by whether their time is over."""

    title = _("complément demandé")
    parameter_name = "complement"
    options = [(RUNNING, _("Délai en cours")), (OVER, _("Délai passé"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        """Keep the incomplete files whose time is running, or is over, by the database's clock."""
        value = self.value()
        return queryset if value is None else self.keep(queryset, value)

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the incomplete files whose time is over if `value` is `OVER`, else those whose time is running."""
        if value == OVER:
            return rows.filter(complement_is_expired())
        return rows.filter(~complement_is_expired(), state=State.COMPLEMENT_REQUESTED)


class RegisterFilter(CountedFilter):
    """Filter by register matches entered since the filing, for deciders."""

    title = _("registre des participations")
    parameter_name = "registre"
    options = [(TO_VERIFY, _("À vérifier"))]
    permission = "submissions.decide_submission"

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the open files with a register match that is not verified."""
        return rows.filter(is_matched()) if value == TO_VERIFY else rows.none()


class VerdictFilter(CountedFilter):
    """Filter by the verdict of the current filing."""

    title = _("admissibilité")
    parameter_name = "verdict"
    column = "filed_outcome"
    options = [(code, VERDICTS[code].label) for code in ("ELIGIBLE", "NEEDS_REVIEW", "INELIGIBLE")]


class HumanReviewFilter(CountedFilter):
    """Filter by human review: pending, or its result."""

    title = _("en révision")
    parameter_name = column = "reserve"
    options = [
        *((reserve.value, reserve.label) for reserve in HumanReview if reserve != HumanReview.NONE),
        (NO_REVIEW_PENDING, _("Sans révision en attente")),
    ]

    def keep(self, rows: QuerySet[Submission], value: str) -> QuerySet[Submission]:
        """Keep the submissions with the chosen status of human review."""
        if value == NO_REVIEW_PENDING:
            return rows.exclude(reserve=HumanReview.PENDING)
        return super().keep(rows, value)


STATE_FILTERS = (OfferFilter, StateFilter, ComplementFilter, VerdictFilter, HumanReviewFilter, RegisterFilter)
"""In the order of the page."""
