"""The register of past participants, asked at the filing alone.

A draft is never compared: its page would tell whoever types somebody's name and birth date that they took part. A
filing costs a complete dossier and an account, and stays on record; its candidate reads that a person will check.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from eligibility import Rulebook
from eligibility.criteria import OnceOnly
from intake.profiles.answers import decode_answers
from intake.register.errors import NameWithoutLettersError
from intake.register.models import Participation
from intake.register.people import Person
from intake.register.selectors import entries_of
from offers.models import Programme


def register_match(*, answers: Mapping[str, Any], rulebook: Rulebook, programme: Programme) -> bool | None:
    """Say whether who filed these `answers` may be in the register; None where nothing is to be asked of it.

    It is asked only when `rulebook` wants a first participation and the person said it would be theirs: who said the
    contrary needs no register. One query at most.

    :raises NoKeyError: if the installation has no key.
    """
    if not requires_register_check(rulebook):
        return None
    entries = matching_entries(answers=answers, programme=programme)
    return entries.exists() if entries is not None else None


def requires_register_check(rulebook: Rulebook) -> bool:
    """Say whether `rulebook` wants a first participation."""
    return any(isinstance(criterion, OnceOnly) for criterion in rulebook.criteria)


def matching_entries(*, answers: Mapping[str, Any], programme: Programme) -> QuerySet[Participation] | None:
    """Return the register's rows, unread, that may be of whoever gave these `answers`; None if nothing is asked.

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
        return entries_of(person, programme)
    except NameWithoutLettersError:
        return None
