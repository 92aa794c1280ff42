"""Queries on profiles and notice acceptances."""

from typing import Any

from django.db.models import QuerySet

from intake.accounts.models import User
from intake.profiles.answers import KEYS, encode_answers
from intake.profiles.models import NoticeAcceptance, Profile


def profile_of(user: User) -> Profile:
    """Return the user's profile, or an empty unsaved one if there is none."""
    return Profile.objects.filter(user=user).first() or Profile(user=user)


def answers_from_profile(user: User) -> dict[str, Any]:
    """Return the user's profile as `services.remember_answers` takes it, without the missing answers."""
    profile = profile_of(user)
    values = encode_answers({key: getattr(profile, key) for key in sorted(KEYS)})
    return {key: value for key, value in values.items() if value is not None}


def acceptances(user: User, *, notice: str, version: str) -> QuerySet[NoticeAcceptance]:
    """Return the acceptance as an unevaluated queryset, for an EXISTS in another query."""
    return NoticeAcceptance.objects.filter(user=user, notice=notice, version=version)
