"""Filters of the queue, with the number of files that each choice keeps: on request, bounded, one query per filter."""

from collections.abc import Iterable
from typing import Any, override

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django_stubs_ext import StrOrPromise

from intake.review.access.visibility import COUNT_MAX
from intake.submissions.models import Submission
from intake.web import formats

type Choices = Iterable[tuple[str, StrOrPromise]]


class CountedFilter(SimpleListFilter):
    """Filter that shows, on request, how many rows each choice keeps with the other filters applied.

    A count stops at `COUNT_MAX`, which bounds the time of the page.
    """

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
        kept, values = _statement(rows)
        statements.append(f"SELECT {place} AS place, (SELECT count(*) FROM ({kept}) AS kept) AS number")  # noqa: S608 -- the ORM's own statement
        parameters.extend(values)
    if not statements:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements) + " ORDER BY place", parameters)
        return [number for _place, number in cursor.fetchall()]


def _statement(rows: QuerySet[Submission]) -> tuple[str, tuple[Any, ...]]:
    """Return SQL that lists the first of `rows`, and its parameters; SQL without a row if there are none."""
    try:
        sql, values = rows.order_by().values("pk")[: COUNT_MAX + 1].query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 1 WHERE false", ()
    return sql, tuple(values)


def _count_text(count: int) -> str:
    return f"{formats.number(COUNT_MAX)}+" if count > COUNT_MAX else formats.number(count)
