"""Search in the journal. Apps that import this one register how to find the users and subjects that they know."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q

type EntryFinder = Callable[[Any, str], list[Q]]
_finders: list[EntryFinder] = []


def register_entry_finder(finder: EntryFinder) -> None:
    """Register `finder(user, words)`, which returns conditions of entries. Called by `intake.wiring`."""
    if finder not in _finders:
        _finders.append(finder)


def entry_conditions(user: object, words: str) -> list[Q]:
    """Return the conditions of the entries that `words` find for `user`; an index serves each condition."""
    return [Q(subject_id=words), *(condition for finder in _finders for condition in finder(user, words))]
