"""Errors of the operations on offers. `offers.error_messages` has their messages."""

from typing import Any

from offers.models import Offer


class OfferError(Exception):
    """Base class. `code` is stable; `data` has the values that the message needs (`offers.error_messages`)."""

    code = "offer_refused"

    def __init__(self, offer: Offer, **data: Any) -> None:
        super().__init__(f"{self.code}: {offer}")
        self.offer = offer
        self.data = data


class OfferNotReadyError(OfferError):
    """A condition of publication is missing.

    `data["missing"]` lists NUMBER, CONTACT, MAILBOX (the contact's address is not confirmed), RULEBOOK, DATES (the
    closing is not on its printed day, or not before the stage starts), POINTS (open points of an import are not
    settled), or PUBLICATION (the offer is a draft).
    """

    code = "offer_not_ready"


class OfferNotADraftError(OfferError):
    """The offer is not a draft; `data["status"]` is its current status."""

    code = "offer_not_a_draft"


class OfferChangedError(OfferError):
    """Another user changed the offer after it was read (see `offers.content_digests`)."""

    code = "offer_moved"


class OfferNotPublishedError(OfferError):
    """The offer is a draft, or cancelled; `data["status"]` is its current status."""

    code = "offer_not_published"


class ConflictOfInterestError(OfferError):
    """The author applied to the offer, or has a conflict of interest on it (`offers.conflict_check`)."""

    code = "stake_in_offer"


class RulebookMalformedError(OfferError):
    """The criteria have another shape than `docs/contracts.md` gives; `data["problem"]` describes the error."""

    code = "rulebook_malformed"


class ReasonMissingError(OfferError):
    """A change that affects candidates has no reason for them to read."""

    code = "reason_missing"


class PointAlreadySettledError(OfferError):
    """The point is already settled; `data["resolution"]` is the stored resolution."""

    code = "point_already_settled"


class MailboxMissingError(OfferError):
    """The offer has no contact address to confirm."""

    code = "mailbox_missing"


class MailboxAlreadyConfirmedError(OfferError):
    """The contact's address is already confirmed, since `data["confirmed_at"]`."""

    code = "mailbox_already_confirmed"


class NothingToCorrectError(OfferError):
    """The correction changes nothing."""

    code = "nothing_to_correct"


class FieldNotCorrectableError(OfferError):
    """A correction cannot change `data["fields"]`, for example the number, the opening or the closing."""

    code = "field_not_correctable"


class DocumentMadeStricterError(OfferError):
    """A document request would be removed, changed in kind or made stricter, or a new one would be required.

    `data["document"]` is its label; `data["problem"]` is REMOVED, KIND, REQUIRED, PAGES, BYTES, or NEW_REQUIRED for
    a new request.
    """

    code = "document_made_stricter"


class OfferDatesError(OfferError):
    """The stage would start before the offer closes; `data["closes_on"]` is the last day to file."""

    code = "offer_dates_contradict"


class ExtensionNotLaterError(OfferError):
    """An extension does not close after the current closing and after now; `data["closes_at"]` is the current one."""

    code = "extension_not_later"
