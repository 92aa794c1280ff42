"""Staff pages of personal extensions: search a candidate, read the consequences, confirm."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.journal.readings import record_shown
from intake.outbox.selectors import database_instant
from offers.date_formats import format_closing, format_day
from offers.models import Offer
from offers.services.errors import OfferError, OfferNotPublishedError
from offers.services.lifecycle import extended_instant

from .forms import PersonalExtensionForm
from .operations import StaleExtensionError, extend_personal_deadline
from .queries import (
    MAX_FOUND,
    MAX_SHOWN,
    CandidateResult,
    candidate_result,
    extendable_candidates,
    extensions_of,
    name_of,
    search_candidates,
)

ADD_PERMISSION = "submissions.add_personalextension"
VIEW_PERMISSION = "submissions.view_personalextension"
SEARCH_LENGTH = 254


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables()
def offer_extensions(request: HttpRequest, number: str) -> HttpResponse:
    """GET: the extensions of an offer. POST: also search candidates. The search is in the body: URLs are logged."""
    user = _acting_user(request, VIEW_PERMISSION)
    offer = _published_offer(number)
    words = request.POST.get("words", "")[:SEARCH_LENGTH]
    found = search_candidates(offer, words, asker=user) if user.has_perm(ADD_PERMISSION) else []
    given = list(extensions_of(offer, asker=user)[:MAX_SHOWN])
    record_shown(request, [*(person.user for person in found), *(row.candidate for row in given)])
    context = {
        "title": _("Prolongations personnelles"),
        "may_give": user.has_perm(ADD_PERMISSION) and offer.status == Offer.Status.PUBLISHED,
        "words": words,
        "found": found,
        "at_most": MAX_FOUND if len(found) == MAX_FOUND else 0,
        "given": [{"extension": row, "name": name_of(row.candidate)} for row in given],
        "now": database_instant(),
    }
    return _show(request, offer, "list", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables()
def give_extension(request: HttpRequest, number: str, person_id: UUID) -> HttpResponse:
    """GET: the form. POST: the consequences, or the extension once they are confirmed."""
    author = _acting_user(request, ADD_PERMISSION)
    offer = _published_offer(number)
    person = get_object_or_404(
        extendable_candidates(offer, author).select_related("profile"), public_id=person_id
    )
    record_shown(request, [person])
    at, found = database_instant(), candidate_result(offer, person)
    given = request.POST if request.method == "POST" else None
    form = PersonalExtensionForm(given, offer=offer, initial={"seen": found.window.closes_at.isoformat()})
    entailed: list[str] = []
    if given is not None and form.is_valid():
        until = extended_instant(offer, form.cleaned_data["closes_on"])
        agreed = "confirm" in given and given.get("agreed") == until.isoformat()
        if agreed and _extend_from_form(request, offer, person, form, author, at):
            return redirect("extensions:offer", number)
        if not form.errors:
            entailed = list(_consequences(found, until, at))
    context = {
        "title": _("Accorder une prolongation personnelle"),
        "person": found,
        "form": form,
        "entails": entailed,
        "agreed": extended_instant(offer, form.cleaned_data["closes_on"]).isoformat() if entailed else "",
        "history": list(extensions_of(offer, asker=author).filter(candidate=person)),
        "now": at,
    }
    return _show(request, offer, "give", context, refused=bool(form.errors))


def _extend_from_form(
    request: HttpRequest,
    offer: Offer,
    person: User,
    form: PersonalExtensionForm,
    author: User,
    at: datetime,
) -> bool:
    """Give the extension and add a message, or add the error to the form. Return whether the form has no error."""
    given = form.cleaned_data
    try:
        extend_personal_deadline(
            offer=offer,
            candidate=person,
            author=author,
            reason=given["reason"],
            closes_on=given["closes_on"],
            seen=given["seen"],
            at=at,
        )
    except StaleExtensionError as stale:
        last = extensions_of(offer, asker=author).filter(candidate=person).first()
        same = extended_instant(offer, given["closes_on"]) == stale.closes_at
        if last is not None and last.author_id == author.pk and same:
            return True  # the same post, sent twice
        form.add_error(None, str(stale))
    except OfferNotPublishedError as refusal:
        form.add_error(None, str(refusal))
    except OfferError as refusal:
        form.add_error("closes_on", str(refusal))
    else:
        messages.success(
            request, _("La prolongation est accordée ; nous envoyons un courriel à la personne.")
        )
    return not form.errors


def _consequences(found: CandidateResult, until: datetime, at: datetime) -> Iterator[str]:
    offer = found.window.offer
    values = {
        "person": found.name or found.user.email,
        "until": format_closing(until, offer.zone),
        "before": format_closing(found.window.closes_at, offer.zone),
        "day": format_day(offer.closes_on),
    }
    yield (
        _("%(person)s pourra déposer jusqu’au %(until)s, sans changement pour les autres personnes.") % values
    )
    if found.window.closes_at <= at:
        yield _("Sa date limite est passée depuis le %(before)s : ses pages rouvriront.") % values
    else:
        yield _("Sa date limite actuelle est le %(before)s.") % values
    if found.submission is None:
        yield _("Cette personne n’a pas de brouillon pour cette offre : elle pourra en commencer un.")
    elif found.submission.standing_filing is not None:
        yield _(
            "Cette personne a déjà déposé : elle pourra modifier sa candidature, si l’état de "
            "son dossier le permet."
        )
    yield _(
        "Un courriel l’annonce à la personne, sans le motif. Le dossier et la page du "
        "comité montrent la date limite, jamais le motif."
    )
    yield _("Les critères s’appliquent encore à la date du %(day)s.") % values
    yield _("Vous ne pourrez pas annuler cette prolongation.")


def _acting_user(request: HttpRequest, permission: str) -> User:
    """Return the acting user or raise PermissionDenied. Called first, so that a 404 reveals nothing."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm(permission):
        raise PermissionDenied
    return user


def _published_offer(number: str) -> Offer:
    """Return the offer, published or cancelled after publication, or raise Http404."""
    offer = get_object_or_404(Offer.objects.select_related("programme"), number=number)
    if not offer.is_published:
        raise Http404
    return offer


def _show(
    request: HttpRequest, offer: Offer, page: str, context: dict[str, Any], *, refused: bool = False
) -> HttpResponse:
    frame = admin.site.each_context(request) | {"opts": Offer._meta, "offer": offer, "errors": refused}
    back_url = reverse("admin:offers_offer_change", args=[offer.pk])
    return TemplateResponse(
        request,
        f"admin/submissions/extensions/{page}.html",
        frame | {"back_url": back_url} | context,
        status=422 if refused else 200,
    )


def extensions_link(request: HttpRequest, offer: Offer) -> tuple[str, str] | None:
    """Return URL and label of the link from an offer's page to its extensions; None if the user may not read them."""
    if not offer.is_published or not request.user.has_perm("submissions.view_personalextension"):
        return None
    return reverse("extensions:offer", args=[offer.number]), _("Prolongations personnelles")
