"""Notices to the owner of an account whose second factors changed: a mail, which a higher application posts."""

from collections.abc import Callable

from intake.journal.models import Entry

type Listener = Callable[[Entry], None]

_listeners: list[Listener] = []


def register_owner_notice(listener: Listener) -> None:
    """Register `listener`, called with the journal entry in the transaction of the change. For `intake.wiring`."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell_owner(entry: Entry) -> None:
    """Notify the owner of the account that `entry` is about. Needs a transaction."""
    for listener in _listeners:
        listener(entry)
