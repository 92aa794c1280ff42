"""Register in the administration: counts, search, entry of one person or of a list, removal with a reason."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from intake.accounts.models import User
from intake.base.change_lists import PortalAdmin
from intake.web import formats
from offers.models import Programme

from .csv_import import ParsedList, read_list
from .errors import AlreadyEnteredError, AlreadyRemovedError, NoKeyError
from .forms import EnterForm, ListForm, PersonForm, RemoveForm
from .models import Participation
from .selectors import count_rows_without_key, counts_by_year, latest_removals
from .services import (
    count_concerned_files,
    enter_participation,
    import_participations,
    remove_participation,
    search_register,
)

ADD = "register.add_participation"
VIEW = "register.view_participation"
REMOVE = "register.delete_participation"
PROBLEMS_SHOWN = 20
REMOVALS_SHOWN = 20
private = method_decorator([never_cache, sensitive_post_parameters()])
"""For views that receive names of other people: not cached, and POST parameters hidden in error reports."""


@admin.register(Participation)
class ParticipationAdmin(PortalAdmin[Participation]):
    """Administration of the register. Names are only in POST bodies: not in URLs, rows or the journal."""

    list_display = ("entry", "programme", "source", "entered_on")
    list_filter = (("programme", admin.RelatedOnlyFieldListFilter), "source", "year")
    list_select_related = ("programme",)
    list_per_page = 50
    ordering = ("-year", "-pk")
    sortable_by = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None
    fields = readonly_fields = ("programme", "year", "source", "entered_on", "key_name")

    @admin.display(description=gettext_lazy("participation"))
    def entry(self, participation: Participation) -> str:
        """Return the label of a row: its year and primary key."""
        return _("%(year)s, n° %(number)s") % {"year": participation.year, "number": participation.pk}

    @admin.display(description=gettext_lazy("inscrite le"))
    def entered_on(self, participation: Participation) -> str:
        """Return the day on which the row was entered, in the Québec time zone."""
        return formats.day(participation.created_at)

    def has_change_permission(self, _request: HttpRequest, _obj: Participation | None = None) -> bool:
        """Return False: a wrong row is removed and the right one entered."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Return our patterns before Django's, whose last pattern matches every path."""
        guard = self.admin_site.admin_view
        return [
            path("chercher/", guard(self.search_view), name="register_participation_search"),
            path("importer/", guard(self.import_view), name="register_participation_import"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the counts per year and the latest removals."""
        years = counts_by_year()
        context = {
            "title": _("Registre des participations"),
            "years": years,
            "sources": Participation.Source.labels,
            "total": sum(year.total for year in years),
            "removals": latest_removals(REMOVALS_SHOWN),
            "lost": count_rows_without_key(),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Set the page's subtitle to the row's label."""
        participation = self.get_object(request, unquote(object_id))
        context = {"subtitle": self.entry(participation)} if participation is not None else {}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    @private
    def search_view(self, request: HttpRequest) -> HttpResponse:
        """POST: list the rows that may be a person's, in the response to the POST itself: no URL contains a name."""
        self._require(request, VIEW)
        form = PersonForm(_sent(request), on=timezone.localdate())
        context: dict[str, Any] = {"title": _("Chercher une personne")}
        if form.is_bound and form.is_valid():
            try:
                rows = search_register(**form.cleaned_data, actor=_actor(request))
            except NoKeyError as refusal:
                form.add_error(None, str(refusal))
            else:
                context |= {
                    "searched": True,
                    "found": [
                        {
                            "words": self.entry(row),
                            "source": row.get_source_display(),
                            "entered": self.entered_on(row),
                            "url": reverse("admin:register_participation_change", args=[row.pk]),
                        }
                        for row in rows
                    ],
                }
        return self._show(request, "search", context, form)

    @private
    def add_view(
        self, request: HttpRequest, _form_url: str = "", _extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """GET: the form. POST: enter one participation."""
        self._require(request, ADD)
        form = EnterForm(_sent(request), on=timezone.localdate())
        if form.is_bound and form.is_valid():
            try:
                enter_participation(**form.cleaned_data, actor=_actor(request))
            except (AlreadyEnteredError, NoKeyError) as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("La participation est inscrite au registre."))
                _warn_of_files(request, form.cleaned_data["programme"])
                return redirect("admin:register_participation_changelist")
        return self._show(request, "enter", {"title": _("Inscrire une personne")}, form)

    @private
    def import_view(self, request: HttpRequest) -> HttpResponse:
        """POST: parse a list and count what it would add; a second POST with `confirm` enters it."""
        self._require(request, ADD)
        form = ListForm(_sent(request), request.FILES or None, on=timezone.localdate())
        context: dict[str, Any] = {"title": _("Importer une liste")}
        if form.is_bound and form.is_valid():
            given = form.cleaned_data
            read = read_list(given["text"], programme=given["programme"], on=form.on)
            if read.problems:
                context |= _problems(read)
                form.add_error("file", _("Rien n’est inscrit : corrigez la liste, puis recommencez."))
            else:
                # A POST with another file is counted first, even with `confirm`.
                confirmed = "confirm" in request.POST and given["file"] is None
                try:
                    tally = import_participations(
                        rows=read.rows,
                        programme=given["programme"],
                        actor=_actor(request),
                        dry_run=not confirmed,
                    )
                except NoKeyError as refusal:
                    form.add_error(None, str(refusal))
                else:
                    if confirmed:
                        message = ngettext(
                            "%(count)s participation est inscrite au registre.",
                            "%(count)s participations sont inscrites au registre.",
                            tally.new,
                        )
                        messages.success(request, message % {"count": formats.number(tally.new)})
                        _warn_of_files(request, given["programme"])
                        return redirect("admin:register_participation_changelist")
                    context |= {"tally": tally, "text": given["text"], "programme": given["programme"]}
        return self._show(request, "import", context, form)

    @private
    def delete_view(
        self, request: HttpRequest, object_id: str, _extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """GET: the form. POST: remove one row, with a reason."""
        self._require(request, REMOVE)
        participation = self.get_object(request, unquote(object_id))
        if participation is None:
            raise Http404
        form = RemoveForm(_sent(request))
        if form.is_bound and form.is_valid():
            try:
                remove_participation(
                    participation=participation, reason=form.cleaned_data["reason"], actor=_actor(request)
                )
            except AlreadyRemovedError as refusal:
                messages.warning(request, str(refusal))
            else:
                messages.success(request, _("La participation est retirée du registre."))
            return redirect("admin:register_participation_changelist")
        context = {
            "title": _("Retirer du registre"),
            "words": self.entry(participation),
            "participation": participation,
        }
        return self._show(request, "remove", context, form)

    def _require(self, request: HttpRequest, permission: str) -> None:
        if not request.user.has_perm(permission):
            raise PermissionDenied

    def _show(
        self, request: HttpRequest, page: str, context: dict[str, Any], form: forms.Form
    ) -> HttpResponse:
        frame = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "form": form,
            "errors": bool(form.errors),
        }
        return TemplateResponse(
            request,
            f"admin/register/participation/{page}.html",
            frame | context,
            status=422 if form.errors else 200,
        )


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)  # the administration requires sign-in


def _warn_of_files(request: HttpRequest, programme: Programme) -> None:
    """Say how many open files a person must check again, if any."""
    if concerned := count_concerned_files(programme):
        message = ngettext(
            "%(count)s candidature ouverte porte un nom et une date de naissance du registre : confirmez de "
            "nouveau ce constat avant de retenir la personne.",
            "%(count)s candidatures ouvertes portent un nom et une date de naissance du registre : confirmez de "
            "nouveau ce constat avant de retenir ces personnes.",
            concerned,
        )
        messages.warning(request, message % {"count": formats.number(concerned)})


def _problems(read: ParsedList) -> dict[str, Any]:
    return {
        "problems": [str(problem) for problem in read.problems[:PROBLEMS_SHOWN]],
        "more_problems": max(0, len(read.problems) - PROBLEMS_SHOWN),
    }
