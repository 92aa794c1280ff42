"""The letter of a decision: the preview page and the mail that is sent show the same one."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast

from django.db.models import OuterRef, QuerySet
from django.urls import reverse

from intake.dossiers.services import AnonymisedError, read_seal
from intake.outbox.messages import Letter, render_letter
from intake.outbox.models import Delivery, Message
from intake.review.models import DecisionItem
from intake.submissions.mails.offer_mails import offer_context
from intake.submissions.models import Filing, Submission
from intake.submissions.receipts.queries import requested_in_english
from intake.submissions.states import Action
from intake.web.mails import portal_url, wrap_text
from offers.models import OfferChange

_RULE: Final = re.compile(r"\n(?=----\n)")
_FOOT: Final = "\n--\n"
"""Separators in the text of a mail: before the English, and before the contact."""
_FORM: Final = "2:"
"""Begins each digest of a letter. Those of version 1.0.0, whose text was another, do not have it."""
NEEDS_TEXT: Final = frozenset({Action.FIND_INADMISSIBLE, Action.INVITE, Action.TAKE_BACK})
"""Actions whose default message is incomplete without an added text: a reason, or a place and an hour."""


def added_text(word: str, message: str) -> str:
    """Return the text that is added to the default message: the batch's `word`, then the candidate's own `message`."""
    return "\n\n".join(part for part in (word.strip(), message.strip()) if part)


def lacks_required_text(action: Action, word: str, message: str) -> bool:
    """True if the message of `action` needs an added text and has none."""
    return action in NEEDS_TEXT and not added_text(word, message)


def with_letters[Row: DecisionItem](items: QuerySet[Row]) -> QuerySet[Row]:
    """Select with `items` all that their letters need."""
    number = OuterRef("submission__standing_filing__receipt__number")
    rows = items.annotate(in_english=requested_in_english(number)).select_related(
        "batch__offer__programme",
        "submission__candidate",
        "submission__standing_filing__receipt",
        "submission__standing_filing__seal",
    )
    return cast("QuerySet[Row]", rows)


def letter_of(item: DecisionItem, *, in_english: bool | None = None) -> Letter:
    """Return the mail of one decision. `item` was read by `with_letters`.

    French, followed by English if the candidate's receipt is also in English, or as `in_english` requires. Text typed
    by staff is in both parts as it was typed.

    :raises intake.dossiers.services.AnonymisedError: if the filed content is erased.
    """
    submission = item.submission
    filing = _filing_of(submission)
    offer = item.batch.offer
    return render_letter(
        f"decision_{item.action.lower()}",
        {
            "person": read_seal(filing.seal).person,
            "number": filing.receipt.number,
            "call": offer.number,
            "host": offer.organisation_short or offer.organisation,
            "words": added_text(item.batch.word, item.message),
            "page": portal_url(reverse("submissions:follow", args=[submission.public_id])),
            "offers_page": portal_url(reverse("offers:list")),
            **offer_context(offer),
        },
        to=submission.candidate.email,
        in_english=item.in_english if in_english is None else in_english,
    )


def split_by_language(text: str, *, typed: str) -> tuple[str, str, str]:
    """Split the text of a letter where its English begins and ends. The three parts joined are `text`.

    The English part is empty if the letter has none. A screen reader needs the language of each part. `typed` is the
    text that staff typed: a separator line in it is not one of the letter's own.
    """
    rules = [match.start() for match in _RULE.finditer(text)]
    typed_rules = len(_RULE.findall(f"\n{wrap_text(typed)}"))
    if len(rules) <= typed_rules:
        return text, "", ""
    # The first part is French and contains the typed text; the contact follows both languages.
    begins, ends = rules[typed_rules], text.rindex(_FOOT)
    return text[:begins], text[begins:ends], text[ends:]


def letter_digest(item: DecisionItem, shown: Letter | None = None) -> str:
    """Return the digest of what is approved of the mail of `item`: its subject and French text.

    The English part is excluded: a candidate adds it at any time by requesting a receipt in English. `shown` is the
    mail if it is rendered already. Empty if the filed content is erased.
    """
    try:
        if shown is None or item.in_english:
            shown = letter_of(item, in_english=False)
    except AnonymisedError:
        return ""
    digest = hashlib.sha256(f"{shown.subject}\0{shown.text}".encode()).hexdigest()
    return f"{_FORM}{digest}"[: len(digest)]


def letters_digest(digests: Mapping[int, str]) -> str:
    """Return the SHA-256 of all letters of a batch, from the digest of each by its decision's primary key."""
    text = "\n".join(f"{number} {digest}" for number, digest in sorted(digests.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def is_other_letter(item: DecisionItem, digest: str) -> bool:
    """True if `digest`, of the mail of `item` now, is not that of the approved mail. False if either is missing.

    A mail that version 1.0.0 approved says the same in another text, unless the offer was corrected since.
    """
    if not digest or not item.letter:
        return False
    if item.letter.startswith(_FORM):
        return digest != item.letter
    corrections = item.batch.offer.changes.filter(kind=OfferChange.Kind.CORRECTED)
    approved_at = item.batch.released_at
    return approved_at is None or corrections.filter(at__gte=approved_at).exists()


def differs_from_approved(item: DecisionItem) -> bool:
    """True if the mail of `item`, read as for `letter_of`, differs from the approved one.

    False if the submission changed since or is erased: the decision is refused for that reason.
    """
    if not item.letter or item.version != item.submission.version:
        return False
    return is_other_letter(item, letter_digest(item))


def compose_decision(delivery: Delivery, _at: datetime) -> Letter:
    """Return the mail of the decision whose primary key is the delivery's key."""
    return letter_of(with_letters(DecisionItem.objects.all()).get(pk=int(delivery.key)))


def is_resend_obsolete(delivery: Delivery, _at: datetime) -> bool:
    """True if a decision mail that staff send again is obsolete: another decision was announced since.

    Also true if the candidate's account is closed. False for a mail that was never sent, even after a later decision:
    the later mail refers to it.
    """
    if not Message.objects.filter(delivery=delivery, is_to_go_again=True).exists():
        return False
    item = DecisionItem.objects.select_related("submission__candidate").get(pk=int(delivery.key))
    since = DecisionItem.objects.filter(
        submission=item.submission_id, state=DecisionItem.State.DONE, done_at__gt=item.done_at
    )
    return not item.submission.candidate.is_active or since.exists()


def _filing_of(submission: Submission) -> Filing:
    filing = submission.standing_filing
    if filing is None:
        msg = "a decision is about a filed submission"
        raise ValueError(msg)
    return filing
