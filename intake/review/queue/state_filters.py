"""Filters of the queue. Each only offers what the user may see."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from intake.review.access.register_matches import is_matched
from intake.review.access.visibility import visible_offers
from intake.review.pages.labels import VERDICTS
from intake.submissions.complements.queries import complement_is_expired
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview, State

from .filter_counts import Choices, CountedFilter

RUNNING, OVER = "en-cours", "delai-passe"
TO_VERIFY = "a-verifier"
NO_REVIEW_PENDING = "sans-attente"
"""Value of the human review filter: no ruling is pending, so the file may be assessed."""


class OfferFilter(CountedFilter):
    """Filter by offer, among the offers with a submission that the user may read."""

    title = _("offre")
    parameter_name = "offre"
    column = "offer__number"

    def lookups(self, request: HttpRequest, _model_admin: Any) -> Choices:
        """Return the offers by number."""
        offers = visible_offers(request.user, chosen=request.GET.get(self.parameter_name, "")).only(
            "number", "organisation_short", "organisation"
        )
        return [(offer.number or "", str(offer)) for offer in offers]

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
        match self.value():
            case None:
                return queryset
            case value if value == OVER:
                return queryset.filter(complement_is_expired())
            case _:
                return queryset.filter(~complement_is_expired(), state=State.COMPLEMENT_REQUESTED)


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

    title = _("sous réserve")
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
