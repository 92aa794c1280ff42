"""Notices to the owner of an account whose second factors changed: a mail, which a higher application posts."""

from collections.abc import Callable
from functools import partial

from django.db import transaction

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.web.security_events import Kind, record_security_event

type Listener = Callable[[Entry], None]

_listeners: list[Listener] = []


def register_owner_notice(listener: Listener) -> None:
    """Register `listener`, called with the journal entry in the transaction of the change. For `intake.wiring`."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell_owner(entry: Entry, *, owner: User) -> None:
    """Notify `owner`, whose account `entry` is about; a security event follows the commit. Needs a transaction."""
    transaction.on_commit(
        partial(record_security_event, None, Kind.FACTOR_CHANGED, reason=entry.action, subject=owner)
    )
    for listener in _listeners:
        listener(entry)
