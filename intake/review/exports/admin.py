"""The export history in the administration, read-only."""

from typing import override

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from intake.base.change_lists import PortalAdmin
from intake.review.access.impartiality import impartial_offers
from intake.review.models import ShortlistExport
from intake.review.pages.shortcuts import acting_user
from intake.web import formats
from intake.web.admin_lists import FoldedSearch, InstantFilter, ReadOnly
from intake.web.paging import BoundedPaginator
from offers.models import Offer


@admin.register(ShortlistExport)
class ShortlistExportAdmin(ReadOnly, FoldedSearch, PortalAdmin[ShortlistExport]):
    """Exported shortlist files, latest first."""

    list_display = ("at", "offer", "list_number", "file", "who", "reason")
    list_display_links = ("at",)
    list_filter = ("file_format", ("at", InstantFilter))
    list_select_related = ("offer", "shortlist", "actor")
    search_fields = ("offer__number", "actor__email", "actor__display_name", "sha256")
    search_help_text = gettext_lazy(
        "Numéro de l’offre, nom ou adresse de la personne, ou empreinte du fichier."
    )
    ordering = ("-at", "-id")
    sortable_by = ()
    show_full_result_count = False
    paginator = BoundedPaginator
    show_facets = admin.ShowFacets.NEVER
    fields = readonly_fields = (
        "at",
        "offer",
        "list_number",
        "file_format",
        "language",
        "rows_count",
        "bytes",
        "sha256",
        "who",
        "reason",
    )

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[ShortlistExport]:
        # A list of the offer may contain a submission that is hidden from this user.
        impartial = impartial_offers(Offer.objects.all(), acting_user(request))
        return super().get_queryset(request).filter(offer__in=impartial)

    @admin.display(description=gettext_lazy("liste"))
    def list_number(self, export: ShortlistExport) -> SafeString | str:
        """Return the number of the frozen list with a link to its page, or the label of a list that was not frozen."""
        if export.shortlist is None:
            return _("non figée")
        page = reverse("review:shortlist", args=[export.offer.number, export.shortlist.number])
        label = _("liste %(number)s") % {"number": export.shortlist.number}
        return format_html('<a href="{}">{}</a>', page, label)

    @admin.display(description=gettext_lazy("fichier"))
    def file(self, export: ShortlistExport) -> str:
        """Return the format, the headers' language and the number of submissions."""
        text = ngettext("%(number)s candidature", "%(number)s candidatures", export.rows_count)
        rows = text % {"number": formats.number(export.rows_count)}
        return f"{export.file_format.upper()}, {export.language}, {rows}"

    @admin.display(description=gettext_lazy("taille"))
    def bytes(self, export: ShortlistExport) -> str:
        """Return the size with its unit."""
        return formats.file_size(export.size)

    @admin.display(description=gettext_lazy("par"))
    def who(self, export: ShortlistExport) -> str:
        """Return the user who exported the file; without a user, the label of a system command."""
        return str(export.actor) if export.actor else _("Une commande du système")
