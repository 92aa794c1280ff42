"""Kinds of the deliveries that this app posts: stored values of `Delivery.kind`.

A mail is described as "Mail to RECIPIENT, OCCASION: CONTENT": `docs/mails.md` is made of it.
"""

RECEIPT_MAIL = "RECEIPT_MAIL"
"""Mail to the candidate, at each filing: the receipt. It never waits for the PDF dossier. Sent again on request."""

RECEIPT_PDF = "RECEIPT_PDF"
"""Job: the signed PDF receipt, in French, and the JSON receipt."""

RECEIPT_PDF_IN_ENGLISH = "RECEIPT_PDF_IN_ENGLISH"
"""Same as `RECEIPT_PDF`, for a candidate who uses the portal in English: French, followed by English."""

DOSSIER = "DOSSIER"
"""Job: the PDF dossier, generated from the seal and the documents."""

DOSSIER_PAGES = "DOSSIER_PAGES"
"""Job: the pictures of the dossier's pages, for its readers."""

ARRIVALS = "ARRIVALS"
"""Job: file the arrivals that wait, in order. Posted when a web server leaves one, and by the sweep if it did not."""

ARRIVAL_REFUSED_MAIL = "ARRIVAL_REFUSED_MAIL"
"""Mail to the candidate, when a worker cannot file what arrived: the application is not filed, why, and what to do."""

UPLOAD = "UPLOAD"
"""Job: inspect a received file, and attach it to its draft. Its subject is the person: one file of each at a time."""

JOIN = "JOIN"
"""Job: join the files of a draft's document. Its subject is the person, as that of `UPLOAD`."""

UPLOADS_SWEEP = "UPLOADS_SWEEP"
"""Periodic job: end what waits for a day, and forget what is settled."""

ORIGINALS_ERASURE = "ORIGINALS_ERASURE"
"""Periodic job: erase the received bytes of the documents that are filed; the cleaned copies stay."""

OFFER_CHANGE = "OFFER_CHANGE"
"""Job: post one mail per candidate whom a change of an offer concerns."""

OFFER_CHANGE_MAIL = "OFFER_CHANGE_MAIL"
"""Mail to each candidate concerned, when the offer is corrected, extended, cancelled or has other criteria: the change.

Concerned (`affected_submissions`): by a cancellation, all who started a submission; by other criteria, those with a
draft; else, those with a draft or without a decision.
"""

CANCELLATION_ASKED_MAIL = "CANCELLATION_ASKED_MAIL"
"""Mail to each other member of staff who may approve it, when one asks to cancel an offer: why, and whom it reaches."""

DOSSIER_MAIL = "DOSSIER_MAIL"
"""Mail to the candidate, once their PDF dossier is made: the dossier, attached if it is small, else linked."""

DECISION_MAIL = "DECISION_MAIL"
"""Mail to the candidate, when the move of a released batch is made: the decision on their submission."""

PERSONAL_EXTENSION_MAIL = "PERSONAL_EXTENSION_MAIL"
"""Mail to the candidate, when staff give them a personal extension: their own deadline."""

DRAFT_REMINDERS = "DRAFT_REMINDERS"
"""Periodic job: post one mail per draft reminder that is due."""

DRAFT_REMINDER_MAIL = "DRAFT_REMINDER_MAIL"
"""Mail to the candidate, 7 days, 2 days and 6 hours before their closing: their first draft is not filed."""

COMPLEMENT_REQUEST_MAIL = "COMPLEMENT_REQUEST_MAIL"
"""Mail to the candidate, when staff request a complement: what the file lacks, and the due date."""

COMPLEMENT_REMINDERS = "COMPLEMENT_REMINDERS"
"""Periodic job: post one mail per complement reminder that is due."""

COMPLEMENT_REMINDER_MAIL = "COMPLEMENT_REMINDER_MAIL"
"""Mail to the candidate, 2 days before the due date of a complement request: what is still missing."""

COMPLEMENT_RESUMED_MAIL = "COMPLEMENT_RESUMED_MAIL"
"""Mail to the candidate, when the study resumes without the complement, before its due date: nothing is to be sent."""

WITHDRAWAL_MAIL = "WITHDRAWAL_MAIL"
"""Mail to the candidate, when they withdraw: their withdrawal is recorded, and until when they may submit again."""

RULINGS_MAIL = "RULINGS_MAIL"
"""Mail to the candidate, at the last ruling of a human review: the ruling on each refused criterion."""


def rulings_key(number: str, turn: int) -> str:
    """Return the key of a `RULINGS_MAIL`. `number`: of the receipt. `turn`: of the human review, from 1."""
    return number if turn == 1 else f"{number}/{turn}"


def round_in_key(key: str) -> int:
    """Return the turn, from 1, of the human review that the mail with this key answers."""
    _number, _slash, turn = key.partition("/")
    return int(turn or 1)
