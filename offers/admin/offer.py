"""Offers in the administration. Staff publish exactly the content that they read."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from intake.base.change_lists import PortalAdmin
from offers.models import Offer, RulebookVersion
from offers.models.offer import OfferPhase
from offers.search import matching, read_search
from offers.selectors import in_phase

from .action_pages import ActionPages
from .forms import OfferForm, is_repeated_save
from .import_page import ImportPages
from .inlines import DocumentRequestInline, GridLineInline, RulebookInline, SectionInline
from .offer_actions import OFFER_ACTIONS, PUBLISHING
from .offer_summary import summary_of
from .rules import RulesPages


class PhaseFilter(admin.SimpleListFilter):
    """Keep the published offers in one phase, or the drafts."""

    title = _("état")
    parameter_name = "etat"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices: the phases, and drafts."""
        return [("DRAFT", str(_("Brouillon"))), *((phase.value, str(phase.label)) for phase in OfferPhase)]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Offer]) -> QuerySet[Offer]:
        """Return the offers of the selected choice; all offers for an unknown choice."""
        chosen = self.value()
        if chosen == "DRAFT":
            return queryset.filter(status=Offer.Status.DRAFT)
        if chosen is not None and chosen in OfferPhase:
            published = queryset.exclude(status=Offer.Status.DRAFT)
            return published.filter(in_phase(OfferPhase(chosen), timezone.now()))
        return queryset


