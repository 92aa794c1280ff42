"""Who reads an offer's files without knowing whose they are, and what is left of a file for them.

Those who decide are never blind: they write to people. For the others nothing that names the person leaves the
portal: no name, address, document nor file's name; and where their words name them, the name is covered.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from django.db.models import BooleanField, Exists, OuterRef, QuerySet, Value
from django.utils.translation import gettext as _

from intake.accounts.models import User
from intake.dossiers.payload import AnsweredSection, Payload, Person
from intake.submissions.models import Submission
from offers.folding import fold
from offers.models import Offer

from .models import BlindReading

_NOBODY: Final = Person("", "", "", "", "", "", "", "", "")
_SHOWN: Final = frozenset({"statut", "etudes", "competences", "langues", "attestations"})
"""The sections that are read: who somebody is and where they live are in none of them."""
_WORD: Final = re.compile(r"\w+")
_LEAST: Final = 3
"""Letters of a part of a name that is covered: shorter ones (« de », « Le ») are words of the language first."""


def blind_offers() -> QuerySet[BlindReading, int]:
    """Return, for a subquery, the offers that are read blind now."""
    return BlindReading.objects.filter(ended_at__isnull=True).order_by().values_list("offer", flat=True)


def reads_blind(*, user: User, offer: Offer) -> bool:
    """Say whether `user` may not know whose the files of `offer` are."""
    return not _decides(user) and blind_offers().filter(offer=offer).exists()


def blind_to(user: User) -> frozenset[int]:
    """Return the offers whose files `user` reads blind; no query for those who decide."""
    return frozenset() if _decides(user) else frozenset(blind_offers())


def with_blindness(submissions: QuerySet[Submission], user: User) -> QuerySet[Submission]:
    """Annotate `is_blind`: whether `user` may not know whose the file is. `name_shown` reads it."""
    if _decides(user):
        return submissions.annotate(is_blind=Value(False, BooleanField()))  # noqa: FBT003 -- SQL's own literal
    return submissions.annotate(is_blind=Exists(blind_offers().filter(offer=OuterRef("offer"))))


def is_blind(submission: Submission) -> bool:
    """Return what `with_blindness` read with the submission.

    :raises KeyError: if it was not read so: a page that forgot to ask shows nothing at all.
    """
    return bool(vars(submission)["is_blind"])


def name_shown(submission: Submission) -> str:
    """Return the name as filed, or what stands in its place for this reader.

    :raises KeyError: as `is_blind`.
    """
    if is_blind(submission):
        return _("Nom masqué")
    return submission.filed_name or _("Anonymisée")


def blinded(payload: Payload) -> Payload:
    """Return what a blind reader reads of what was sealed."""
    covered = cover_of(payload.person)
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
            if section.key in _SHOWN
        ),
        facts={},
        documents=(),
        review_message=covered(payload.review_message),
    )


def cover_of(person: Person) -> Callable[[str], str]:
    """Return what covers, in any text, the parts of this person's name, their address and their telephone.

    Accents and case aside. A name that is also a common word is covered where it is one: better a hole than a name.
    """
    parts = {
        part for part in _WORD.findall(fold(f"{person.first_name} {person.last_name}")) if len(part) >= _LEAST
    }
    whole = [text for text in (person.email, person.phone, person.phone[-4:]) if text]
    mask = "▒▒▒"

    def covered(text: str) -> str:
        for said in whole:
            text = re.sub(re.escape(said), mask, text, flags=re.IGNORECASE)
        return _WORD.sub(lambda found: mask if fold(found[0]) in parts else found[0], text)

    return covered


def _decides(user: User) -> bool:
    return user.has_perm("submissions.decide_submission")
