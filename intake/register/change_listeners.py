"""Who compares open files with the register: the rooms above know the files, and are told when its rows change."""

from collections.abc import Callable, Iterable

from offers.models import Programme

type Listener = Callable[[Programme], None]
_listeners: list[Listener] = []


def register_change_listener(watcher: Listener) -> None:
    """Call `watcher` with a programme, in the transaction that adds or removes rows of it; from `AppConfig.ready`."""
    if watcher not in _listeners:
        _listeners.append(watcher)


def notify_changed(programmes: Iterable[Programme]) -> None:
    """Tell each watcher that the register of each programme has changed."""
    for programme in programmes:
        for watcher in _listeners:
            watcher(programme)
