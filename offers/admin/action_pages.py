"""Pages of the actions on an offer: each asks for a confirmation, calls one operation and shows the result."""

from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.base.change_lists import PortalAdmin
from intake.base.numbers import posted_number
from offers.models import Offer, OfferChange, OpenPoint
from offers.registrations import audience_messages, has_conflict
from offers.selectors import asked_cancellation, database_instant, offer_digest
from offers.services.cancelling import approve_cancellation, refuse_cancellation
from offers.services.cloning import clone_offer
from offers.services.correcting import correct_offer, correction_details
from offers.services.errors import (
    CancellationOpenError,
    ConflictOfInterestError,
    ExtensionNotLaterError,
    MailboxAlreadyConfirmedError,
    NothingToCorrectError,
    OfferChangedError,
    OfferError,
    OfferNotADraftError,
    OfferNotPublishedError,
    PointAlreadySettledError,
)
from offers.services.lifecycle import settle_point
from offers.views import page_context

from .action_forms import CloneForm, SettleForm, suggest_next_edition
from .correct_forms import Correction, digest_of_lines
from .offer_actions import (
    PUBLISH,
    OfferAction,
    author_of,
    blocking_conditions,
    cancel_consequences,
    is_repeated_action,
    last_change_by,
)
from .offer_summary import show_point

CONCURRENT_CHANGE_ERRORS = (
    CancellationOpenError,
    MailboxAlreadyConfirmedError,
    OfferChangedError,
    OfferNotADraftError,
    OfferNotPublishedError,
    PointAlreadySettledError,
    ConflictOfInterestError,
)
"""Errors that no other input on the same page can avoid: another request changed the offer first."""
DECIDED: Final = {
    approve_cancellation: {OfferChange.Kind.CANCELLED: gettext_lazy("L’offre est annulée.")},
    refuse_cancellation: {
        OfferChange.Kind.CANCEL_REFUSED: gettext_lazy("La demande est refusée. L’offre ne change pas."),
        OfferChange.Kind.CANCEL_WITHDRAWN: gettext_lazy("La demande est retirée. L’offre ne change pas."),
    },
}
"""What each decision on a request to cancel becomes, and its message."""
UNNUMBERED = "0000-000"
"""Number in the links of the preview, for a draft without one."""


