"""Registry of the subjects and entries hidden from a user. Each app registers its own in `ready`.

The journal and the outbox know only the kind and identifier of a subject; apps that import them know the conflicts of
interest.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model, Q

type Hider = Callable[[Any], Iterable[Model]]
type EntryHider = Callable[[Any], Q]
_hiders: list[Hider] = []
_entry_hiders: list[EntryHider] = []


def register_subject_hider(hider: Hider) -> None:
    """Hide from each user the saved models that `hider(user)` returns. Called by `intake.wiring`."""
    if hider not in _hiders:
        _hiders.append(hider)


def subjects_hidden_from(user: object) -> list[Model]:
    """Return the subjects of which `user` must not see any entry."""
    return [subject for hider in _hiders for subject in hider(user)]


def register_entry_hider(hider: EntryHider) -> None:
    """Hide from each user the entries that match `hider(user)`, even if their subjects are visible.

    An empty condition hides no entry. Called by `intake.wiring`.
    """
    if hider not in _entry_hiders:
        _entry_hiders.append(hider)


def entries_hidden_from(user: object) -> list[Q]:
    """Return the conditions of the entries that `user` must not read."""
    return [condition for hider in _entry_hiders if (condition := hider(user))]
