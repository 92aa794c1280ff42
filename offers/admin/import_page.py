"""Import page: staff paste the text of a published offer, which becomes a draft with open points."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from intake.base.change_lists import PortalAdmin
from intake.base.numbers import WrittenNumber
from offers.import_messages import explain_unreadable
from offers.models import Offer
from offers.page.parser import read_page
from offers.page.parts import PageUnreadableError
from offers.services.database_errors import REFUSED_BY_THE_DATABASE, explain_database
from offers.services.errors import OfferError
from offers.services.importing import import_page

from .offer_actions import author_of

MAX_LENGTH = 200_000
"""Characters. A published page has about ten thousand."""


class ImportForm(forms.Form):
    """The pasted text of a page."""

    text = forms.CharField(
        label=gettext_lazy("Texte de l’offre"),
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 20}),
        help_text=gettext_lazy("Copiez toute la page publiée, du numéro jusqu’au contact, et collez-la ici."),
        error_messages={"required": gettext_lazy("Collez le texte de l’offre.")},
    )


class ImportPages(PortalAdmin[Offer]):
    """View of the import page."""

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """GET: the form. POST: write the draft and redirect to it, or show where the text cannot be read."""
        if not request.user.has_perm("offers.add_offer"):
            raise PermissionDenied
        form = ImportForm(request.POST if request.method == "POST" else None, label_suffix="")
        if form.is_bound and form.is_valid():
            zone = str(Offer._meta.get_field("time_zone").get_default())
            try:
                page = read_page(form.cleaned_data["text"])
                offer = import_page(page=page, at=timezone.now(), time_zone=zone, author=author_of(request))
            except PageUnreadableError as error:
                message = _("Ce texte est illisible : %(why)s.") % {"why": explain_unreadable(error)}
                form.add_error("text", message)
            except OfferError as error:
                form.add_error("text", str(error))
            except REFUSED_BY_THE_DATABASE as error:
                form.add_error("text", explain_database(error))
            except OverflowError:
                form.add_error("text", _("Ces dates dépassent le calendrier."))
            else:
                left = offer.points.filter(resolved_at=None).count()
                message = ngettext(
                    "L’offre est importée : %(count)s point à régler.",
                    "L’offre est importée : %(count)s points à régler.",
                    left,
                )
                messages.success(request, message % {"count": WrittenNumber(left)})
                return redirect("admin:offers_offer_change", offer.pk)
        frame = self.admin_site.each_context(request) | {"opts": self.opts, "errors": bool(form.errors)}
        context = frame | {"title": _("Importer une offre publiée"), "form": form}
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/offers/offer/import.html", context, status=status)
