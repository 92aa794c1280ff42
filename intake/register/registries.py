"""Registries by which apps above `register` give it completed stages and follow its changes."""

from collections.abc import Callable, Iterable, Iterator

from offers.models import Programme

from .people import Participant

type Source = Callable[[], Iterable[Participant]]
type Listener = Callable[[Programme], None]
_sources: list[Source] = []
_listeners: list[Listener] = []


def register_completed_source(source: Source) -> None:
    """Register `source`, which returns all participants of completed stages. Called by `intake.wiring`."""
    if source not in _sources:
        _sources.append(source)


def completed_people() -> Iterator[Participant]:
    """Yield the participants of completed stages from all sources. A participant may occur twice."""
    for source in _sources:
        yield from source()


def register_change_listener(listener: Listener) -> None:
    """Register `listener`, called with a programme in the transaction that changes its rows. For `intake.wiring`."""
    if listener not in _listeners:
        _listeners.append(listener)


def notify_changed(programmes: Iterable[Programme]) -> None:
    """Call each listener with each programme whose rows changed."""
    for programme in programmes:
        for listener in _listeners:
            listener(programme)
