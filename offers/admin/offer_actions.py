"""Table of the actions of staff on an offer. Each has its own page, which shows the consequences."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from django.db import models
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offers.date_formats import format_closing, format_day
from offers.models import Offer, OfferChange
from offers.registrations import has_conflict
from offers.selectors import asked_cancellation
from offers.services.cancelling import ask_cancellation
from offers.services.errors import Condition, ConflictOfInterestError
from offers.services.lifecycle import confirm_mailbox, extend_deadline, extended_instant
from offers.services.publishing import missing_for_publication, publish_offer

from .action_forms import ActionForm, ExtendForm, ReasonForm, VersionedActionForm

PUBLISH: Final = "offers.publish_offer"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAction:
    """One action: its address, texts and form, the offers on which it is possible, and its operation."""

    slug: str
    name: str
    kind: OfferChange.Kind
    label: Promise
    question: Promise
    done: Promise
    form: type[ActionForm]
    possible: Callable[[Offer], bool]
    entails: Callable[[Offer, datetime], Iterator[str]]
    do: Callable[..., object]
    """Called with `offer`, `author`, `at` and the cleaned fields of the form."""
    grave: bool = False
    touches_candidates: bool = False
    """True if only a user who is impartial about the offer may do it."""
    leads_to: OfferChange.Kind | None = None
    """The change that reaches candidates, if it is a later one."""

    @property
    def url_name(self) -> str:
        """The name of the URL pattern of its page."""
        return f"admin:offers_offer_{self.name}"


def _publish_consequences(offer: Offer, at: datetime) -> Iterator[str]:
    closing = format_closing(offer.closes_at, offer.zone)
    if offer.closes_at <= at:
        yield _("Cette offre est déjà fermée (%(closing)s) : elle sera publiée comme archive.") % {
            "closing": closing
        }
    elif offer.opens_at <= at:
        yield _("Les inscriptions ouvrent aussitôt et ferment le %(closing)s.") % {"closing": closing}
    else:
        day = format_day(offer.opens_at.astimezone(offer.zone).date())
        text = _("Les inscriptions ouvrent le %(day)s et ferment le %(closing)s.")
        yield text % {"day": day, "closing": closing}
    yield _(
        "Son numéro et ses critères sont alors fixés ; seule une correction annoncée peut changer le reste."
    )
    if not offer.listed:
        yield _("L’offre reste invisible pour le public : ni dans la liste, ni à son adresse.")


def _confirm_consequences(offer: Offer, _at: datetime) -> Iterator[str]:
    yield _("Vous avez vérifié que « %(email)s » est la bonne adresse et qu’une personne y répond.") % {
        "email": offer.contact_email
    }
    yield _("Le portail pourra ensuite écrire à cette adresse.")


def _extend_consequences(offer: Offer, at: datetime) -> Iterator[str]:
    closing = format_closing(offer.closes_at, offer.zone)
    if offer.closes_at <= at:
        yield _("Cette offre est fermée depuis le %(closing)s : elle rouvrira.") % {"closing": closing}
    else:
        yield _("Cette offre ferme le %(closing)s.") % {"closing": closing}
    yield _(
        "La date inscrite dans l’offre reste le %(day)s : les critères s’appliquent encore "
        "à cette date, et la page publique montre la prolongation."
    ) % {"day": format_day(offer.closes_on)}
    yield _("Vous ne pourrez pas annuler cette prolongation.")


def _ask_consequences(offer: Offer, at: datetime) -> Iterator[str]:
    yield _(
        "Une autre personne doit approuver l’annulation. D’ici là, l’offre ne change pas et rien n’est envoyé."
    )
    yield from cancel_consequences(offer, at)


def cancel_consequences(_offer: Offer, _at: datetime) -> Iterator[str]:
    """Yield what the approval of a cancellation does."""
    yield _("Les dépôts seront fermés. Les brouillons et les dépôts sont conservés et restent lisibles.")
    yield _("La page publique annonce que l’offre est annulée. L’annulation est définitive.")


def _is_draft(offer: Offer) -> bool:
    return offer.status == Offer.Status.DRAFT


def _is_published(offer: Offer) -> bool:
    return offer.status == Offer.Status.PUBLISHED


def _may_be_cancelled(offer: Offer) -> bool:
    return _is_published(offer) and asked_cancellation(offer) is None


def _is_unconfirmed(offer: Offer) -> bool:
    lasting = offer.status != Offer.Status.CANCELLED
    return lasting and bool(offer.contact_email) and offer.contact_confirmed_at is None


PUBLISHING: Final = OfferAction(
    slug="publier",
    name="publish",
    kind=OfferChange.Kind.PUBLISHED,
    label=gettext_lazy("Publier"),
    question=gettext_lazy("Publier cette offre ?"),
    done=gettext_lazy("L’offre est publiée."),
    form=VersionedActionForm,
    possible=_is_draft,
    entails=_publish_consequences,
    do=publish_offer,
)
OFFER_ACTIONS: Final = (
    PUBLISHING,
    OfferAction(
        slug="courriel",
        name="mailbox",
        kind=OfferChange.Kind.MAILBOX_CONFIRMED,
        label=gettext_lazy("Confirmer le courriel"),
        question=gettext_lazy("Confirmer le courriel de contact ?"),
        done=gettext_lazy("Le courriel de contact est confirmé."),
        form=ActionForm,
        possible=_is_unconfirmed,
        entails=_confirm_consequences,
        do=confirm_mailbox,
    ),
    OfferAction(
        slug="prolonger",
        name="extend",
        kind=OfferChange.Kind.EXTENDED,
        label=gettext_lazy("Prolonger"),
        question=gettext_lazy("Prolonger la date limite"),
        done=gettext_lazy("La date limite est prolongée."),
        form=ExtendForm,
        possible=_is_published,
        entails=_extend_consequences,
        do=extend_deadline,
        touches_candidates=True,
    ),
    OfferAction(
        slug="annuler",
        name="cancel",
        kind=OfferChange.Kind.CANCEL_ASKED,
        leads_to=OfferChange.Kind.CANCELLED,
        label=gettext_lazy("Demander l’annulation"),
        question=gettext_lazy("Demander l’annulation de cette offre ?"),
        done=gettext_lazy("La demande est enregistrée. Une autre personne doit l’approuver."),
        form=ReasonForm,
        possible=_may_be_cancelled,
        entails=_ask_consequences,
        do=ask_cancellation,
        touches_candidates=True,
        grave=True,
    ),
)


def blocking_conditions(act: OfferAction, offer: Offer) -> list[Condition]:
    """Return what is missing before `act` is possible."""
    return missing_for_publication(offer) if act.name == "publish" else []


def is_repeated_action(
    act: OfferAction, offer: Offer, given: Mapping[str, Any], author: models.Model
) -> bool:
    """True if the last change is this action, by this user and with this input: a double click has succeeded."""
    last = last_change_by(author, offer, act.kind)
    if last is None or ("reason" in given and last.reason != given["reason"].strip()):
        return False
    return "closes_on" not in given or extended_instant(offer, given["closes_on"]) == offer.closes_at


def last_change_by(author: models.Model, offer: Offer, *kinds: OfferChange.Kind) -> OfferChange | None:
    """Return the last change of the offer if it is of one of these kinds and by this user; else None."""
    last = offer.changes.order_by("-at", "-pk").first()
    return last if last is not None and last.kind in kinds and last.author_id == author.pk else None


def conflict_message(request: HttpRequest, offer: Offer) -> str:
    """Return the message for a user who is not impartial about a published offer; empty for other users."""
    is_bound = offer.is_published and has_conflict(offer, author_of(request))
    return str(ConflictOfInterestError(offer)) if is_bound else ""


def author_of(request: HttpRequest) -> models.Model:
    """Return the user of the request."""
    return cast("models.Model", request.user)