class ActionPages(PortalAdmin[Offer]):
    """Views of the addresses under an offer's page in the administration."""

    def act_view(self, request: HttpRequest, object_id: str, *, act: OfferAction) -> HttpResponse:
        """GET: the consequences of the action. POST: perform it."""
        offer, author = self._offer(request, object_id, PUBLISH), author_of(request)
        if act.touches_candidates and has_conflict(offer, author):
            return self._leave(request, offer, ConflictOfInterestError(offer))
        at = database_instant()
        data = request.POST if request.method == "POST" else None
        form = act.form(data, offer=offer, initial={"seen": offer_digest(offer)})
        if data is not None and form.is_valid():
            try:
                act.do(offer=offer, author=author, at=at, **form.cleaned_data)
            except (*CONCURRENT_CHANGE_ERRORS, ExtensionNotLaterError) as refusal:
                if is_repeated_action(act, refusal.offer, form.cleaned_data, author):
                    return self._leave(request, offer, act.done, messages.SUCCESS)
                if isinstance(refusal, CONCURRENT_CHANGE_ERRORS):
                    return self._leave(request, offer, refusal)
                form.add_error("closes_on", str(refusal))
            except OfferError as refusal:
                form.add_error(None, str(refusal))
            else:
                return self._leave(request, offer, act.done, messages.SUCCESS)
        elif data is None and not act.possible(offer):
            message = _("%(offer)s : cette action n’est pas possible en ce moment.") % {"offer": offer}
            return self._leave(request, offer, message)
        context = {
            "title": act.question,
            "form": form,
            "entails": list(act.entails(offer, at)),
            "audience": audience_messages(offer, act.leads_to or act.kind),
            "missing": [missing.label for missing in blocking_conditions(act, offer)],
            "button": act.label,
            "grave": act.grave,
            "preview_url": reverse("admin:offers_offer_preview", args=[offer.pk]),
            "is_publishing": act.name == "publish",
            "errors": bool(form.errors),
        }
        return self._show(request, offer, "act", context)

    def cancellation_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET: the cancellation that waits for a second person. POST: `approve` or `refuse` the one that was read."""
        offer, author = self._offer(request, object_id, PUBLISH), author_of(request)
        if has_conflict(offer, author):
            return self._leave(request, offer, ConflictOfInterestError(offer))
        if request.method == "POST":
            return self._decide_cancellation(request, offer, author)
        asked = asked_cancellation(offer)
        if asked is None:
            message = _("%(offer)s : aucune annulation n’attend de décision.") % {"offer": offer}
            return self._leave(request, offer, message)
        context = {
            "title": _("Annulation demandée"),
            "asked": asked,
            "is_own": asked.author_id == author.pk,
            "entails": list(cancel_consequences(offer, asked.at)),
            "audience": audience_messages(offer, OfferChange.Kind.CANCELLED),
            "errors": False,
        }
        return self._show(request, offer, "cancellation", context)

    def _decide_cancellation(self, request: HttpRequest, offer: Offer, author: models.Model) -> HttpResponse:
        """Do what the pressed button says. A second click finds its own decision made."""
        decide = approve_cancellation if "approve" in request.POST else refuse_cancellation
        seen = posted_number(request.POST.get("seen", "")) or 0
        made: OfferChange | None
        try:
            made = decide(offer=offer, author=author, seen=seen, at=database_instant())
        except OfferError as refusal:
            made = last_change_by(author, offer, *DECIDED[decide])
            if made is None:
                return self._leave(request, offer, refusal)
        return self._leave(request, offer, DECIDED[decide][OfferChange.Kind(made.kind)], messages.SUCCESS)

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET: the offer in the template of its public page, under a banner, published or not.

        Before publication, it has no links to pages that do not exist yet.
        """
        offer = self._offer(request, object_id, "offers.view_offer")
        unnumbered = not offer.number
        offer.number = offer.number or UNNUMBERED  # in memory only
        context = page_context(request, offer, at=timezone.now())
        context |= {"back_url": _address(offer), "unnumbered": unnumbered, "posting": None}
        return render(request, "admin/offers/offer/preview.html", context)

    def settle_point_view(self, request: HttpRequest, object_id: str, point_id: int) -> HttpResponse:
        """GET: the form. POST: settle one open point of an import."""
        offer = self._offer(request, object_id, "offers.change_openpoint")
        point = get_object_or_404(OpenPoint, offer=offer, pk=point_id)
        data = request.POST if request.method == "POST" else None
        form = SettleForm(data, offer=offer)
        if data is not None and form.is_valid():
            resolution = form.cleaned_data["resolution"]
            try:
                settle_point(point=point, author=author_of(request), resolution=resolution, at=timezone.now())
            except PointAlreadySettledError as refusal:
                if refusal.data["resolution"] != resolution:
                    return self._leave(request, offer, refusal)
            except OfferError as refusal:
                form.add_error("resolution", str(refusal))
            if not form.errors:
                return self._leave(request, offer, _("Le point est réglé."), messages.SUCCESS)
        elif data is None and point.resolved_at is not None:
            return self._leave(request, offer, _("Ce point est déjà réglé."))
        context = {
            "title": _("Régler ce point"),
            "form": form,
            "point": show_point(point),
            "button": _("Réglé"),
            "errors": bool(form.errors),
        }
        return self._show(request, offer, "act", context)

    def clone_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET: a form with suggested days. POST: write the next edition as a draft."""
        offer = self._offer(request, object_id, "offers.add_offer")
        data = request.POST if request.method == "POST" else None
        form = CloneForm(data, offer=offer, initial=suggest_next_edition(offer))
        if data is not None and form.is_valid():
            try:
                copy = clone_offer(offer=offer, at=timezone.now(), **form.cleaned_data)
            except (IntegrityError, OverflowError):
                form.add_error("closes_on", _("Ces dates ne concordent pas, ou dépassent le calendrier."))
            else:
                message = _("La copie est un brouillon : relisez ses dates et son texte.")
                return self._leave(request, copy, message, messages.SUCCESS)
        context = {
            "title": _("Copier pour la prochaine édition"),
            "form": form,
            "entails": [
                _("Même en-tête, mêmes sections, mêmes documents, même grille, mêmes critères."),
                _("Rien n’est publié : la copie est un brouillon."),
            ],
            "button": _("Copier"),
            "errors": bool(form.errors),
        }
        return self._show(request, offer, "act", context)

    def correct_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET: the form. POST: show what would change; a second POST confirms and corrects the published offer."""
        offer, author = self._offer(request, object_id, PUBLISH), author_of(request)
        data = request.POST if request.method == "POST" else None
        if forbidden := _correction_refusal(offer, author):
            return self._leave(request, offer, forbidden)
        correction = Correction(offer, data, seen=offer_digest(offer))
        lines: list[str] = []
        if data is not None and correction.is_valid():
            why = correction.why.cleaned_data
            try:
                lines = correction_details(offer, **correction.wanted())
                if not lines:
                    raise NothingToCorrectError(offer)
                if why["agreed"] == digest_of_lines(lines) and "confirm" in data:
                    correct_offer(
                        offer=offer,
                        author=author,
                        reason=why["reason"],
                        seen=why["seen"],
                        at=database_instant(),
                        **correction.wanted(),
                    )
                    return self._leave(request, offer, _("L’offre est corrigée."), messages.SUCCESS)
            except (OfferNotPublishedError, ConflictOfInterestError) as refusal:
                return self._leave(request, offer, refusal)
            except OfferChangedError as refusal:
                # The lines compare with the current offer: once read, the user may confirm them.
                correction.refuse(str(refusal))
            except OfferError as refusal:
                # Nothing is left to correct if this POST repeats the user's own correction.
                is_repeated = isinstance(refusal, NothingToCorrectError) and "confirm" in data
                if is_repeated and last_change_by(author, refusal.offer, OfferChange.Kind.CORRECTED):
                    return self._leave(request, offer, _("L’offre est corrigée."), messages.SUCCESS)
                lines = []
                correction.refuse(str(refusal))
            except IntegrityError:
                correction.refuse(_("Ces renseignements ne concordent pas."))
        context = {
            "title": _("Corriger cette offre"),
            "correction": correction,
            "lines": lines,
            "problems": list(correction.problems()) if data is not None else [],
            "agreed": digest_of_lines(lines),
            "seen": offer_digest(offer),
            "audience": audience_messages(offer, OfferChange.Kind.CORRECTED),
            "dates_move": bool({"starts_on", "ends_on"} & set(correction.header.changed_data)),
            "errors": data is not None and not lines,
        }
        return self._show(request, offer, "correct", context)

    def _offer(self, request: HttpRequest, object_id: str, permission: str) -> Offer:
        # The permission is checked first, so that a 404 does not reveal which offers exist.
        if not request.user.has_perm(permission):
            raise PermissionDenied
        offer = self.get_object(request, object_id)
        if offer is None:
            raise Http404
        return offer

    def _leave(
        self, request: HttpRequest, offer: Offer, message: object, level: int = messages.WARNING
    ) -> HttpResponse:
        messages.add_message(request, level, str(message))
        return redirect(_address(offer))

    def _show(self, request: HttpRequest, offer: Offer, page: str, context: dict[str, Any]) -> HttpResponse:
        frame = {"opts": self.opts, "offer": offer, "back_url": _address(offer)}
        return TemplateResponse(
            request,
            f"admin/offers/offer/{page}.html",
            self.admin_site.each_context(request) | frame | context,
            status=422 if context["errors"] else 200,
        )


def _correction_refusal(offer: Offer, author: models.Model) -> OfferError | None:
    if offer.status != Offer.Status.PUBLISHED:
        return OfferNotPublishedError(offer, status=offer.status)
    return ConflictOfInterestError(offer) if has_conflict(offer, author) else None


def _address(offer: Offer) -> str:
    return reverse("admin:offers_offer_change", args=[offer.pk])
