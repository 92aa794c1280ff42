"""Messages for staff of the errors of operations on offers, for the administration and the commands."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offers.date_formats import format_closing, format_day
from offers.models import Offer
from offers.services.errors import (
    ConflictOfInterestError,
    DocumentMadeStricterError,
    ExtensionNotLaterError,
    FieldNotCorrectableError,
    MailboxAlreadyConfirmedError,
    MailboxMissingError,
    NothingToCorrectError,
    OfferChangedError,
    OfferDatesError,
    OfferError,
    OfferNotADraftError,
    OfferNotPublishedError,
    OfferNotReadyError,
    PointAlreadySettledError,
    ReasonMissingError,
    RulebookMalformedError,
)

_MISSING = {
    "NUMBER": gettext_lazy("un numéro"),
    "CONTACT": gettext_lazy("un courriel ou un téléphone à donner aux personnes candidates"),
    "MAILBOX": gettext_lazy("la confirmation du courriel de contact"),
    "RULEBOOK": gettext_lazy("des critères d’admissibilité"),
    "DATES": gettext_lazy("des dates qui s’accordent (fermeture le jour écrit, avant le début du stage)"),
    "POINTS": gettext_lazy("le règlement des points que l’importation a laissés"),
    "PUBLICATION": gettext_lazy("sa publication"),
}
_STRICTER = {
    "REMOVED": gettext_lazy("il ne peut plus être retiré"),
    "KIND": gettext_lazy("sa nature ne change plus"),
    "REQUIRED": gettext_lazy("de facultatif, il ne devient pas obligatoire"),
    "PAGES": gettext_lazy("son nombre de pages ne peut qu’augmenter"),
    "BYTES": gettext_lazy("sa taille permise ne peut qu’augmenter"),
    "NEW_REQUIRED": gettext_lazy("un document ajouté est facultatif"),
}
_SENTENCES = {
    OfferNotReadyError: gettext_lazy("%(offer)s n’est pas publiée. Il manque : %(missing)s."),
    OfferNotADraftError: gettext_lazy("%(offer)s est déjà publiée ou annulée : rien n’a changé."),
    OfferNotPublishedError: gettext_lazy(
        "%(offer)s : possible pour une offre publiée seulement. Elle est %(status)s ; rien n’a changé."
    ),
    OfferChangedError: gettext_lazy(
        "%(offer)s a été modifiée depuis que vous avez ouvert cette page : relisez-la. Rien n’a changé."
    ),
    ConflictOfInterestError: gettext_lazy(
        "%(offer)s : vous y avez une candidature, ou un lien avec une candidature. Une autre personne doit la "
        "prolonger, la corriger, l’annuler ou en changer les critères."
    ),
    RulebookMalformedError: gettext_lazy("%(offer)s : critères illisibles, %(problem)s."),
    ReasonMissingError: gettext_lazy("%(offer)s : dites pourquoi en quelques mots. Rien n’a changé."),
    PointAlreadySettledError: gettext_lazy(
        "%(offer)s : ce point est déjà réglé (« %(resolution)s »). Rien n’a changé."
    ),
    MailboxMissingError: gettext_lazy("%(offer)s ne donne aucun courriel à confirmer."),
    MailboxAlreadyConfirmedError: gettext_lazy("%(offer)s : le courriel de contact est déjà confirmé."),
    NothingToCorrectError: gettext_lazy("%(offer)s dit déjà tout cela : rien n’a changé."),
    FieldNotCorrectableError: gettext_lazy(
        "%(offer)s : une correction ne touche ni le numéro ni les instants d’ouverture et de fermeture."
    ),
    DocumentMadeStricterError: gettext_lazy(
        "Document « %(document)s » : %(problem)s, car des personnes candidates l’ont peut-être déjà préparé."
    ),
    OfferDatesError: gettext_lazy(
        "%(offer)s : le stage commencerait avant la fin des inscriptions, le %(closes_on)s."
    ),
    ExtensionNotLaterError: gettext_lazy(
        "%(offer)s : une prolongation ferme plus tard que maintenant et que la fermeture prévue, le "
        "%(closes_at)s. Rien n’a changé."
    ),
}


def missing_text(codes: list[str]) -> str:
    """Return the labels of missing conditions of publication, separated by commas."""
    return ", ".join(missing_list(codes))


def missing_list(codes: list[str]) -> list[str]:
    """Return the labels of missing conditions of publication, in the order of `codes`."""
    return [str(_MISSING[code]) for code in codes]


def explain(error: OfferError) -> str:
    """Return one sentence: the offer, the error, and what is missing, if anything."""
    sentence = _SENTENCES.get(type(error))
    if sentence is None:
        return _("%(offer)s : refusé.") % {"offer": error.offer}
    return str(sentence) % {"offer": error.offer, **{key: _message_of(error, key) for key in error.data}}


def _message_of(error: OfferError, key: str) -> str:
    value = error.data[key]
    match error, key:
        case OfferNotReadyError(), "missing":
            return missing_text(value)
        case DocumentMadeStricterError(), "problem":
            return str(_STRICTER[value])
        case ExtensionNotLaterError(), "closes_at":
            return format_closing(value, error.offer.zone)
        case OfferDatesError(), "closes_on":
            return format_day(value)
        case OfferNotPublishedError(), "status":
            return str(Offer.Status(value).label).lower()
        case _other:
            return str(value)
