"""What isolated processes ask of the kernel: files opened, sockets, programs, whether it grants them or not.

    with traced_processes() as traces:
        inspect_file(path, name="cv.pdf", max_pages=3, max_bytes=10**7, into=room)
    assert traces[-1].sockets == []
    assert traces[-1].outside(path) == []

`strace` notes each call as it enters the kernel, granted or refused. Nothing in the process is asked.
Linux only; `scripts/setup --tests` installs strace.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from intake.documents import isolated_process
from intake.documents.child.limits import PARENT

ROOT = Path(__file__).resolve().parents[2]
_TRACED = "%file,%network,%process,io_uring_setup,open_by_handle_at"
_OPENING = {"open", "openat", "openat2", "creat", "open_by_handle_at"}
_CHANGING = {
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "rename",
    "renameat",
    "renameat2",
    "truncate",
    "unlink",
}
_NETWORK = {"socket", "socketpair", "connect", "bind", "sendto", "sendmsg", "accept4", "io_uring_setup"}
_PROGRAMS = {"execve", "execveat"}
_NEW_PROCESS = {"fork", "vfork", "clone", "clone3"}
_CALL = re.compile(r"\d+\s+(\w+)\((.*)")
_FOLDER = re.compile(r"(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')

READABLE = re.compile(
    "|".join(
        (
            # The interpreter, its packages and the portal's own modules.
            *(
                rf"{re.escape(prefix)}(|/bin/[^/]+|/pyvenv\.cfg|/lib(64)?(/.*)?)"
                for prefix in sorted({sys.prefix, sys.base_prefix, sys.base_exec_prefix})
            ),
            rf"{re.escape(str(ROOT))}(/(intake|eligibility|offers|tests)(/[\w/-]+(\.[\w-]+)*\.pyc?|/[\w/]*)?)?",
            # Libraries of the system, the language, the time, types of files, roots of certificates.
            r"/(usr/|usr/local/)?lib(32|64|x32)?(/.*)?",
            r"/etc/ld\.so\.(cache|preload)|/usr/share/locale(/.*)?|/etc/localtime|/usr/share/zoneinfo(/.*)?",
            r"(/etc|/usr/local/etc)/([\w/.-]+/)?mime\.types|/etc/(ssl|pki)/.*",
            r"/dev/(null|urandom)|/proc/filesystems|/proc/sys/vm/overcommit_memory",
            # Fonts.
            r"/etc/fonts(/.*)?|/usr/share/fontconfig(/.*)?|/var/cache/fontconfig(/.*)?",
            r"/usr/(local/)?share/(X11/)?fonts(/.*)?",
        )
    )
)
"""Paths that any isolated process may open, written a second time: no person's, and none of the portal's data."""


class Call(NamedTuple):
    """One call: its name, and the path or the arguments."""

    name: str
    about: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The calls of one isolated process, its threads and its own processes, in order."""

    room: Path
    """Its own directory."""
    calls: list[Call]

    @property
    def opened(self) -> list[str]:
        """Paths that it opened or changed, or tried to."""
        return [path for name, path in self.calls if name in _OPENING | _CHANGING]

    @property
    def sockets(self) -> list[Call]:
        """Calls that make or use a socket."""
        return [call for call in self.calls if call.name in _NETWORK]

    @property
    def programs(self) -> list[str]:
        """Programs and processes that it started, after the interpreter itself."""
        started = [call.about for call in self.calls if call.name in _PROGRAMS | _NEW_PROCESS]
        return started[1:]

    def outside(self, *given: Path) -> list[str]:
        """Return the opened paths that are not in `READABLE`, in its room or `given`, files or folders."""
        roots = tuple(str(path) for path in (self.room, *given))
        return [
            path
            for path in self.opened
            if not READABLE.fullmatch(path)
            and not any(path == root or path.startswith(f"{root}/") for root in roots)
        ]


@contextmanager
def traced_processes(*, as_served: bool = False) -> Iterator[list[Trace]]:
    """Trace every process that `run_isolated` runs in this block; yield the list that the traces are added to.

    The processes are those of `open_child`, which refuse nothing by themselves. With `as_served` they are the real
    ones, traced at each system call: some four times slower.
    """
    traces: list[Trace] = []

    def run(
        command: Sequence[str], *, cwd: Path, env: dict[str, str], **options: Any
    ) -> "subprocess.CompletedProcess[bytes]":
        # Its parent is strace here.
        known = {name: value for name, value in env.items() if name != PARENT}
        program = list(command)
        if not as_served:
            place = program.index("-m") + 1
            program[place:place] = ["tests.documents.open_child"]
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o777)  # the process may be another user's
            written = Path(folder, "calls")
            strace = ["strace", "-f", "-qq", "-y", "-s", "4096", "-e", f"trace={_TRACED}", "-o", str(written)]
            # Stops at traced calls only; then a filter of the process itself would refuse before strace sees.
            strace += [] if as_served else ["--seccomp-bpf"]
            done = subprocess.run([*strace, *program], cwd=cwd, env=known, **options)  # noqa: PLW1510 -- in `options`
            traces.append(Trace(cwd, list(_read(written.read_text(encoding="latin-1").splitlines()))))
        return done

    replaced = SimpleNamespace(run=run, DEVNULL=subprocess.DEVNULL, TimeoutExpired=subprocess.TimeoutExpired)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolated_process, "is_confined", lambda: False)  # each process is started, none forked
        patch.setattr(isolated_process, "subprocess", replaced)
        yield traces


def _read(lines: Sequence[str]) -> Iterator[Call]:
    for line in lines:
        call = _CALL.match(line)
        if call is None:
            continue
        name, arguments = call.groups()
        flags = _TEXT.sub("", arguments)
        if "O_PATH" in flags or "CLONE_THREAD" in flags:
            continue  # a handle for Landlock's rules, which reads nothing; a thread
        yield Call(name, _path(arguments) if name not in _NETWORK else arguments.strip())


def _path(arguments: str) -> str:
    """Return the absolute path in the arguments of a call; without one, the arguments."""
    text = _TEXT.search(arguments)
    if text is None:
        return arguments.strip()
    folder = _FOLDER.match(arguments)
    base = _plain(folder[1]) if folder else "/"
    return os.path.normpath(Path(base, _plain(text[1])))


def _plain(escaped: str) -> str:
    return escaped.encode("latin-1").decode("unicode_escape").encode("latin-1").decode(errors="replace")
