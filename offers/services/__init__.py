"""Operations on offers: create, import, publish, correct, extend, cancel, and copy for the next edition."""

from .cloning import clone_offer
from .correcting import CORRECTABLE, correct_offer, correction_details
from .creating import (
    DocumentRequestData,
    GridLineData,
    SectionData,
    closing_instant,
    create_offer,
    default_programme,
)
from .default_documents import DEFAULT_DOCUMENTS
from .errors import (
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
from .importing import import_page
from .lifecycle import (
    cancel_offer,
    confirm_mailbox,
    extend_deadline,
    extended_instant,
    lock_published,
    settle_point,
)
from .publishing import missing_for_publication, publish_offer
from .records import record_change, required_reason
from .rulebooks import CriteriaJSON, draft_rulebook, publish_rulebook

__all__ = [
    "CORRECTABLE",
    "DEFAULT_DOCUMENTS",
    "ConflictOfInterestError",
    "CriteriaJSON",
    "DocumentMadeStricterError",
    "DocumentRequestData",
    "ExtensionNotLaterError",
    "FieldNotCorrectableError",
    "GridLineData",
    "MailboxAlreadyConfirmedError",
    "MailboxMissingError",
    "NothingToCorrectError",
    "OfferChangedError",
    "OfferDatesError",
    "OfferError",
    "OfferNotADraftError",
    "OfferNotPublishedError",
    "OfferNotReadyError",
    "PointAlreadySettledError",
    "ReasonMissingError",
    "RulebookMalformedError",
    "SectionData",
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
    "import_page",
    "lock_published",
    "missing_for_publication",
    "publish_offer",
    "publish_rulebook",
    "record_change",
    "required_reason",
    "settle_point",
]
