"""The register of past participants, asked at the filing alone.

A draft is never compared: its page would tell whoever types somebody's name and birth date that they took part. A
filing costs a complete dossier and an account, and stays on record; its candidate reads that a person will check.
"""

from collections.abc import Mapping
from typing import Any

from eligibility import Rulebook
from eligibility.criteria import OnceOnly
from intake.profiles.answers import decode_answers
from intake.register.errors import NamelessError
from intake.register.selectors import is_known
from offers.models import Programme


def register_match(*, answers: Mapping[str, Any], rulebook: Rulebook, programme: Programme) -> bool | None:
    """Say whether who filed these `answers` may be in the register; None where nothing is to be asked of it.

    It is asked only when `rulebook` wants a first participation and the person said it would be theirs: who said the
    contrary needs no register. One query at most.

    :raises NoKeyError: if the installation has no key.
    """
    wanted = any(isinstance(criterion, OnceOnly) for criterion in rulebook.criteria)
    if not wanted or answers.get("past_participant") is not False:
        return None
    given = decode_answers(answers)
    last_name, first_name, birth_date = (given.get(key) for key in ("last_name", "first_name", "birth_date"))
    if not last_name or not first_name or birth_date is None:
        return None
    try:
        return is_known(
            last_name=last_name, first_name=first_name, birth_date=birth_date, programme=programme
        )
    except NamelessError:
        return None
