"""What the words of a search mean in the journal: each room above finds the people and the subjects it knows."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q

type EntryFinder = Callable[[Any, str], list[Q]]
_finders: list[EntryFinder] = []


def register_entry_finder(finder: EntryFinder) -> None:
    """Search with `finder(user, words)`, conditions of the entries that these words find. Called from `ready`."""
    if finder not in _finders:
        _finders.append(finder)


def entry_conditions(user: object, words: str) -> list[Q]:
    """Return the conditions of the entries that `words` find for `user`; each is met by an index of its own."""
    return [Q(subject_id=words), *(condition for finder in _finders for condition in finder(user, words))]
