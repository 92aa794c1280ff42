"""Base of the administration's lists, which filter, sort and page by what they declare, and by nothing else."""

from typing import Any, override

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from intake.base.numbers import WrittenNumber


class DeclaredChangeList(ChangeList):
    """Change list that refuses every parameter that none of its filters takes.

    Django applies any other lookup on the model's own columns, so that `folded_name__contains=…` would reveal, letter
    by letter, what the list hides.
    """

    @override
    def get_filters(self, request: HttpRequest) -> Any:
        """Return Django's filters.

        :raises DisallowedModelAdminLookup: if a parameter is left that no filter took.
        """
        filters = super().get_filters(request)
        left = filters[2]
        if left:
            raise DisallowedModelAdminLookup
        return filters

    @override
    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Return the order of the request; the list's own if none of its columns is sortable."""
        if self.sortable_by is not None and not self.sortable_by:
            self.params.pop(ORDER_VAR, None)
        return super().get_ordering(request, queryset)

    @override
    def get_results(self, request: HttpRequest) -> None:
        """Find the page; the last one if there are fewer by now. Django would drop the filters instead."""
        try:
            super().get_results(request)
        except IncorrectLookupParameters:
            pages = self.model_admin.get_paginator(request, self.queryset, self.list_per_page).num_pages
            self.page_num = pages if self.page_num > pages else 1
            super().get_results(request)
        self.result_count = WrittenNumber(self.result_count)  # Django's templates and texts write it


class PortalAdmin[Row: Model](admin.ModelAdmin[Row]):
    """Base of the portal's model administrations."""

    def get_changelist(self, request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:  # noqa: ARG002 -- Django's signature
        """Return the class of the list."""
        return DeclaredChangeList

    @override
    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Return the list.

        :raises DisallowedModelAdminLookup: if a parameter is undeclared, or its value is malformed: the list without
            that filter, which Django would show instead, could be taken for the filtered one.
        """
        try:
            return super().get_changelist_instance(request)
        except IncorrectLookupParameters as malformed:
            raise DisallowedModelAdminLookup from malformed
