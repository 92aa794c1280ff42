"""One portal for all workers of a test run: it takes one core almost a minute to start."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp

from intake.devtools.embedded.places import FileLock, locked
from tests.journeys.portal import Portal, running

type Start = Callable[[Path], AbstractContextManager[Portal]]


@contextmanager
def shared(folder: Path, start: Start = running) -> Iterator[Portal]:
    """Use the portal of `folder` inside the block. The first user starts it.

    The user that started it waits until all other users have left, and stops it. A later user starts a new portal with
    its own data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / "place"  # exists while the portal runs: its address and data folder
    users = FileLock(folder / "users.lock")
    with ExitStack() as stack:
        stack.callback(users.close)
        with locked(folder / "gate.lock"):
            users.take(shared=True)  # waits while a portal is being stopped
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
            users.take()  # exclusive: waits until all others have left
            place.unlink()
