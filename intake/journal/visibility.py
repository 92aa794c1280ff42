"""What is hidden from whom, in the records of all the rooms: each room names its own subjects when it starts.

The journal and the outbox know of subjects their kind and their identifier alone: that somebody has a conflict of
interest on one is known above them.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model, Q

type Hider = Callable[[Any], Iterable[Model]]
type EntryHider = Callable[[Any], Q]
_hiders: list[Hider] = []
_entry_hiders: list[EntryHider] = []


def register_subject_hider(hider: Hider) -> None:
    """Hide from each person what `hider(user)` returns, saved models. Called from an `AppConfig.ready`."""
    if hider not in _hiders:
        _hiders.append(hider)


def subjects_hidden_from(user: object) -> list[Model]:
    """Return the subjects of which `user` must read no trace."""
    return [subject for hider in _hiders for subject in hider(user)]


def register_entry_hider(hider: EntryHider) -> None:
    """Hide from each person the entries that `hider(user)` is the condition of, though they read of their subjects.

    An empty condition hides none. Called from an `AppConfig.ready`.
    """
    if hider not in _entry_hiders:
        _entry_hiders.append(hider)


def entries_hidden_from(user: object) -> list[Q]:
    """Return the conditions of the entries that `user` must not read."""
    return [condition for hider in _entry_hiders if (condition := hider(user))]
