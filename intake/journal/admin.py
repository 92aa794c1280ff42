"""Read-only administration of the journal."""

from collections.abc import Sequence
from typing import Any, override

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.base.change_lists import PortalAdmin
from intake.base.folding import search_words
from intake.journal.models import Entry
from intake.journal.readings import RecordedList
from intake.journal.selectors import action_choices, action_label, detail_label, subject_label, without_hidden
from intake.web.admin_lists import BoundedList, InstantFilter, ReadOnly

from .selectors import entry_conditions


class ActionFilter(admin.SimpleListFilter):
    """Filter by action label. Choices come from the code: selecting the distinct actions would read the whole table."""

    title = gettext_lazy("action")
    parameter_name = "action"

    @override
    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Entry]) -> list[tuple[str, str]]:
        return action_choices()

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(Entry)
class EntryAdmin(RecordedList, BoundedList, ReadOnly, PortalAdmin[Entry]):
    """List of the journal entries."""

    list_display = ("at", "done", "who", "subject", "precision")
    list_display_links = ("at",)
    list_filter = (ActionFilter, ("at", InstantFilter))
    list_select_related = ("actor",)
    search_fields = ("subject_id",)  # shows the search box; `entry_conditions` does the search
    search_help_text = gettext_lazy(
        "Nom ou début de l’adresse d’une personne, partie d’un numéro de dépôt, ou "
        "identifiant complet de l’objet"
    )
    ordering = ("-at", "-id")
    fields = readonly_fields = ("at", "done", "who", "subject", "precision")

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return without_hidden(super().get_queryset(request), request.user)

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str
    ) -> tuple[QuerySet[Entry], bool]:
        if not search_words(search_term):
            return queryset, False
        # One subquery per table, each with its index: a condition on two tables at once would scan both.
        first, *others = (
            Entry.objects.filter(condition).values("pk")
            for condition in entry_conditions(request.user, search_term.strip())
        )
        return queryset.filter(pk__in=first.union(*others, all=True)), False

    @override
    def subjects_shown(self, rows: Sequence[Entry]) -> list[Model]:
        return [entry.actor for entry in rows if entry.actor is not None]

    @admin.display(description=gettext_lazy("action"))
    def done(self, entry: Entry) -> str:
        """Return the label of the action."""
        return action_label(entry.action)

    @admin.display(description=gettext_lazy("par"))
    def who(self, entry: Entry) -> str:
        """Return the actor's name; without an actor, the portal's."""
        return str(entry.actor) if entry.actor else _("Le portail")

    @admin.display(description=gettext_lazy("objet"))
    def subject(self, entry: Entry) -> str:
        """Return the subject: the name of its model, and its identifier."""
        return subject_label(entry)

    @admin.display(description=gettext_lazy("précision"))
    def precision(self, entry: Entry) -> str:
        """Return the detail; for a list, its page and number of subjects, whose identifiers are for programs."""
        return detail_label(entry)

    @override
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        entry = self.get_object(request, object_id)
        named = {"subtitle": self.done(entry)} if entry is not None else {}
        return super().change_view(request, object_id, form_url, {**named, **(extra_context or {})})
