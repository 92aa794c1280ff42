"""What the administration's lists share: bounded lists, read-only rows, search without accents, days, badges."""

from datetime import datetime
from typing import Any, override

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_stubs_ext import StrOrPromise

from intake.base.change_lists import PortalAdmin
from intake.base.folding import folded, search_words
from intake.web.paging import BoundedPaginator


class BoundedList(PortalAdmin[Any]):
    """Mixin of a long list: it has one order, and only its first rows are counted and paged through."""

    sortable_by = ()
    show_full_result_count = False
    paginator = BoundedPaginator
    show_facets = admin.ShowFacets.NEVER


class ReadOnly(PortalAdmin[Any]):
    """Mixin of a list whose rows are written by operations only: none is added, changed or deleted here."""

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @override
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FoldedSearch(PortalAdmin[Any]):
    """Mixin of a short list, searched without accents and case in the texts of `search_fields`, by no index."""

    def get_search_results(
        self, _request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Keep the rows that contain every word in some field."""
        names = {f"folded_{rank}": folded(path) for rank, path in enumerate(self.search_fields)}
        queryset = queryset.alias(**names)
        for word in search_words(search_term):
            in_some_field = Q()
            for name in names:
                in_some_field |= Q((f"{name}__contains", word))
            queryset = queryset.filter(in_some_field)
        return queryset, False


class InstantFilter(admin.DateFieldListFilter):
    """Django's filter of instants, for addresses that people write too: a day without offset is the portal's."""

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        asked: dict[str, Any] = self.used_parameters
        for name in {self.lookup_kwarg_since, self.lookup_kwarg_until} & asked.keys():
            asked[name] = [_aware(text) for text in asked[name]]
        return super().queryset(request, queryset)


def _aware(text: str) -> datetime | str:
    """Return an instant with its offset; `text` itself if it is none: Django then refuses it."""
    try:
        instant = parse_datetime(text)
    except ValueError:
        return text
    return timezone.make_aware(instant) if instant and timezone.is_naive(instant) else text


def badge(label: StrOrPromise, tone: str) -> SafeString:
    """Return `label` as `components/state_badge.html` renders it, for cells, which have no template."""
    return format_html('<span class="state state-{}">{}</span>', tone, label)