@admin.register(Offer)
class OfferAdmin(RulesPages, ImportPages, ActionPages, PortalAdmin[Offer]):
    """Offers: written as drafts, published by an operation, read-only afterwards."""

    form = OfferForm
    list_display = ("number_or_none", "name", "domain", "state", "deadline")
    list_display_links = ("number_or_none", "name")
    list_filter = (PhaseFilter, "programme", "listed")
    search_fields = ("number",)
    search_help_text = _("Numéro, organisation, domaine ou lieu")
    ordering = ("-closes_at", "number")
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    inlines = (SectionInline, DocumentRequestInline, GridLineInline, RulebookInline)
    actions = ("publish",)
    readonly_fields = ("status", "published_at", "contact_confirmed_at")
    fieldsets: ClassVar = [
        (None, {"fields": [("status", "published_at"), ("number", "listed"), "programme"]}),
        (
            _("Offre"),
            {"fields": [("organisation", "organisation_short"), "domain", ("place", "remote_possible")]},
        ),
        (
            _("Dates"),
            {"fields": [("starts_on", "ends_on"), ("closes_on", "closes_at"), ("opens_at", "time_zone")]},
        ),
        (_("Allocation"), {"fields": [("allowance_min", "allowance_max", "currency"), "funder"]}),
        (
            _("Contact"),
            {
                "fields": [
                    "contact_unit",
                    ("contact_phone", "contact_extension"),
                    ("contact_email", "contact_confirmed_at"),
                ]
            },
        ),
    ]

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses of our own pages before Django's, because its last pattern matches all others."""
        return [
            self._page("<path:object_id>/criteres/", "rules", self.rules_view),
            self._page("importer/", "import", self.import_view),
            *(
                self._page(f"<path:object_id>/{act.slug}/", act.name, partial(self.act_view, act=act))
                for act in OFFER_ACTIONS
            ),
            self._page("<path:object_id>/annulation/", "cancellation", self.cancellation_view),
            self._page("<path:object_id>/apercu/", "preview", self.preview_view),
            self._page("<path:object_id>/corriger/", "correct", self.correct_view),
            self._page("<path:object_id>/copier/", "clone", self.clone_view),
            self._page("<path:object_id>/points/<int:point_id>/", "settle", self.settle_point_view),
            *super().get_urls(),
        ]

    def _page(self, route: str, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
        return path(route, self.admin_site.admin_view(view), name=f"offers_offer_{name}")

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 -- Django's own signature
        change: bool = False,  # noqa: FBT001, FBT002 -- Django's own signature
        form_url: str = "",
        obj: Offer | None = None,
    ) -> HttpResponse:
        """Add the summary above the fields of a stored offer."""
        if obj is not None and obj.pk:
            # Read the stored row: an invalid form leaves its input in `obj`.
            stored = Offer.objects.get(pk=obj.pk)
            context["desk"] = summary_of(request, stored, timezone.now())
        return super().render_change_form(request, context, add, change, form_url, obj)

    def view_on_site(self, offer: Offer) -> str | None:
        """Return the address of the public page, or None if the offer has none."""
        return offer.get_absolute_url() if offer.is_published and offer.listed else None

    def has_change_permission(self, request: HttpRequest, obj: Offer | None = None) -> bool:
        """False once the offer is published: candidates have read it."""
        return not (obj and obj.is_published) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Offer | None = None) -> bool:
        """False once the offer is published, and for deletion in bulk."""
        return obj is not None and not obj.is_published and super().has_delete_permission(request, obj)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """True if the user may publish offers."""
        return request.user.has_perm("offers.publish_offer")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Lock the draft, so that concurrent saves run one after the other: the second gets an error if it differs.

        A POST with exactly the stored content, for example after a double click, succeeds without a write.
        """
        with transaction.atomic():
            if request.method == "POST" and object_id is not None and object_id.isdecimal():
                offer = Offer.objects.select_for_update(of=("self",)).filter(pk=object_id).first()
                if offer is not None and self._is_written(request, offer):
                    return self.response_change(request, offer)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _is_written(self, request: HttpRequest, offer: Offer) -> bool:
        """True if the draft was saved after the user read it and already has the posted content."""
        if not self.has_change_permission(request, offer):
            return False
        form = self.get_form(request, offer, change=True)(request.POST, request.FILES, instance=offer)
        if form.is_valid():
            return False
        formsets, _inlines = self._create_formsets(request, offer, change=True)  # type: ignore[attr-defined]  # -- the stubs leave it out
        written = [formset for formset in formsets if formset.model is not RulebookVersion]
        return is_repeated_save(form, written)

    def save_model(self, request: HttpRequest, obj: Offer, form: Any, change: bool) -> None:  # noqa: FBT001 -- Django's own signature
        """Set the creation date of a new draft, and reset the confirmation of a changed contact address."""
        if not change:
            obj.created_at = timezone.now()
        elif "contact_email" in form.changed_data:
            obj.contact_confirmed_at = None
        super().save_model(request, obj, form, change)

    def get_search_results(
        self, _request: HttpRequest, queryset: QuerySet[Offer], search_term: str
    ) -> tuple[QuerySet[Offer], bool]:
        """Search as the public list does, without accents and case, and with synonyms."""
        return matching(queryset, read_search(search_term)), False

    @admin.display(description=_("numéro"), ordering="number")
    def number_or_none(self, offer: Offer) -> str | Promise:
        """Return the number, or a label if there is none yet."""
        return offer.number or _("sans numéro")

    @admin.display(description=_("organisation"), ordering="organisation")
    def name(self, offer: Offer) -> str:
        """Return the short name of the organisation, or its name."""
        return offer.organisation_short or offer.organisation

    @admin.display(description=_("état"), ordering="status")
    def state(self, offer: Offer) -> str | Promise:
        """Return the label of the offer's current phase, or that it is a draft."""
        return offer.phase(timezone.now()).label if offer.is_published else _("Brouillon")

    @admin.display(description=_("date limite"), ordering="closes_at")
    def deadline(self, offer: Offer) -> str:
        """Return the printed closing day."""
        written = date_format(offer.closes_on, "j F Y")
        is_first = offer.closes_on.day == 1 and (get_language() or "fr").startswith("fr")
        return written.replace("1", "1er", 1) if is_first else written

    @admin.action(description=_("Publier l’offre choisie…"), permissions=["publish"])
    def publish(self, request: HttpRequest, offers: QuerySet[Offer]) -> HttpResponse | None:
        """Redirect to the publication page of one offer: staff read each offer before they publish it."""
        chosen = list(offers[:2])
        if len(chosen) == 1:
            return redirect(PUBLISHING.url_name, object_id=chosen[0].pk)
        text = _("Choisissez une seule offre : relisez chaque offre avant de la publier. Rien n’est publié.")
        self.message_user(request, text, messages.WARNING)
        return None
