"""Counts of the submissions that each choice of a filter keeps: on request, bounded, one query per filter."""

from typing import Any, override

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from intake.review.access.queries import COUNT_MAX
from intake.web import formats


class CountedFilter(SimpleListFilter):
    """Filter that shows, on request, how many rows each choice keeps with the other filters applied.

    A count stops at `COUNT_MAX`, which bounds the time of the page.
    """

    @override
    def get_facet_queryset(self, changelist: ChangeList) -> Any:
        others = changelist.get_queryset(self.request, exclude_parameters=self.expected_parameters())
        name = str(self.parameter_name)
        chosen = self.used_parameters.pop(name, None)
        kept = []
        for value, _label in self.lookup_choices:
            self.used_parameters[name] = value
            kept.append(self.queryset(self.request, others))
        self.used_parameters.pop(name, None)
        if chosen is not None:
            self.used_parameters[name] = chosen
        return {f"{place}__c": _count_text(count) for place, count in enumerate(_bounded_counts(kept))}


def _bounded_counts(each: list[QuerySet[Any] | None]) -> list[int]:
    """Count each queryset, up to `COUNT_MAX` + 1, in one statement."""
    statements: list[str] = []
    parameters: list[Any] = []
    for place, rows in enumerate(each):
        kept, values = _statement(rows)
        statements.append(f"SELECT {place} AS place, (SELECT count(*) FROM ({kept}) AS kept) AS number")  # noqa: S608 -- the ORM's own statement
        parameters.extend(values)
    if not statements:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements) + " ORDER BY place", parameters)
        return [number for _place, number in cursor.fetchall()]


def _statement(rows: QuerySet[Any] | None) -> tuple[str, tuple[Any, ...]]:
    """Return SQL that lists the first of `rows`, and its parameters; SQL without a row if there are none."""
    nothing = "SELECT 1 WHERE false"
    if rows is None:
        return nothing, ()
    try:
        sql, values = rows.order_by().values("pk")[: COUNT_MAX + 1].query.sql_with_params()
    except EmptyResultSet:
        return nothing, ()
    return sql, tuple(values)


def _count_text(count: int) -> str:
    return f"{formats.number(COUNT_MAX)}+" if count > COUNT_MAX else formats.number(count)
