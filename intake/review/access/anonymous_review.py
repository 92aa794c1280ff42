"""Anonymous review: which users read an offer's files without names, and how a file is masked for them.

Deciders always read names: they write to candidates. For other users nothing that identifies the candidate leaves the
portal: no name, address, document or file name. Where the candidate's text contains their name, the name is masked.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product
from typing import Final, cast

from django.db.models import BooleanField, Exists, OuterRef, QuerySet, Value
from django.utils.translation import gettext as _

from intake.accounts.models import User
from intake.base.folding import strip_accents
from intake.dossiers.sealed_payload import Payload, Person
from intake.profiles.fields import split_phone
from intake.review.models import BlindReading
from intake.submissions.models import Submission
from intake.submissions.questions.offer_questions import QUESTIONS
from offers.models import Offer

_NOBODY: Final = Person("", "", "", "", "", "", "", "", "")
_VISIBLE_SECTIONS: Final = frozenset({"statut", "etudes", "competences", "langues", "attestations"})
"""Sections that are shown: none contains the candidate's identity or address."""
_GIVEN_NAMES: Final = [key for key, question in QUESTIONS.items() if question.is_given_name]
_WORD: Final = re.compile(r"\w+")
_NOT_LETTERS: Final = re.compile(r"[\d_]+")
_MIN_MASKED_LETTERS: Final = 3
"""Letters. A shorter part of a name (« de », « Le ») is a common word more often than a name, and is not masked.

A whole family name of two letters is masked where it has a capital.
"""
_INSIDE_A_NAME, _INSIDE_A_WORD = 4, 6
"""Letters that a part of a name needs to be masked inside a word: with digits (a user name), or without.

Shorter parts occur in too many words: « Anne » in « année », « Lise » in « réaliser ». Each mask there would reveal the
name.
"""
_ADDRESS: Final = re.compile(
    r"""(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+  # of mail
    | (?:https?://|\bwww\.)\S*[^\s.,;:!?»)\]]
    | (?<![\w.-])(?:[\w-]+\.)+[a-z]{2,}/\S*[^\s.,;:!?»)\]]
    | (?<![\w.-])(?:[\w-]+\.)+(?:ca|com|dev|fr|info|io|net|org|quebec)\b
    | (?<!\w)@\w[\w.-]*\b  # a name on a network
    """,
    re.VERBOSE,
)
_MASK: Final = "▒▒▒"


def anonymous_offers() -> QuerySet[BlindReading, int]:
    """Return, for a subquery, the offers whose review is anonymous now."""
    return BlindReading.objects.filter(ended_at__isnull=True).order_by().values_list("offer", flat=True)


def reviews_anonymously(*, user: User, offer: Offer) -> bool:
    """True if the names in the files of `offer` are hidden from `user`."""
    return not _decides(user) and anonymous_offers().filter(offer=offer).exists()


def offers_anonymous_to(user: User) -> frozenset[int]:
    """Return the offers whose files `user` reads without names. No query for deciders."""
    return frozenset() if _decides(user) else frozenset(anonymous_offers())


def with_name_visibility[Row: Submission](submissions: QuerySet[Row], user: User) -> QuerySet[Row]:
    """Annotate `is_blind`: True if the name is hidden from `user`. `is_name_hidden` reads it."""
    hidden = Exists(anonymous_offers().filter(offer=OuterRef("offer")))
    never = Value(False, BooleanField())  # noqa: FBT003 -- SQL's own literal
    return cast("QuerySet[Row]", submissions.annotate(is_blind=never if _decides(user) else hidden))


def is_name_hidden(submission: Submission) -> bool:
    """Return the annotation of `with_name_visibility`.

    :raises AttributeError: if the submission was read without the annotation, so that no name is shown by mistake.
    """
    return submission.is_blind


def displayed_name(submission: Submission) -> str:
    """Return the name as filed, or the text that replaces it for this reader. Errors as `is_name_hidden`."""
    if is_name_hidden(submission):
        return _("Nom masqué")
    return submission.filed_name or _("Anonymisée")


def mask_payload(payload: Payload) -> Payload:
    """Return the part of a sealed payload that an anonymous review shows."""
    covered = name_masker(payload.person, *(payload.answer(key) for key in _GIVEN_NAMES))
    return replace(
        payload,
        person=_NOBODY,
        sections=tuple(
            replace(section, answers=tuple(replace(row, value=covered(row.value)) for row in section.answers))
            for section in payload.sections
            if section.key in _VISIBLE_SECTIONS
        ),
        facts={},
        documents=(),
        review_message=covered(payload.review_message),
    )


def name_masker(person: Person, *given_names: str) -> Callable[[str], str]:
    """Return a function that masks, in a text, this person's names, email address and telephone number.

    `given_names` are masked as the first name is. Name parts match without case and accents, joined or separate; the
    last four digits of the telephone number also match. Any email or web address and any network user name is masked
    too. A name that is also a common word is masked everywhere: a gap is better than a revealed name.
    """
    names = _name_matcher({person.first_name, *given_names}, person.last_name)
    number, _extension = split_phone(person.phone)
    whole = [text for text in (person.email, number, number[-4:]) if text]

    def covered(text: str) -> str:
        for identifier in whole:
            text = re.sub(re.escape(identifier), _MASK, text, flags=re.IGNORECASE)
        text = _ADDRESS.sub(_MASK, text)
        return _WORD.sub(lambda match: _MASK if names(match[0]) else match[0], text)

    return covered


def _name_matcher(given_names: Iterable[str], family_name: str) -> Callable[[str], bool]:
    given, family = [part for name in given_names for part in _name_parts(name)], _name_parts(family_name)
    parts = {part for part in (*given, *family) if len(part) >= _MIN_MASKED_LETTERS}
    pairs = product(_with_initials(given), _with_initials(family))
    joined = {
        text for one, other in pairs for text in (one + other, other + one) if len(text) > _MIN_MASKED_LETTERS
    }

    def names(word: str) -> bool:
        folded = strip_accents(word)
        letters = _NOT_LETTERS.sub("", folded)
        if letters in parts or letters in joined:
            return True
        if folded == family[-1] and len(folded) < _MIN_MASKED_LETTERS:
            return word[0].isupper()
        least = _INSIDE_A_NAME if letters != folded else _INSIDE_A_WORD
        return any(part in folded for part in parts if len(part) >= least)

    return names


def _name_parts(name: str) -> list[str]:
    """Return the words of a name without accents, then all of them joined."""
    words = _WORD.findall(strip_accents(name))
    return [*words, "".join(words)]


def _with_initials(names: Iterable[str]) -> set[str]:
    return {text for name in names if name for text in (name, name[0])}


def _decides(user: User) -> bool:
    return user.has_perm("submissions.decide_submission")
