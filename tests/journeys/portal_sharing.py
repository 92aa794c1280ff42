"""One portal for all the workers of a run. It takes a core most of a minute to start, and answers them all."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp

from intake.devtools.embedded.locks import FileLock, locked
from tests.journeys.portal import Portal, running

type Start = Callable[[Path], AbstractContextManager[Portal]]


@contextmanager
def shared(folder: Path, start: Start = running) -> Iterator[Portal]:
    """Use the portal of `folder` for the length of a block; whoever comes when there is none starts it.

    Whoever started it stops it, once all who came have left; whoever comes later starts another, with data of its own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / "place"  # there while there is a portal to come to: its address and its data
    users = FileLock(folder / "users.lock")
    with ExitStack() as stack:
        stack.callback(users.close)
        with locked(folder / "gate.lock"):
            users.take(shared=True)  # waits while one is being stopped
            ours = _joined(place) if place.exists() else _started(start, place, users)
            portal = stack.enter_context(ours)
        yield portal


@contextmanager
def _joined(place: Path) -> Iterator[Portal]:
    url, data_dir = place.read_text().split("\n")
    portal = Portal.at(url, Path(data_dir))
    try:
        yield portal
    finally:
        portal.shell.close()


@contextmanager
def _started(start: Start, place: Path, users: FileLock) -> Iterator[Portal]:
    with start(Path(mkdtemp(dir=place.parent, prefix="portal-"))) as portal:
        place.write_text(f"{portal.url}\n{portal.data_dir}")
        try:
            yield portal
        finally:
            users.take()  # alone: everybody else has left
            place.unlink()
