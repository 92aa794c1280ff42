"""Who reads an offer's files without knowing whose they are, and what is left of a file for them.

Those who decide are never blind: they write to people. For the others nothing that names the person leaves the
portal: no name, address, document nor file's name; and where their words name them, the name is covered.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product
from typing import Final

from django.db.models import BooleanField, Exists, OuterRef, QuerySet, Value
from django.utils.translation import gettext as _

from intake.accounts.models import User
from intake.dossiers.payload import AnsweredSection, Payload, Person
from intake.review.models import BlindReading
from intake.submissions.models import Submission
from offers.folding import strip_accents
from offers.models import Offer

_NOBODY: Final = Person("", "", "", "", "", "", "", "", "")
_VISIBLE_SECTIONS: Final = frozenset({"statut", "etudes", "competences", "langues", "attestations"})
"""The sections that are read: who somebody is and where they live are in none of them."""
_WORD: Final = re.compile(r"\w+")
_NOT_LETTERS: Final = re.compile(r"[\d_]+")
_MIN_MASKED_LETTERS: Final = 3
"""Letters of a part of a name that is covered: shorter ones (« de », « Le ») are words of the language first.

A whole family name of two letters is covered where it has a capital.
"""
_INSIDE_A_NAME, _INSIDE_A_WORD = 4, 6
"""Letters of a part of a name that is covered inside a word: one with figures, as names on networks are, or any other.

Shorter ones are inside too many words of the language: « Anne » in « année », « Lise » in « réaliser ». Each hole there
would tell the name.
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
    """Return, for a subquery, the offers that are read blind now."""
    return BlindReading.objects.filter(ended_at__isnull=True).order_by().values_list("offer", flat=True)


def reviews_anonymously(*, user: User, offer: Offer) -> bool:
    """Say whether `user` may not know whose the files of `offer` are."""
    return not _decides(user) and anonymous_offers().filter(offer=offer).exists()


def offers_anonymous_to(user: User) -> frozenset[int]:
    """Return the offers whose files `user` reads blind; no query for those who decide."""
    return frozenset() if _decides(user) else frozenset(anonymous_offers())


def with_name_visibility(submissions: QuerySet[Submission], user: User) -> QuerySet[Submission]:
    """Annotate `is_blind`: whether `user` may not know whose the file is. `name_shown` reads it."""
    if _decides(user):
        return submissions.annotate(is_blind=Value(False, BooleanField()))  # noqa: FBT003 -- SQL's own literal
    return submissions.annotate(is_blind=Exists(anonymous_offers().filter(offer=OuterRef("offer"))))


def is_name_hidden(submission: Submission) -> bool:
    """Return what `with_blindness` read with the submission.

    :raises KeyError: if it was not read so: a page that forgot to ask shows nothing at all.
    """
    return bool(vars(submission)["is_blind"])


def displayed_name(submission: Submission) -> str:
    """Return the name as filed, or what stands in its place for this reader.

    :raises KeyError: as `is_blind`.
    """
    if is_name_hidden(submission):
        return _("Nom masqué")
    return submission.filed_name or _("Anonymisée")


def mask_payload(payload: Payload) -> Payload:
    """Return what a blind reader reads of what was sealed."""
    covered = name_masker(payload.person)
    return replace(
        payload,
        person=_NOBODY,
        sections=tuple(
            AnsweredSection(
                key=section.key,
                title=section.title,
                answers=tuple(replace(answer, value=covered(answer.value)) for answer in section.answers),
            )
            for section in payload.sections
            if section.key in _VISIBLE_SECTIONS
        ),
        facts={},
        documents=(),
        review_message=covered(payload.review_message),
    )


def name_masker(person: Person) -> Callable[[str], str]:
    """Return what covers, in any text, the parts of this person's name, their address and their telephone.

    Accents and case aside, joined together or not. And whatever looks like an address, of the post or of the web, or
    like a name on a network. A name that is also a common word is covered where it is one: better a hole than a name.
    """
    names = _name_matcher(person)
    whole = [text for text in (person.email, person.phone, person.phone[-4:]) if text]

    def covered(text: str) -> str:
        for said in whole:
            text = re.sub(re.escape(said), _MASK, text, flags=re.IGNORECASE)
        text = _ADDRESS.sub(_MASK, text)
        return _WORD.sub(lambda found: _MASK if names(found[0]) else found[0], text)

    return covered


def _name_matcher(person: Person) -> Callable[[str], bool]:
    """Return what says of a word of a text whether it names this person."""
    given, family = (_WORD.findall(strip_accents(name)) for name in (person.first_name, person.last_name))
    wholes = ["".join(given), "".join(family)]
    parts = {part for part in (*given, *family, *wholes) if len(part) >= _MIN_MASKED_LETTERS}
    pairs = product(_with_initials(given, wholes[0]), _with_initials(family, wholes[1]))
    joined = {
        text for one, other in pairs for text in (one + other, other + one) if len(text) > _MIN_MASKED_LETTERS
    }

    def names(word: str) -> bool:
        folded = strip_accents(word)
        letters = _NOT_LETTERS.sub("", folded)
        if letters in parts or letters in joined:
            return True
        if folded == wholes[1] and len(folded) < _MIN_MASKED_LETTERS:
            return word[0].isupper()
        least = _INSIDE_A_NAME if letters != folded else _INSIDE_A_WORD
        return any(part in folded for part in parts if len(part) >= least)

    return names


def _with_initials(names: Iterable[str], whole: str) -> set[str]:
    return {text for name in (*names, whole) if name for text in (name, name[0])}


def _decides(user: User) -> bool:
    return user.has_perm("submissions.decide_submission")
