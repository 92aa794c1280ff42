"""The deliveries that a filing, or a change of its offer, asks for, by the names that the outbox keeps."""

RECEIPT_MAIL = "RECEIPT_MAIL"
"""The receipt, by mail, at once: it never waits behind a dossier."""

RECEIPT_PDF = "RECEIPT_PDF"
"""The receipt as a signed PDF and its JSON twin, in French."""

RECEIPT_PDF_IN_ENGLISH = "RECEIPT_PDF_IN_ENGLISH"
"""The same for those who read the portal in English: in French, and in English after it."""

DOSSIER = "DOSSIER"
"""The PDF dossier, made from the seal and the documents."""

OFFER_CHANGE = "OFFER_CHANGE"
"""A change of an offer, to be told to those whom it reaches: asks for one mail each."""

OFFER_CHANGE_MAIL = "OFFER_CHANGE_MAIL"
"""What changed in an offer, by mail, to one person who began or filed a candidature there."""

DOSSIER_MAIL = "DOSSIER_MAIL"
"""The dossier, by mail, once it is made: attached when small, else by a link behind sign-in."""

DECISION_MAIL = "DECISION_MAIL"
"""What was decided of a candidature, by mail to its candidate, once it is released."""

PERSONAL_EXTENSION_MAIL = "PERSONAL_EXTENSION_MAIL"
"""That one person was given more time, by mail to that person alone."""

DRAFT_REMINDERS = "DRAFT_REMINDERS"
"""Comes by itself: asks for the reminders that are due, one mail each."""

DRAFT_REMINDER_MAIL = "DRAFT_REMINDER_MAIL"
"""That a draft is not filed and its time is running out, by mail to its person."""

COMPLEMENT_REQUEST_MAIL = "COMPLEMENT_REQUEST_MAIL"
"""What is missing in a file and until when it may be sent, by mail to its candidate."""

COMPLEMENT_REMINDERS = "COMPLEMENT_REMINDERS"
"""Comes by itself: asks for the reminders of complements that are due, one mail each."""

COMPLEMENT_REMINDER_MAIL = "COMPLEMENT_REMINDER_MAIL"
"""That a complement was not sent yet and its time is running out, by mail to its candidate."""

COMPLEMENT_RESUMED_MAIL = "COMPLEMENT_RESUMED_MAIL"
"""That a complement is waited for no more, though there was time left to send it, by mail to its candidate."""

RULINGS_MAIL = "RULINGS_MAIL"
"""What a person judged of each criterion that the rules refused, with its reason."""


def rulings_key(number: str, turn: int) -> str:
    """Return the key of the mail that answers a review: `number` is the receipt's, `turn` which review, from 1."""
    return number if turn == 1 else f"{number}/{turn}"


def round_in_key(key: str) -> int:
    """Return which review the mail of this key answers, from 1."""
    _number, _slash, turn = key.partition("/")
    return int(turn or 1)
