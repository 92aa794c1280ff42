"""Lists of any size in pages: what a page costs does not grow with the list."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, override

from django.core.paginator import Page, Paginator

if TYPE_CHECKING:
    from django.db.models import QuerySet

    Base = Paginator[Any]
else:
    Base = Paginator  # its parameter exists for the type checker alone

MAX_LISTED = 5_000
"""Rows that are counted and can be paged through; past them, nobody reads on: they narrow the list."""


def bounded_count(rows: "QuerySet[Any]", most: int) -> int:
    """Count `rows`, stopping at `most` + 1, which says that there are more."""
    return rows.order_by().values("pk")[: most + 1].count()


class CountedPaginator(Base):
    """Pages of a queryset, of which the first `MOST_LISTED` rows are counted and shown.

    For who reads the keys of a page and then its rows; `BoundedPaginator` is for all others.
    """

    object_list: "QuerySet[Any]"

    @cached_property
    def _found(self) -> int:
        return bounded_count(self.object_list, MAX_LISTED)

    @cached_property
    @override
    def count(self) -> int:
        return min(self._found, MAX_LISTED)

    @property
    def is_bounded(self) -> bool:
        """Whether there are more rows than are shown."""
        return self._found > MAX_LISTED


class BoundedPaginator(CountedPaginator):
    """The same pages, whose rows are found by the order alone, from an index that has it, and only those read whole."""

    @override
    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        keys = self.object_list.values("pk")[first : min(first + self.per_page, self.count)]
        return Page(self.object_list.filter(pk__in=keys), number, self)
