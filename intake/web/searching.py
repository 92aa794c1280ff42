"""Search box of short lists of the administration: each word must occur in a `search_fields` text, both folded."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from offers.folding import folded, search_words


class FoldedSearch(admin.ModelAdmin[Any]):
    """Mixin that searches `search_fields` (text fields of the model or of related rows) folded by `offers.folding`."""

    def get_search_results(
        self, _request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Keep the rows that contain every word in some field. No index serves this query."""
        names = {f"folded_{rank}": folded(path) for rank, path in enumerate(self.search_fields)}
        queryset = queryset.alias(**names)
        for word in search_words(search_term):
            found = Q()
            for name in names:
                found |= Q((f"{name}__contains", word))
            queryset = queryset.filter(found)
        return queryset, False
