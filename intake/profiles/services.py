"""Operations on profiles and notice acceptances."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from intake.accounts.models import User
from intake.profiles.answers import profile_values
from intake.profiles.models import NoticeAcceptance, Profile, Province, is_canadian_postal_code


@transaction.atomic
def remember_answers(*, user: User, answers: Mapping[str, Any]) -> Profile:
    """Store `answers`, as returned by `AnswersForm.answers()`, in the user's profile; return the profile.

    None clears a field, an absent key keeps it, an unknown key is ignored. A stored value that contradicts the new
    answers is cleared: a residence before the birth date, a postal code that is not Canadian with a Canadian province.

    :raises ValueError: if a day is not an ISO text.
    :raises django.db.IntegrityError: if a code (province, status) is unknown, or a birth date earlier than 1900.
    """
    values = profile_values(answers)
    profile, _created = Profile.objects.select_for_update(of=("self",)).get_or_create(user=user)
    for key, value in values.items():
        setattr(profile, key, value)
    _clear_contradicted_answers(profile)
    profile.save()
    return profile


def accept_notice(*, user: User, notice: str, version: str) -> NoticeAcceptance:
    """Record that `user` accepted this version of `notice`, at the transaction's timestamp. Idempotent."""
    accepted, _created = NoticeAcceptance.objects.get_or_create(user=user, notice=notice, version=version)
    return accepted


def _clear_contradicted_answers(profile: Profile) -> None:
    born, since = profile.birth_date, profile.quebec_resident_since
    if born and since and since < born:
        profile.quebec_resident_since = None
    if profile.province not in {"", Province.OUTSIDE} and not is_canadian_postal_code(profile.postal_code):
        profile.postal_code = ""
