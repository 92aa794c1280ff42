"""The message of a decision: one letter, the same on the page that tries it and in the mail that leaves."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import OuterRef, QuerySet
from django.urls import reverse

from intake.dossiers.services import AnonymisedError, read_seal
from intake.outbox.letters import Letter, render_letter, wrap_text
from intake.outbox.models import Delivery, Message
from intake.review.models import DecisionItem
from intake.submissions.mails.contact import contact_of
from intake.submissions.models import Filing, Submission
from intake.submissions.receipts.pdf_status import requested_in_english
from intake.submissions.states import Action

TEMPLATES: Final = {
    Action.FIND_INADMISSIBLE: "decision_find_inadmissible",
    Action.INVITE: "decision_invite",
    Action.SELECT: "decision_select",
    Action.PUT_ON_RESERVE: "decision_put_on_reserve",
    Action.DECLINE: "decision_decline",
    Action.TAKE_BACK: "decision_take_back",
}
"""The part of the mail that is of each action that is announced; `mail/decision` is the whole."""
_RULE: Final = re.compile(r"\n(?=----\n)")
_FOOT: Final = "\n--\n"
"""The lines of `mail/decision.txt` before its English, and of `mail/base.txt` before whom to ask."""
NEEDS_TEXT: Final = frozenset({Action.FIND_INADMISSIBLE, Action.INVITE, Action.TAKE_BACK})
"""The actions whose usual message alone does not say what its reader needs: a reason, or a place and an hour."""


def added_text(word: str, message: str) -> str:
    """Return what a message adds to the usual one: the batch's `word`, then the person's own."""
    return "\n\n".join(part for part in (word.strip(), message.strip()) if part)


def lacks_required_text(action: Action, word: str, message: str) -> bool:
    """Say whether a message would leave without what it must say."""
    return action in NEEDS_TEXT and not added_text(word, message)


def with_letters(items: QuerySet[DecisionItem]) -> QuerySet[DecisionItem]:
    """Read with `items` all that their letters say, annotated `in_english`: whether each is in English too."""
    number = OuterRef("submission__standing_filing__receipt__number")
    return items.annotate(in_english=requested_in_english(number)).select_related(
        "batch__offer__programme",
        "submission__candidate",
        "submission__standing_filing__receipt",
        "submission__standing_filing__seal",
    )


def letter_of(item: DecisionItem, *, in_english: bool | None = None) -> Letter:
    """Return the mail of one decision; `item` was read by `with_letters`.

    In French and, to those whose receipt is in English too, unless `in_english` says otherwise, in English after it.
    What the team typed is in both as it was typed.

    :raises intake.dossiers.services.AnonymisedError: if what was filed is erased.
    """
    submission = item.submission
    filing = _filing_of(submission)
    offer = item.batch.offer
    subject, text, html = render_letter(
        "decision",
        {
            "part": f"mail/{TEMPLATES[Action(item.action)]}",
            "in_english": vars(item)["in_english"] if in_english is None else in_english,
            "person": read_seal(filing.seal).person,
            "number": filing.receipt.number,
            "call": offer.number,
            "host": offer.organisation_short or offer.organisation,
            "offer": offer,
            "portal_name": offer.programme.name,
            "words": added_text(item.batch.word, item.message),
            **contact_of(offer),
            "page": settings.SITE_URL.rstrip("/")
            + reverse("submissions:follow", args=[submission.public_id]),
            "offers_page": settings.SITE_URL.rstrip("/") + reverse("offers:list"),
        },
    )
    return Letter(to=submission.candidate.email, subject=subject, text=text, html=html)


def split_by_language(text: str, *, typed: str) -> tuple[str, str, str]:
    """Cut the text of a letter where its English begins and ends: whole, one after the other, the three are `text`.

    The English is empty in a letter without any; those who hear a page hear each language read as it is. `typed` is
    what the team typed in it: a rule that is drawn there is none of the letter's own.
    """
    rules = [found.start() for found in _RULE.finditer(text)]
    drawn = len(_RULE.findall(f"\n{wrap_text(typed)}"))
    if len(rules) <= drawn:
        return text, "", ""
    # What was typed stands in the French first, and whom to ask comes after all of it.
    begins, ends = rules[drawn], text.rindex(_FOOT)
    return text[:begins], text[begins:ends], text[ends:]


def letter_digest(item: DecisionItem, shown: Letter | None = None) -> str:
    """Return the SHA-256, in hexadecimal, of what a person approves of the mail of `item`: its subject and its text.

    Of its French alone: that English follows is the candidate's to change, by asking for a receipt in English too.
    `shown` is the mail, where it is written already. Nothing once what was filed is erased.
    """
    try:
        if shown is None or vars(item)["in_english"]:
            shown = letter_of(item, in_english=False)
    except AnonymisedError:
        return ""
    return hashlib.sha256(f"{shown.subject}\0{shown.text}".encode()).hexdigest()


def letters_digest(digests: Mapping[int, str]) -> str:
    """Return a name for all that the letters of a batch say, from the digest of each by its decision's number."""
    said = "\n".join(f"{number} {digest}" for number, digest in sorted(digests.items()))
    return hashlib.sha256(said.encode()).hexdigest()


def differs_from_approved(item: DecisionItem) -> bool:
    """Say whether the mail of `item`, read as for `letter_of`, is not the one that was approved.

    Not if the candidature is another by now, or erased: the decision is refused for that.
    """
    if not item.letter or item.version != item.submission.version:
        return False
    return letter_digest(item) not in {"", item.letter}


def compose_decision(delivery: Delivery, at: datetime) -> Letter:
    """Return the mail of the decision whose number is the delivery's key; `at` is not shown."""
    del at
    return letter_of(with_letters(DecisionItem.objects.all()).get(pk=int(delivery.key)))


def is_resend_obsolete(delivery: Delivery, at: datetime) -> bool:
    """Say whether a decision that somebody sends once more is no longer so: another was announced since.

    Nor is one sent to a closed account. What was never sent is, whatever came after: what came after speaks of it.
    """
    del at
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
