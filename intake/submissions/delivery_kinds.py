"""Kinds of the deliveries that this app posts: stored values of `Delivery.kind`."""

RECEIPT_MAIL = "RECEIPT_MAIL"
"""Mail: the receipt. It is sent at once and never waits for the PDF dossier."""

RECEIPT_PDF = "RECEIPT_PDF"
"""Job: the signed PDF receipt, in French, and the JSON receipt."""

RECEIPT_PDF_IN_ENGLISH = "RECEIPT_PDF_IN_ENGLISH"
"""Same as `RECEIPT_PDF`, for a candidate who uses the portal in English: French, followed by English."""

DOSSIER = "DOSSIER"
"""Job: the PDF dossier, generated from the seal and the documents."""

OFFER_CHANGE = "OFFER_CHANGE"
"""Job: post one mail per candidate whom a change of an offer concerns."""

OFFER_CHANGE_MAIL = "OFFER_CHANGE_MAIL"
"""Mail: a change of an offer, to one candidate who started or filed a submission there."""

DOSSIER_MAIL = "DOSSIER_MAIL"
"""Mail: the PDF dossier, once generated. Attached if it is small, else a link that requires sign-in."""

DECISION_MAIL = "DECISION_MAIL"
"""Mail: a decision on a submission, to its candidate, after release."""

PERSONAL_EXTENSION_MAIL = "PERSONAL_EXTENSION_MAIL"
"""Mail: a personal extension, to its candidate only."""

DRAFT_REMINDERS = "DRAFT_REMINDERS"
"""Periodic job: post one mail per draft reminder that is due."""

DRAFT_REMINDER_MAIL = "DRAFT_REMINDER_MAIL"
"""Mail: a draft is not filed and its deadline is near, to its candidate."""

COMPLEMENT_REQUEST_MAIL = "COMPLEMENT_REQUEST_MAIL"
"""Mail: what a file lacks and its due date, to its candidate."""

COMPLEMENT_REMINDERS = "COMPLEMENT_REMINDERS"
"""Periodic job: post one mail per complement reminder that is due."""

COMPLEMENT_REMINDER_MAIL = "COMPLEMENT_REMINDER_MAIL"
"""Mail: a complement is not received and its due date is near, to its candidate."""

COMPLEMENT_RESUMED_MAIL = "COMPLEMENT_RESUMED_MAIL"
"""Mail: the study resumed without the complement before its due date, to its candidate."""

RULINGS_MAIL = "RULINGS_MAIL"
"""Mail: the ruling, with its reason, on each criterion that the rules refuse."""


def rulings_key(number: str, turn: int) -> str:
    """Return the key of a `RULINGS_MAIL`. `number`: of the receipt. `turn`: of the human review, from 1."""
    return number if turn == 1 else f"{number}/{turn}"


def round_in_key(key: str) -> int:
    """Return the turn, from 1, of the human review that the mail with this key answers."""
    _number, _slash, turn = key.partition("/")
    return int(turn or 1)
