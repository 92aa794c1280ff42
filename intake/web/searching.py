"""The search box of a list of the administration that is short: every word is in one of its `search_fields`, folded."""

from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from offers.folding import folded, search_words

if TYPE_CHECKING:
    from django.contrib import admin

    Base = admin.ModelAdmin[Any]
else:
    Base = object  # what it is mixed into is one


class FoldedSearch(Base):
    """Searches `search_fields`, paths to texts of the model and of what it names, by `offers.folding`."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Keep the rows that hold every word somewhere; no index serves it."""
        del request
        names = {f"folded_{rank}": folded(path) for rank, path in enumerate(self.search_fields)}
        queryset = queryset.alias(**names)
        for word in search_words(search_term):
            found = Q()
            for name in names:
                found |= Q((f"{name}__contains", word))
            queryset = queryset.filter(found)
        return queryset, False
