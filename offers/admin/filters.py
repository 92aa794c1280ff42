"""Filters of the list of offers."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from offers.models import Offer
from offers.models.offer import OfferPhase
from offers.selectors import in_phase


class PhaseFilter(admin.SimpleListFilter):
    """Keep the published offers in one phase, or the drafts."""

    title = _("état")
    parameter_name = "etat"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices: the phases, and drafts."""
        return [("DRAFT", str(_("Brouillon"))), *((moment.value, str(moment.label)) for moment in OfferPhase)]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Offer]) -> QuerySet[Offer]:
        """Return the offers of the selected choice; all offers for an unknown choice."""
        chosen = self.value()
        if chosen == "DRAFT":
            return queryset.filter(status=Offer.Status.DRAFT)
        if chosen is not None and chosen in OfferPhase:
            published = queryset.exclude(status=Offer.Status.DRAFT)
            return published.filter(in_phase(OfferPhase(chosen), timezone.now()))
        return queryset
