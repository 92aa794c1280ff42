"""Check of a filing against the register of past participants.

A draft is never checked: its page would reveal, to any user who types a name and a birth date, whether that person took
part. A filing needs an account and a complete draft, and stays stored; its candidate reads that a person will check.
"""

from collections.abc import Mapping
from typing import Any

from eligibility import Rulebook
from eligibility.criteria.attestations import OnceOnly
from intake.profiles.answers import decode_answers
from intake.register.errors import NameWithoutLettersError
from intake.register.people import Person
from intake.register.selectors import digests_of, entries_with
from offers.models import Programme


def register_match(*, answers: Mapping[str, Any], rulebook: Rulebook, programme: Programme) -> bool | None:
    """Return whether the candidate with these `answers` may be in the register; None if the check does not apply.

    It applies if `rulebook` has ONCE_ONLY and the candidate answered that they never took part: with the contrary
    answer, the finding needs no register. At most one query.

    :raises NoKeyError: if the installation has no key.
    """
    if not requires_register_check(rulebook):
        return None
    digests = register_digests(answers=answers, programme=programme)
    # Not `exists()`: see `IS_IN_REGISTER`.
    return entries_with(digests).count() > 0 if digests is not None else None


def requires_register_check(rulebook: Rulebook) -> bool:
    """True if `rulebook` has the criterion ONCE_ONLY."""
    return any(isinstance(criterion, OnceOnly) for criterion in rulebook.criteria)


def register_digests(
    *, answers: Mapping[str, Any], programme: Programme
) -> tuple[list[str], list[str]] | None:
    """Return the digests to search the register for these `answers`; None if the check does not apply.

    :raises NoKeyError: if the installation has no key.
    """
    if answers.get("past_participant") is not False:
        return None
    given = decode_answers(answers)
    last_name, first_name, birth_date = (given.get(key) for key in ("last_name", "first_name", "birth_date"))
    if not last_name or not first_name or birth_date is None:
        return None
    try:
        person = Person(last_name=last_name, first_name=first_name, birth_date=birth_date)
        return digests_of(person, programme)
    except NameWithoutLettersError:
        return None
