"""Registry of listeners that are called when rows of the register change.

Apps above `register` use it to compare open submissions with the register.
"""

from collections.abc import Callable, Iterable

from offers.models import Programme

type Listener = Callable[[Programme], None]
_listeners: list[Listener] = []


def register_change_listener(watcher: Listener) -> None:
    """Register `watcher`, called with a programme in the transaction that adds or removes its rows.

    Called by `intake.wiring`.
    """
    if watcher not in _listeners:
        _listeners.append(watcher)


def notify_changed(programmes: Iterable[Programme]) -> None:
    """Call each listener with each programme whose rows changed."""
    for programme in programmes:
        for watcher in _listeners:
            watcher(programme)
