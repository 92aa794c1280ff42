"""What staff do with an offer: write it, publish it, correct, extend or cancel it, copy it for the next edition."""

from .cloning import clone_offer
from .correcting import CORRECTABLE, correct_offer, correction_details
from .desk import (
    cancel_offer,
    confirm_mailbox,
    extend_deadline,
    extended_instant,
    lock_published,
    settle_point,
)
from .errors import (
    DocumentMadeStricterError,
    ExtensionNotLaterError,
    FieldNotCorrectableError,
    MailboxAlreadyConfirmedError,
    MailboxMissingError,
    NothingToCorrectError,
    OfferDatesError,
    OfferError,
    OfferMovedError,
    OfferNotADraftError,
    OfferNotPublishedError,
    OfferNotReadyError,
    PointAlreadySettledError,
    ReasonMissingError,
    RulebookMalformedError,
    StakeInOfferError,
)
from .importing import import_page
from .programmes import default_programme
from .publishing import missing_for_publication, publish_offer
from .records import given_reason, record_change
from .rulebooks import CriteriaJSON, draft_rulebook, publish_rulebook
from .usual_documents import USUAL_DOCUMENTS
from .writing import DocumentAsked, GridLineText, SectionText, closing_instant, create_offer

__all__ = [
    "CORRECTABLE",
    "USUAL_DOCUMENTS",
    "CriteriaJSON",
    "DocumentAsked",
    "DocumentMadeStricterError",
    "ExtensionNotLaterError",
    "FieldNotCorrectableError",
    "GridLineText",
    "MailboxAlreadyConfirmedError",
    "MailboxMissingError",
    "NothingToCorrectError",
    "OfferDatesError",
    "OfferError",
    "OfferMovedError",
    "OfferNotADraftError",
    "OfferNotPublishedError",
    "OfferNotReadyError",
    "PointAlreadySettledError",
    "ReasonMissingError",
    "RulebookMalformedError",
    "SectionText",
    "StakeInOfferError",
    "cancel_offer",
    "clone_offer",
    "closing_instant",
    "confirm_mailbox",
    "correct_offer",
    "correction_details",
    "create_offer",
    "default_programme",
    "draft_rulebook",
    "extend_deadline",
    "extended_instant",
    "given_reason",
    "import_page",
    "lock_published",
    "missing_for_publication",
    "publish_offer",
    "publish_rulebook",
    "record_change",
    "settle_point",
]
