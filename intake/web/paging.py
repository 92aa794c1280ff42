"""Paginators whose cost per page does not grow with the list."""

from functools import cached_property
from typing import Any, override

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

MAX_LISTED = 5_000  # rows that are counted and paged through; beyond it, users narrow the list


def bounded_count(rows: QuerySet[Any], most: int) -> int:
    """Return the number of `rows`, at most `most` + 1, which means that there are more."""
    return rows.order_by().values("pk")[: most + 1].count()


class CountedPaginator(Paginator[Any]):
    """Pages of the first `MAX_LISTED` rows of a queryset, for callers that read the keys of a page, then its rows."""

    object_list: QuerySet[Any]

    @cached_property
    def _found(self) -> int:
        return bounded_count(self.object_list, MAX_LISTED)

    @cached_property
    @override
    def count(self) -> int:
        return min(self._found, MAX_LISTED)

    @property
    def is_bounded(self) -> bool:
        """True if there are more rows than are shown."""
        return self._found > MAX_LISTED


class BoundedPaginator(CountedPaginator):
    """`CountedPaginator` that finds a page's keys by the order, from an index if one fits, then reads only its rows."""

    @override
    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        keys = self.object_list.values("pk")[first : min(first + self.per_page, self.count)]
        return Page(self.object_list.filter(pk__in=keys), number, self)
