"""Pages of the actions on an offer: each asks for a confirmation, calls one operation and shows the result."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from offers.models import Offer, OfferChange, OpenPoint
from offers.registrations import audience_messages, has_conflict
from offers.selectors import database_instant, offer_digest
from offers.services.cloning import clone_offer
from offers.services.correcting import correct_offer, correction_details
from offers.services.errors import (
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

from .action_forms import CloneForm, SettleForm, suggest_next_edition
from .correct_forms import Correction, digest_of_lines
from .offer_actions import (
    OFFER_ACTIONS,
    PUBLISH,
    OfferAction,
    author_of,
    blocking_conditions,
    is_repeated_action,
)
from .offer_summary import show_point
from .preview import show_preview

CONCURRENT_CHANGE_ERRORS = (
    MailboxAlreadyConfirmedError,
    OfferChangedError,
    OfferNotADraftError,
    OfferNotPublishedError,
    PointAlreadySettledError,
    ConflictOfInterestError,
)
"""Errors that no other input on the same page can avoid: another request changed the offer first."""


class ActionPages(admin.ModelAdmin[Offer]):
    """Views of the addresses under an offer's page in the administration."""

    def get_urls(self) -> list[URLPattern]:
        """Return these addresses before Django's own, because its last pattern matches all others."""
        return [
            *(self._page(act.slug, act.name, partial(self.act_view, act=act)) for act in OFFER_ACTIONS),
            self._page("apercu", "preview", self.preview_view),
            self._page("corriger", "correct", self.correct_view),
            self._page("copier", "clone", self.clone_view),
            self._page("points/<int:point_id>", "settle", self.settle_point_view),
            *super().get_urls(),
        ]

    def _page(self, slug: str, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
        guarded = self.admin_site.admin_view(view)
        return path(f"<path:object_id>/{slug}/", guarded, name=f"offers_offer_{name}")

    def act_view(self, request: HttpRequest, object_id: str, *, act: OfferAction) -> HttpResponse:
        """GET: the consequences of the action. POST: perform it."""
        offer = self._offer(request, object_id, PUBLISH)
        if act.touches_candidates and has_conflict(offer, author_of(request)):
            return self._show_concurrent_change(request, offer, ConflictOfInterestError(offer))
        at = database_instant()
        given = request.POST if request.method == "POST" else None
        form = act.form(given, offer=offer, initial={"seen": offer_digest(offer)})
        if given is not None and form.is_valid():
            try:
                act.do(offer, form.cleaned_data, author_of(request), at)
            except (*CONCURRENT_CHANGE_ERRORS, ExtensionNotLaterError) as refusal:
                if is_repeated_action(act, refusal.offer, form.cleaned_data, author_of(request)):
                    return self._done(request, offer, act.done)
                if isinstance(refusal, CONCURRENT_CHANGE_ERRORS):
                    return self._show_concurrent_change(request, offer, refusal)
                form.add_error("closes_on", str(refusal))
            except OfferError as refusal:
                form.add_error(None, str(refusal))
            else:
                return self._done(request, offer, act.done)
        elif given is None and not act.possible(offer):
            messages.warning(
                request, _("%(offer)s : cela ne se fait plus, ou pas encore.") % {"offer": offer}
            )
            return redirect(_address(offer))
        return self._show(
            request,
            offer,
            "act",
            {
                "title": act.question,
                "form": form,
                "entails": list(act.entails(offer, at)),
                "audience": audience_messages(offer, act.kind),
                "missing": [missing.label for missing in blocking_conditions(act, offer)],
                "button": act.label,
                "grave": act.grave,
                "preview_url": reverse("admin:offers_offer_preview", args=[offer.pk]),
                "is_publishing": act.name == "publish",
            },
            refused=bool(form.errors),
        )

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET: the offer as candidates read it, published or not."""
        offer = self._offer(request, object_id, "offers.view_offer")
        return show_preview(request, offer, back_url=_address(offer), at=timezone.now())

    def settle_point_view(self, request: HttpRequest, object_id: str, point_id: int) -> HttpResponse:
        """GET: the form. POST: settle one open point of an import."""
        offer = self._offer(request, object_id, "offers.change_openpoint")
        point = OpenPoint.objects.filter(offer=offer, pk=point_id).first()
        if point is None:
            raise Http404
        given = request.POST if request.method == "POST" else None
        form = SettleForm(given, offer=offer)
        if given is not None and form.is_valid():
            how = form.cleaned_data["resolution"]
            try:
                settle_point(point=point, author=author_of(request), resolution=how, at=timezone.now())
            except PointAlreadySettledError as refusal:
                if refusal.data["resolution"] != how:
                    return self._show_concurrent_change(request, offer, refusal)
            except OfferError as refusal:
                form.add_error("resolution", str(refusal))
            if not form.errors:
                return self._done(request, offer, _("Le point est réglé."))
        elif given is None and point.resolved_at is not None:
            messages.warning(request, _("Ce point est déjà réglé."))
            return redirect(_address(offer))
        context = {
            "title": _("Régler ce point"),
            "form": form,
            "point": show_point(point),
            "button": _("Réglé"),
        }
        return self._show(request, offer, "act", context, refused=bool(form.errors))

    def clone_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET: a form with suggested days. POST: write the next edition as a draft."""
        offer = self._offer(request, object_id, "offers.add_offer")
        given = request.POST if request.method == "POST" else None
        form = CloneForm(given, offer=offer, initial=suggest_next_edition(offer))
        if given is not None and form.is_valid():
            try:
                copy = clone_offer(offer=offer, at=timezone.now(), **form.cleaned_data)
            except (IntegrityError, OverflowError):
                form.add_error("closes_on", _("Ces dates ne vont pas ensemble, ou sortent du calendrier."))
            else:
                return self._done(
                    request, copy, _("La copie est un brouillon : relisez ses dates et son texte.")
                )
        context = {
            "title": _("Copier pour la prochaine édition"),
            "form": form,
            "entails": [
                _("Même en-tête, mêmes sections, mêmes documents, même grille, mêmes critères."),
                _("Rien n’est publié : la copie est un brouillon."),
            ],
            "button": _("Copier"),
        }
        return self._show(request, offer, "act", context, refused=bool(form.errors))

    def correct_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET: the form. POST: show what would change; a second POST confirms and corrects the published offer."""
        offer = self._offer(request, object_id, PUBLISH)
        given = request.POST if request.method == "POST" else None
        if forbidden := _correction_refusal(offer, author_of(request)):
            return self._show_concurrent_change(request, offer, forbidden)
        correction = Correction(offer, given, seen=offer_digest(offer))
        lines: list[str] = []
        if given is not None and correction.is_valid():
            try:
                lines = correction_details(offer, **correction.wanted())
                if not lines:
                    raise NothingToCorrectError(offer)
                if correction.why.cleaned_data["agreed"] == digest_of_lines(lines) and "confirm" in given:
                    self._correct(request, offer, correction)
                    return self._done(request, offer, _("L’offre est corrigée."))
            except (OfferNotPublishedError, ConflictOfInterestError) as refusal:
                return self._show_concurrent_change(request, offer, refusal)
            except OfferChangedError as refusal:
                # The lines compare with the current offer: once read, the user may confirm them.
                correction.refuse(str(refusal))
            except OfferError as refusal:
                if self._is_repeated_correction(request, refusal):
                    return self._done(request, offer, _("L’offre est corrigée."))
                lines = []
                correction.refuse(str(refusal))
            except IntegrityError:
                correction.refuse(_("Ces renseignements ne vont pas ensemble."))
        context = {
            "title": _("Corriger cette offre"),
            "correction": correction,
            "lines": lines,
            "problems": list(correction.problems()) if given is not None else [],
            "agreed": digest_of_lines(lines),
            "seen": offer_digest(offer),
            "audience": audience_messages(offer, OfferChange.Kind.CORRECTED),
            "dates_move": any(name in correction.header.changed_data for name in ("starts_on", "ends_on")),
        }
        refused = given is not None and not lines
        return self._show(request, offer, "correct", context, refused=refused)

    def _correct(self, request: HttpRequest, offer: Offer, correction: Correction) -> None:
        why = correction.why.cleaned_data
        correct_offer(
            offer=offer,
            author=author_of(request),
            reason=why["reason"],
            seen=why["seen"],
            at=database_instant(),
            **correction.wanted(),
        )

    def _is_repeated_correction(self, request: HttpRequest, refusal: OfferError) -> bool:
        """True if nothing is left to correct because the same user made this correction (a repeated POST)."""
        last = refusal.offer.changes.order_by("-at", "-pk").first()
        return (
            isinstance(refusal, NothingToCorrectError)
            and "confirm" in request.POST
            and last is not None
            and last.kind == OfferChange.Kind.CORRECTED
            and last.author_id == request.user.pk
        )

    def _offer(self, request: HttpRequest, object_id: str, permission: str) -> Offer:
        """Return the offer. The permission is checked first, so that a 404 does not reveal which offers exist.

        :raises PermissionDenied: if the user lacks `permission`.
        :raises Http404: if there is no such offer.
        """
        if not request.user.has_perm(permission):
            raise PermissionDenied
        offer = self.get_object(request, object_id)
        if offer is None:
            raise Http404
        return offer

    def _done(self, request: HttpRequest, offer: Offer, said: object) -> HttpResponse:
        messages.success(request, str(said))
        return redirect(_address(offer))

    def _show_concurrent_change(
        self, request: HttpRequest, offer: Offer, refusal: OfferError
    ) -> HttpResponse:
        messages.warning(request, str(refusal))
        return redirect(_address(offer))

    def _show(
        self,
        request: HttpRequest,
        offer: Offer,
        page: str,
        context: dict[str, Any],
        *,
        refused: bool,
    ) -> HttpResponse:
        frame = self.admin_site.each_context(request) | {"opts": self.opts, "offer": offer, "errors": refused}
        return TemplateResponse(
            request,
            f"admin/offers/offer/{page}.html",
            frame | {"back_url": _address(offer)} | context,
            status=422 if refused else 200,
        )


def _correction_refusal(offer: Offer, author: models.Model) -> OfferError | None:
    if offer.status != Offer.Status.PUBLISHED:
        return OfferNotPublishedError(offer, status=offer.status)
    return ConflictOfInterestError(offer) if has_conflict(offer, author) else None


def _address(offer: Offer) -> str:
    return reverse("admin:offers_offer_change", args=[offer.pk])
