"""Writes of profiles."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from intake.accounts.models import User
from intake.profiles.answers import KEYS, TEXTS, decode_answers
from intake.profiles.models import NoticeAcceptance, Profile, Province, is_canadian_postal_code


@transaction.atomic
def remember_answers(*, user: User, answers: Mapping[str, Any]) -> Profile:
    """Keep in the person's profile what they answered; return the profile.

    `answers` are JSON-able, as `AnswersForm.answers()` gives them: days as ISO texts, None for what is missing, which
    empties the profile's own. Keys that a profile does not have are ignored, keys that are absent leave it as it was.
    What can no longer be true beside the new answers is forgotten: a residence older than the person, a postal code of
    another country.

    :raises ValueError: if a day is not an ISO text.
    :raises django.db.IntegrityError: if a code (province, status) is unknown, or a birth date earlier than 1900.
    """
    known = decode_answers({key: value for key, value in answers.items() if key in KEYS})
    profile, _created = Profile.objects.select_for_update(of=("self",)).get_or_create(user=user)
    for key, value in known.items():
        setattr(profile, key, value or "" if key in TEXTS else value)
    _clear_contradicted_answers(profile)
    profile.save()
    return profile


def accept_notice(*, user: User, notice: str, version: str) -> NoticeAcceptance:
    """Record that `user` accepted this version of `notice`, at the database's instant; accepting twice is once."""
    accepted, _created = NoticeAcceptance.objects.get_or_create(user=user, notice=notice, version=version)
    return accepted


def _clear_contradicted_answers(profile: Profile) -> None:
    born, since = profile.birth_date, profile.quebec_resident_since
    if born and since and since < born:
        profile.quebec_resident_since = None
    if profile.province not in {"", Province.OUTSIDE} and not is_canadian_postal_code(profile.postal_code):
        profile.postal_code = ""
