"""Why an offer refuses what was asked of it. Views find the words (`offers.error_messages`)."""

from typing import Any

from offers.models import Offer


class OfferError(Exception):
    """An offer refuses what was asked of it; `code` and `data` say why, views find the words."""

    code = "offer_refused"

    def __init__(self, offer: Offer, **data: Any) -> None:
        super().__init__(f"{self.code}: {offer}")
        self.offer = offer
        self.data = data


class OfferNotReadyError(OfferError):
    """Something that publishing needs is missing.

    `data["missing"]` lists NUMBER, CONTACT, MAILBOX (the contact's address is not confirmed), RULEBOOK, DATES (the
    closing is not on its printed day, or not before the stage starts), POINTS (an import's points are not settled),
    or PUBLICATION (the offer is a draft).
    """

    code = "offer_not_ready"


class OfferNotADraftError(OfferError):
    """The offer was already published; `data["status"]` is what it is now."""

    code = "offer_not_a_draft"


class OfferChangedError(OfferError):
    """Somebody changed the offer since it was read (see `offers.content_digests`)."""

    code = "offer_moved"


class OfferNotPublishedError(OfferError):
    """Only a published offer that is not cancelled takes this; `data["status"]` is what it is now."""

    code = "offer_not_published"


class ConflictOfInterestError(OfferError):
    """Whoever applied to the offer, or knows somebody who did, changes nothing of it (`offers.conflict_check`)."""

    code = "stake_in_offer"


class RulebookMalformedError(OfferError):
    """The criteria are not in the contract's shape; `data["problem"]` says what is wrong."""

    code = "rulebook_malformed"


class ReasonMissingError(OfferError):
    """What candidates feel is done with a reason, which they read."""

    code = "reason_missing"


class PointAlreadySettledError(OfferError):
    """The point was settled before; `data["resolution"]` says how."""

    code = "point_already_settled"


class MailboxMissingError(OfferError):
    """The offer has no contact address to confirm."""

    code = "mailbox_missing"


class MailboxAlreadyConfirmedError(OfferError):
    """The contact's address was confirmed before, at `data["confirmed_at"]`."""

    code = "mailbox_already_confirmed"


class NothingToCorrectError(OfferError):
    """The correction leaves the offer as it is."""

    code = "nothing_to_correct"


class FieldNotCorrectableError(OfferError):
    """A correction never touches `data["fields"]`: the number, and the instants between which one may file."""

    code = "field_not_correctable"


class DocumentMadeStricterError(OfferError):
    """A document asked of candidates may only become easier to give.

    `data["document"]` is its label; `data["problem"]` is REMOVED, KIND, REQUIRED, PAGES, BYTES, or NEW_REQUIRED for
    one that is added.
    """

    code = "document_made_stricter"


class OfferDatesError(OfferError):
    """The stage would start before candidatures close; `data["closes_on"]` is the last day to file."""

    code = "offer_dates_contradict"


class ExtensionNotLaterError(OfferError):
    """An extension closes later than what holds now, and later than now; `data["closes_at"]` is what holds."""

    code = "extension_not_later"
