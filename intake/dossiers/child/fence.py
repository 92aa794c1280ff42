"""What this process may do: limits of the kernel, and refusals of the interpreter."""

import contextlib
import resource
import sys
from pathlib import Path

CPU_SECONDS = 30  # soft; the kernel kills at CPU_SECONDS + 1
ADDRESS_SPACE_BYTES = 1024 * 1024 * 1024
WRITTEN_FILE_BYTES = 256 * 1024 * 1024
OPEN_FILES = 256

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


def limit(*, cpu_seconds: int = CPU_SECONDS) -> None:
    """Lower this process's limits: CPU seconds, address space, size of files written, open files, no core dump.

    macOS refuses an address-space limit; there the other limits and the parent's clock remain.
    """
    for what, soft, hard in (
        (resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1),
        (resource.RLIMIT_AS, ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES),
        (resource.RLIMIT_FSIZE, WRITTEN_FILE_BYTES, WRITTEN_FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (soft, hard))


def refuse_the_rest(readable: set[str], room: Path) -> None:
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
