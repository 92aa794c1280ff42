"""Registry of sources of completed stages. Apps above `register` register them."""

from collections.abc import Callable, Iterable, Iterator

from .people import Participant

type Source = Callable[[], Iterable[Participant]]
_sources: list[Source] = []


def register_completed_source(source: Source) -> None:
    """Register `source`, which returns all participants of completed stages. Called by `intake.wiring`."""
    if source not in _sources:
        _sources.append(source)


def completed_people() -> Iterator[Participant]:
    """Yield the participants of completed stages from all sources. A participant may occur twice."""
    for source in _sources:
        yield from source()
