"""The queue's lines, written by hand: the list's own way of finding what each cell is took half of the page's time."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib.admin.templatetags.admin_list import ResultList, results
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from django.db.models.options import Options

    from intake.submissions.models import Submission

_TICKED, _OPENS = "action_checkbox", "number"


class QueueList(ChangeList):
    """The queue: each line opens the candidature's own page."""

    def url_for_result(self, result: Model) -> str:
        """Return the address of the candidature's page."""
        return reverse("review:file", args=[cast("Submission", result).public_id])

    def lines(self) -> list[ResultList]:
        """Return the lines of this page, to the byte as Django writes those of a list whose columns are methods.

        Every column is a method of the queue that returns text; `number` is the one that opens the file.
        """
        if self.is_popup or not self.result_list:
            return list(results(self))
        columns = [(str(name), getattr(self.model_admin, str(name))) for name in self.list_display]
        first = self.url_for_result(self.result_list[0])
        context: dict[str, Options[Any] | str] = {
            "preserved_filters": self.preserved_filters,
            "opts": self.opts,
        }
        kept = add_preserved_filters(context, first).removeprefix(first)
        return [ResultList(None, [self._line(result, columns, kept)]) for result in self.result_list]

    def _line(
        self, result: Model, columns: list[tuple[str, Callable[[Model], str]]], kept: str
    ) -> SafeString:
        empty = self.model_admin.get_empty_value_display()
        cells = []
        for name, column in columns:
            value = column(result)
            shown = conditional_escape((value if isinstance(value, SafeString) else value.strip()) or empty)
            if name == _OPENS:
                link = conditional_escape(self.url_for_result(result) + kept)
                cells.append(f'<th class="field-{name}"><a href="{link}">{shown}</a></th>')
            elif name == _TICKED:
                cells.append(f'<td class="action-checkbox">{shown}</td>')
            else:
                cells.append(f'<td class="field-{name}">{shown}</td>')
        return mark_safe("".join(cells))  # noqa: S308 -- every value above is escaped
