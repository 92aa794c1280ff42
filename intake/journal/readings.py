"""Record which user read whose data: one entry per page shown, whatever the number of its rows."""

from collections.abc import Iterable, Sequence
from typing import Any, override

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from intake.base.change_lists import PortalAdmin
from intake.journal.selectors import subject_key
from intake.journal.services import record_list


def record_shown(request: HttpRequest, subjects: Iterable[Model]) -> None:
    """Record that the page of this request shows `subjects`, saved models, to its user. A HEAD shows nothing."""
    user = request.user
    if not isinstance(user, Model) or request.method == "HEAD":
        return
    page = request.resolver_match.view_name if request.resolver_match else ""
    record_list(actor=user, page=page or "-", keys=[subject_key(subject) for subject in subjects])


class RecordedList(PortalAdmin[Any]):
    """Mixin of a list that shows data of persons: each page of it leaves one entry, and so do the pages of a row."""

    def subjects_shown(self, rows: Sequence[Any]) -> Iterable[Model]:
        """Return whom the rows of a page are about: the rows themselves, unless a list says otherwise."""
        return rows

    @override
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = response.context_data if isinstance(response, TemplateResponse) else None
        if context and "cl" in context:
            record_shown(request, self.subjects_shown(context["cl"].result_list))
        return response

    @override
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        return self._record_row(request, object_id, response)

    @override
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._record_row(request, object_id, super().history_view(request, object_id, extra_context))

    def record_opened(self, request: HttpRequest, row: Any) -> None:
        """Record that the page of one row was read."""
        record_shown(request, self.subjects_shown([row]))

    def _record_row(self, request: HttpRequest, object_id: str, response: HttpResponse) -> HttpResponse:
        shown = isinstance(response, TemplateResponse) and request.method == "GET"
        row = self.get_object(request, object_id) if shown else None
        if row is not None:
            self.record_opened(request, row)
        return response
