"""Errors of the operations on offers: code, data and message of each."""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from intake.base.portal_error import PortalError
from offers.date_formats import format_closing, format_day
from offers.models import Offer


class OfferError(PortalError):
    """Base class. `offer` is the offer, `data` the other values of the message."""

    code = "offer_refused"
    message = _("%(offer)s : refusé.")

    def __init__(self, offer: Offer, **data: Any) -> None:
        self.offer = offer
        self.data = data

    def values(self) -> dict[str, Any]:
        """Return the offer and the data."""
        return {"offer": self.offer, **self.data}


class Condition(TextChoices):
    """A condition of publication, labelled as what is missing."""

    NUMBER = "NUMBER", _("un numéro")
    CONTACT = "CONTACT", _("une adresse courriel ou un téléphone pour les personnes candidates")
    MAILBOX = "MAILBOX", _("la confirmation du courriel de contact")
    RULEBOOK = "RULEBOOK", _("des critères d’admissibilité")
    DATES = "DATES", _("des dates qui concordent (fermeture le jour inscrit, avant le début du stage)")
    POINTS = "POINTS", _("le règlement des points de l’importation")
    PUBLICATION = "PUBLICATION", _("sa publication")


class OfferNotReadyError(OfferError):
    """A condition of publication is missing. `data["missing"]` lists the `Condition`s."""

    code = "offer_not_ready"
    message = _("%(offer)s n’est pas publiée. Il manque : %(missing)s.")

    def values(self) -> dict[str, Any]:
        """Return the conditions as their labels."""
        missing = ", ".join(str(Condition(code).label) for code in self.data["missing"])
        return super().values() | {"missing": missing}


class OfferNotADraftError(OfferError):
    """The offer is not a draft; `data["status"]` is its current status."""

    code = "offer_not_a_draft"
    message = _("%(offer)s est déjà publiée ou annulée : rien n’a changé.")


class OfferChangedError(OfferError):
    """Another user changed the offer after it was read (see `offers.selectors`)."""

    code = "offer_moved"
    message = _("%(offer)s a changé depuis l’ouverture de cette page : relisez-la. Rien n’est enregistré.")


class OfferNotPublishedError(OfferError):
    """The offer is a draft, or cancelled; `data["status"]` is its current status."""

    code = "offer_not_published"
    message = _(
        "%(offer)s : possible pour une offre publiée seulement. Elle est %(status)s ; rien n’a changé."
    )

    def values(self) -> dict[str, Any]:
        """Return the status as its label."""
        return super().values() | {"status": str(Offer.Status(self.data["status"]).label).lower()}


class ConflictOfInterestError(OfferError):
    """The author applied to the offer, or has a conflict of interest on it (`offers.registrations`)."""

    code = "stake_in_offer"
    message = _(
        "%(offer)s : vous y avez une candidature, ou un lien avec une candidature. Une "
        "autre personne doit la prolonger, la corriger, l’annuler ou en changer les "
        "critères."
    )


class CancellationOpenError(OfferError):
    """Another request to cancel the offer waits for a second person."""

    code = "cancellation_open"
    message = _("%(offer)s : une demande d’annulation attend déjà une décision. Rien n’a changé.")


class CancellationDecidedError(OfferError):
    """The request was approved, refused or withdrawn, or is not the one that the user read."""

    code = "cancellation_decided"
    message = _("%(offer)s : cette demande d’annulation n’attend plus de décision. Rien n’a changé.")


class SecondCancellerError(OfferError):
    """The user asked for the cancellation: another person approves it."""

    code = "second_canceller"
    message = _("%(offer)s : vous avez demandé l’annulation. Une autre personne doit l’approuver.")


class RulebookMalformedError(OfferError):
    """The criteria have another shape than `docs/contracts.md` gives; `data["problem"]` describes the error."""

    code = "rulebook_malformed"
    message = _("%(offer)s : critères illisibles, %(problem)s.")


class ReasonMissingError(OfferError):
    """A change that affects candidates has no reason for them to read."""

    code = "reason_missing"
    message = _("%(offer)s : expliquez pourquoi en quelques mots. Rien n’a changé.")


class PointAlreadySettledError(OfferError):
    """The point is already settled; `data["resolution"]` is the stored resolution."""

    code = "point_already_settled"
    message = _("%(offer)s : ce point est déjà réglé (« %(resolution)s »). Rien n’a changé.")


class MailboxMissingError(OfferError):
    """The offer has no contact address to confirm."""

    code = "mailbox_missing"
    message = _("%(offer)s n’a aucune adresse courriel à confirmer.")


class MailboxAlreadyConfirmedError(OfferError):
    """The contact's address is already confirmed, since `data["confirmed_at"]`."""

    code = "mailbox_already_confirmed"
    message = _("%(offer)s : le courriel de contact est déjà confirmé.")


class NothingToCorrectError(OfferError):
    """The correction changes nothing."""

    code = "nothing_to_correct"
    message = _("%(offer)s contient déjà tout cela : rien n’a changé.")


class FieldNotCorrectableError(OfferError):
    """A correction cannot change `data["fields"]`, for example the number, the opening or the closing."""

    code = "field_not_correctable"
    message = _(
        "%(offer)s : une correction ne change ni le numéro ni les heures d’ouverture et de fermeture."
    )


class Stricter(TextChoices):
    """How a correction would make a document request stricter."""

    REMOVED = "REMOVED", _("il est impossible de le retirer")
    KIND = "KIND", _("sa nature ne peut pas changer")
    REQUIRED = "REQUIRED", _("un document facultatif ne peut pas devenir obligatoire")
    PAGES = "PAGES", _("son nombre de pages ne peut qu’augmenter")
    BYTES = "BYTES", _("sa taille permise ne peut qu’augmenter")
    NEW_REQUIRED = "NEW_REQUIRED", _("un document ajouté est facultatif")


class DocumentMadeStricterError(OfferError):
    """A document request would be made stricter. `data["document"]` is its label, `data["problem"]` a `Stricter`."""

    code = "document_made_stricter"
    message = _(
        "Document « %(document)s » : %(problem)s, car des personnes candidates l’ont peut-être déjà préparé."
    )

    def values(self) -> dict[str, Any]:
        """Return the problem as its label."""
        return super().values() | {"problem": Stricter(self.data["problem"]).label}


class OfferDatesError(OfferError):
    """The stage would start before the offer closes; `data["closes_on"]` is the last day to file."""

    code = "offer_dates_contradict"
    message = _("%(offer)s : le stage commencerait avant la fin des inscriptions, le %(closes_on)s.")

    def values(self) -> dict[str, Any]:
        """Return the day as a text."""
        return super().values() | {"closes_on": format_day(self.data["closes_on"])}


class ExtensionNotLaterError(OfferError):
    """An extension does not close after the current closing and after now; `data["closes_at"]` is the current one."""

    code = "extension_not_later"
    message = _(
        "%(offer)s : une prolongation doit fermer plus tard que maintenant et que la "
        "fermeture prévue, le %(closes_at)s. Rien n’a changé."
    )

    def values(self) -> dict[str, Any]:
        """Return the closing as a text."""
        return super().values() | {"closes_at": format_closing(self.data["closes_at"], self.offer.zone)}
