"""Rows of the queue, rendered directly: Django's own way of finding each cell took half of the page's time."""

from collections.abc import Iterator
from html import escape
from typing import Any

from django.contrib.admin.templatetags.admin_list import results
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString

from intake.review.pages.shortcuts import acting_user

from .rows import queue_rows

_TICKED, _OPENS = "action_checkbox", "number"


class QueueList(ChangeList):
    """Change list of the queue. Each row links to the submission's own page."""

    def url_for_result(self, result: Any) -> str:
        """Return the address of the submission's page."""
        return reverse("review:file", args=[result.public_id])

    def get_results(self, request: HttpRequest) -> None:
        """Find the page. Its rows are read when they are rendered: a file's page only needs its neighbours."""
        super().get_results(request)
        user, page = acting_user(request), self.result_list
        self.result_list = SimpleLazyObject(lambda: queue_rows(page, user))

    def lines(self) -> list[SafeString]:
        """Return the cells of each row of this page, as Django renders a list whose columns are methods.

        Every column is a method of the admin class that returns text; `number` links to the file.
        """
        if self.is_popup or not self.result_list:
            return [SafeString("".join(cells)) for cells in results(self)]
        return list(self._lines())

    def _lines(self) -> Iterator[SafeString]:
        columns = [(str(name), getattr(self.model_admin, str(name))) for name in self.list_display]
        opening, kept = self._opening()
        empty = self.model_admin.get_empty_value_display()
        for result in self.result_list:
            cells = []
            for name, column in columns:
                value = column(result)
                shown = (value if isinstance(value, SafeString) else escape(value.strip())) or empty
                if name == _OPENS:
                    address = f"{opening}{result.public_id}{kept}"
                    cells.append(f'<th class="field-{name}"><a href="{address}">{shown}</a></th>')
                elif name == _TICKED:
                    cells.append(f'<td class="action-checkbox">{shown}</td>')
                else:
                    cells.append(f'<td class="field-{name}">{shown}</td>')
            yield SafeString("".join(cells))

    def _opening(self) -> tuple[str, str]:
        """Return the address of a submission's page, escaped, as the parts before and after its identifier.

        The router is called once per page, not once per row: the addresses only differ by the identifier.
        """
        first = self.result_list[0]
        context: dict[str, Any] = {"preserved_filters": self.preserved_filters, "opts": self.opts}
        address = add_preserved_filters(context, self.url_for_result(first))
        opening, _identifier, kept = escape(address).partition(str(first.public_id))
        return opening, kept
