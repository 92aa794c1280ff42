"""What this process may do: limits of the kernel, and refusals of the interpreter."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from intake.documents.child.limits import Limits

DRAWING: Final = Limits(
    cpu_seconds=30,
    address_space_bytes=1024 * 1024 * 1024,
    written_file_bytes=256 * 1024 * 1024,
    open_files=256,
)
"""Of a PDF that is made."""
READING: Final = replace(DRAWING, cpu_seconds=5)
"""Of a receipt that is read: an honest one takes a tenth of its CPU."""

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


def enter_sandbox(readable: set[str], room: Path) -> None:
    """From now on, refuse sockets, other programs, and files outside Python's own, `readable` and `room`.

    For good: an audit hook cannot be taken off. A second wall behind the list of assets, which alone decides what a
    page may name.
    """
    own = [Path(root) for root in (sys.prefix, sys.base_prefix, sys.base_exec_prefix, room)]
    # As they are named and as they are found: a virtual environment may be reached through a link.
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
