"""Who completed a placement: the rooms above know, and say so when the register asks."""

from collections.abc import Callable, Iterable, Iterator

from .people import Participant

type Source = Callable[[], Iterable[Participant]]
_sources: list[Source] = []


def register_completed_source(source: Source) -> None:
    """Let `source()` name all who completed a placement. Called by the room that knows, from `AppConfig.ready`."""
    if source not in _sources:
        _sources.append(source)


def completed_people() -> Iterator[Participant]:
    """Yield all who completed a placement, as the rooms above name them; somebody may be named twice."""
    for source in _sources:
        yield from source()
