"""The criteria of an offer in the administration: edit them, try them on examples, publish a new version.

One address. The criteria of a draft are saved immediately. Those of a published offer are replaced only after a page
has shown the impact, and with a reason.
"""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from intake.base.change_lists import PortalAdmin
from intake.base.numbers import posted_number
from offers.blocks import parse_blocks
from offers.change_descriptions import rulebook_changes
from offers.impact import compute_impact
from offers.models import Offer, OfferChange, Section
from offers.registrations import audience_messages, has_conflict
from offers.rule_forms import MAX_CRITERIA, ReasonForm, RulesForm
from offers.selectors import current_version
from offers.services.errors import OfferError
from offers.services.rulebooks import (
    RulebookChangedError,
    draft_rulebook,
    next_version,
    publish_rulebook,
    version_token,
)

from .offer_actions import PUBLISH, author_of, conflict_message
from .rules_display import kinds_to_add, show_cards, show_criteria, show_impact, show_versions


class RulesPages(PortalAdmin[Offer]):
    """The page of the criteria, for `OfferAdmin`: `/admin/offers/offer/<id>/criteres/`."""

    def may_edit_rules(self, request: HttpRequest, offer: Offer) -> bool:
        """True if the user may write the criteria of a draft, or of a published offer that is not cancelled.

        For a published offer, the user must be impartial.
        """
        if offer.status == Offer.Status.CANCELLED or not request.user.has_perm("offers.change_offer"):
            return False
        if not offer.is_published:
            return True
        return request.user.has_perm(PUBLISH) and not has_conflict(offer, author_of(request))

    def rules_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET: the criteria. POST: try them, save those of a draft, or confirm and publish a new version.

        :raises Http404: if there is no such offer.
        :raises PermissionDenied: if the user may not read the criteria, or posts and may not write them.
        """
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        offer = Offer.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if offer is None:
            raise Http404
        page = RulesPage(self, request, offer)
        if request.method != "POST":
            return page.shown()
        if page.conflict:
            return page.shown(status=HTTPStatus.FORBIDDEN)
        if not page.editable:
            raise PermissionDenied
        return page.answered(request.POST.get("action", "save"))


class RulesPage:
    """One request about the criteria of one offer."""

    def __init__(self, pages: RulesPages, request: HttpRequest, offer: Offer) -> None:
        self.pages = pages
        self.request = request
        self.offer = offer
        self.current = current_version(offer)
        self.editable = pages.may_edit_rules(request, offer)
        self.conflict = conflict_message(request, offer)
        self.address = reverse("admin:offers_offer_rules", args=[offer.pk])

    # -- Actions -----------------------------------------------------------------------------------------------
    def answered(self, action: str) -> HttpResponse:
        """Perform the action of a button of the page."""
        rules = RulesForm.sent(self.request.POST)
        word, _colon, about = action.partition(":")
        if word == "examples":
            return self._examples(rules)
        if word in {"up", "down", "remove", "add", "usual", "edit"}:
            rules = rules.as_typed()
            _rearrange(rules, word, about or self.request.POST.get("kind", ""))
            return self.shown(rules)
        if not rules.is_valid():
            return self.shown(rules, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if not self.offer.is_published:
            return self._save(rules)
        if word == "publish":
            return self._publish(rules)
        return self._ask(rules, ReasonForm())

    def _examples(self, rules: RulesForm) -> HttpResponse:
        if "fragment" in self.request.POST:
            context = {"criteria": show_cards(self.offer, rules)}
            return TemplateResponse(self.request, "admin/offers/rules_examples.html", context)
        return self.shown(rules)

    def _save(self, rules: RulesForm) -> HttpResponse:
        """Write the criteria of a draft, unless another user changed them after they were read."""
        try:
            version = draft_rulebook(
                offer=self.offer,
                criteria=rules.criteria(),
                at=timezone.now(),
                edition=self.request.POST.get("edition", ""),
            )
        except RulebookChangedError:
            self.current = current_version(self.offer)
            text = _(
                "Une autre personne a enregistré d’autres critères entre-temps. Rien n’est "
                "enregistré ici. Les vôtres sont ci-dessous : enregistrez de nouveau pour "
                "remplacer les siens, ou rouvrez la page pour les lire."
            )
            messages.error(self.request, text)
            return self.shown(rules.as_typed(), status=HTTPStatus.CONFLICT)
        except OfferError as refusal:
            return self._refuse(rules, str(refusal))
        text = _("Les critères sont enregistrés dans le brouillon (version %(number)s).")
        return self._finish(_("Critères enregistrés"), text % {"number": version.number})

    def _ask(self, rules: RulesForm, reason: ReasonForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Return the confirmation page: the changes and their impact. Nothing is written."""
        current = self.current
        if current is None:
            raise Http404
        proposed = next_version(offer=self.offer, criteria=rules.criteria(), at=timezone.now(), reason="")
        changes = rulebook_changes(current.as_json(), proposed.as_json())
        if not changes:
            text = _("Ces critères sont déjà en vigueur : il n’y a rien à publier.")
            return self._refuse(rules, text, level=messages.WARNING)
        judged = proposed.as_rulebook()
        impact = compute_impact(
            offer=self.offer, current=current.as_rulebook(), proposed=judged, viewer=self.request.user
        )
        context = self._frame(_("Publier de nouveaux critères ?")) | {
            "changes": changes,
            "impact": show_impact(impact),
            "audience": audience_messages(self.offer, OfferChange.Kind.RULES_CHANGED),
            "form": reason,
            "current": current,
            "next_number": proposed.number,
            "digest": judged.digest,
            "kept": _posted_fields(self.request),
        }
        return TemplateResponse(self.request, "admin/offers/rules_confirm.html", context, status=status)

    def _publish(self, rules: RulesForm) -> HttpResponse:
        """Publish the confirmed criteria, unless the version or the dates changed after the confirmation page."""
        reason = ReasonForm(self.request.POST)
        if not reason.is_valid():
            return self._ask(rules, reason, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            version = publish_rulebook(
                offer=self.offer,
                criteria=rules.criteria(),
                reason=reason.cleaned_data["reason"],
                author=self.request.user if self.request.user.pk else None,
                at=timezone.now(),
                edition=self.request.POST.get("edition", ""),
                digest=self.request.POST.get("digest", ""),
            )
        except RulebookChangedError as refusal:
            return self._ask_again(rules, reason, refusal)
        except OfferError as refusal:
            return self._refuse(rules, str(refusal))
        text = _("La version %(number)s s’applique dès maintenant.")
        return self._finish(_("Critères remplacés"), text % {"number": version.number})

    def _ask_again(self, rules: RulesForm, reason: ReasonForm, refusal: RulebookChangedError) -> HttpResponse:
        self.offer.refresh_from_db()
        self.current = current_version(self.offer)
        if refusal.data["digest"] == self.request.POST.get("digest", ""):
            # A double click: the first POST published this rulebook.
            messages.info(
                self.request,
                _("La version %(number)s contient déjà ces critères : il n’y a rien d’autre à publier.")
                % refusal.data,
            )
            return HttpResponseRedirect(self.address)
        messages.error(self.request, str(refusal))
        return self._ask(rules, reason, status=HTTPStatus.CONFLICT)

    def _refuse(self, rules: RulesForm, text: str, *, level: int = messages.ERROR) -> HttpResponse:
        """Show the typed criteria again with a message: nothing was written."""
        messages.add_message(self.request, level, text)
        return self.shown(rules.as_typed(), status=HTTPStatus.UNPROCESSABLE_ENTITY)

    def _finish(self, change: str, text: str) -> HttpResponse:
        self.pages.log_change(self.request, self.offer, change)
        messages.success(self.request, text)
        return HttpResponseRedirect(self.address)

    # -- Display ---------------------------------------------------------------------------------------------------
    def shown(self, rules: RulesForm | None = None, *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Return the page of the criteria, read-only if the user may not edit them."""
        stored = self.current.criteria if self.current else []
        if rules is None:
            rules = RulesForm.of(stored)
        context = self._frame(_("Critères d’admissibilité")) | {
            "editable": self.editable,
            "bound_words": self.conflict,
            "rules": rules,
            "criteria": show_cards(self.offer, rules) if self.editable else show_criteria(self.offer, stored),
            "kinds": kinds_to_add(rules) if self.editable else [],
            "most": MAX_CRITERIA,
            "standing": self.current,
            "moved": self._changed_days(),
            "versions": show_versions(self.offer),
            "text": [
                (part.title, parse_blocks(part.text))
                for part in self.offer.sections.filter(kind=Section.Kind.ELIGIBILITY).order_by("position")
            ],
        }
        return TemplateResponse(self.request, "admin/offers/rules.html", context, status=status)

    def _changed_days(self) -> bool:
        version = self.current
        return (
            version is not None
            and version.published_at is not None
            and (version.starts_on, version.closes_on) != (self.offer.starts_on, self.offer.closes_on)
        )

    def _frame(self, title: str) -> dict[str, Any]:
        return self.pages.admin_site.each_context(self.request) | {
            "title": title,
            "offer": self.offer,
            "opts": Offer._meta,
            "edition": version_token(self.current),
            "address": self.address,
            "offer_address": reverse("admin:offers_offer_change", args=[self.offer.pk]),
        }


def _rearrange(rules: RulesForm, word: str, about: str) -> None:
    number = posted_number(about)
    match word:
        case "usual":
            rules.add_defaults()
        case "add":
            rules.add(about)
        case "up" | "down" if number is not None:
            rules.move(number, -1 if word == "up" else 1)
        case "remove" if number is not None:
            rules.remove(number)
        case _:
            pass


def _posted_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the posted fields of the criteria, for hidden fields of the confirmation page."""
    own = {"csrfmiddlewaretoken", "action", "fragment", "reason", "edition", "digest", "kind"}
    return [(name, value) for name in request.POST if name not in own for value in request.POST.getlist(name)]
