"""Sandbox of the child process: resource limits, the kernel's confinement and an interpreter audit hook."""

import ctypes.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from intake.documents.child.confinement import confine
from intake.documents.child.limits import Limits

DRAWING: Final = Limits(
    cpu_seconds=30,
    address_space_bytes=1024 * 1024 * 1024,
    written_file_bytes=256 * 1024 * 1024,
    open_files=256,
)
"""Limits for generating a PDF."""
READING: Final = replace(DRAWING, cpu_seconds=5)
"""Limits for parsing a receipt. A genuine receipt uses about a tenth of this CPU time."""

_NETWORK_AND_PROGRAMS = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "urllib.",
    "ftplib.",
    "http.client.",
)


@contextmanager
def start_no_program() -> Iterator[None]:
    """Let libraries be loaded in this block without the programs that search for them: ldconfig, gcc, ld.

    WeasyPrint tries the names of all platforms, and `ctypes` would search for each that the linker does not know: some
    70 programs, a fifth of the time of a dossier. On Linux the linker knows one of the names.
    """
    search = ctypes.util.find_library
    if sys.platform == "linux":
        ctypes.util.find_library = _find_nothing
    try:
        yield
    finally:
        ctypes.util.find_library = search


def _find_nothing(name: str) -> str | None:
    del name
    return None


def enter_sandbox(readable: set[str], room: Path) -> None:
    """Close sockets, other programs, and files outside Python's own, `readable` and `room`, for good.

    `pages.AssetFetcher` already limits what a page reads.
    """
    confine(readable, room)
    install_hook(readable, room)


def install_hook(readable: set[str], room: Path) -> None:
    """Raise PermissionError on what `enter_sandbox` closes, also where the kernel cannot confine."""
    own = [Path(root) for root in (sys.prefix, sys.base_prefix, sys.base_exec_prefix, room)]
    # Both absolute and resolved paths: a virtual environment may be reached through a symbolic link.
    roots = tuple(f"{path}/" for root in own for path in {root.absolute(), root.resolve()})

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(_NETWORK_AND_PROGRAMS):
            message = f"{event} is not for this process"
            raise PermissionError(message)
        if event == "open" and isinstance(arguments[0], (str, bytes)):
            name = arguments[0].decode() if isinstance(arguments[0], bytes) else arguments[0]
            path = str(Path(name).absolute())
            if path not in readable and not path.startswith(roots):
                message = f"{name} is not for this process"
                raise PermissionError(message)

    sys.addaudithook(hook)
