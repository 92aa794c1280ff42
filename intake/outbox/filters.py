"""Filters of the list of deliveries."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from intake.outbox import kinds
from intake.outbox.models import Delivery
from intake.outbox.selectors import bounced

from .bounces import RECENT_BOUNCE, RECENT_BOUNCE_DAYS, RECENT_BOUNCES_VALUE

RETURNED: Final = "retourne"


class KindFilter(admin.SimpleListFilter):
    """Filter by kind."""

    title = _("sorte")
    parameter_name = "kind"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        """Return the registered kinds and their labels."""
        return [(kind.code, str(kind.label)) for kind in kinds.registered()]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Keep the deliveries of the chosen kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


class BouncedFilter(admin.SimpleListFilter):
    """Filter of bounced mails that no later mail replaces."""

    title = _("courriel")
    parameter_name = "courriel"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, StrOrPromise]]:
        """Return the choices of bounces. There is none for arrived mails: many servers report no arrival."""
        fresh = _("Retourné, %(days)d derniers jours") % {"days": RECENT_BOUNCE_DAYS}
        return [(RECENT_BOUNCES_VALUE, fresh), (RETURNED, _("Retourné"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Keep the deliveries whose mail bounced."""
        if self.value() == RECENT_BOUNCES_VALUE:
            return bounced(queryset, since=timezone.now() - RECENT_BOUNCE)
        return bounced(queryset) if self.value() == RETURNED else queryset
