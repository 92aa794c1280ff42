"""Call libc in a confined process: `python -m tests.documents.libc_calls ROOM SECRET`, for x86-64 and aarch64.

Writes `result.json` in ROOM: by call, what libc returned and the error's number.
"""

import ctypes
import json
import os
import platform
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from intake.documents.child.confinement import confine

if TYPE_CHECKING:
    from collections.abc import Callable

_O_WRONLY, _O_DIRECTORY = 0x1, 0o200000 if platform.machine() == "x86_64" else 0o40000
_NUMBERS = {  # bpf, open_by_handle_at, execveat, tgkill, clone, process_vm_readv, ioprio_set, migrate_pages
    "x86_64": (321, 304, 322, 234, 56, 310, 251, 256),
    "aarch64": (280, 265, 281, 131, 220, 270, 30, 238),
}
_F_GETFD, _F_SETOWN, _F_SETOWN_EX = 1, 8, 15


def prepare(_text: str) -> None:
    """Need nothing: its process may be forked too."""


def _owner(process: int) -> bytes:
    return struct.pack("=ii", 1, process)  # struct f_owner_ex


def main(room: Path, secret: str) -> None:
    """Confine this process to ROOM and the file `given` in it, and write the answers to all calls."""
    libc = ctypes.CDLL(None, use_errno=True)
    parent, own = os.getppid(), os.getpid()
    confine((room / "given",), room)
    bpf, by_handle, execveat, tgkill, clone, read_memory, ioprio, migrate = _NUMBERS[platform.machine()]
    buffer = ctypes.create_string_buffer(64)
    pipe, _other_end = os.pipe()
    beside = secret.encode()
    none = ctypes.c_void_p(None)
    calls: dict[str, Callable[[], int]] = {
        "read a file beside": lambda: libc.open(secret.encode(), 0),
        "write a file beside": lambda: libc.open(secret.encode(), _O_WRONLY),
        "write in the libraries": lambda: libc.open(json.__file__.encode(), _O_WRONLY),
        "list a folder beside": lambda: libc.open(str(Path(secret).parent).encode(), _O_DIRECTORY),
        "read the environment of the parent": lambda: libc.open(f"/proc/{parent}/environ".encode(), 0),
        "open a socket of the network": lambda: libc.socket(2, 1, 0),
        "open a local socket": lambda: libc.socket(1, 1, 0),
        "open a pair of sockets": lambda: libc.socketpair(1, 1, 0, buffer),
        "fork": libc.fork,
        "clone a process": lambda: libc.syscall(clone, 17, 0, 0, 0, 0),
        "run a program": lambda: libc.execve(b"/bin/true", none, none),
        "run a program by its descriptor": lambda: libc.syscall(execveat, 0, b"", none, none, 0x1000),
        "send a signal to the parent": lambda: libc.kill(parent, 0),
        "send a signal to the parent's thread": lambda: libc.syscall(tgkill, parent, parent, 0),
        "trace the parent": lambda: libc.ptrace(16, parent, none, none),
        "read the memory of the parent": lambda: libc.syscall(read_memory, parent, none, 0, none, 0, 0),
        "raise a limit": lambda: libc.prlimit(0, 7, buffer, none),
        "mount": lambda: libc.mount(b"none", str(room).encode(), b"tmpfs", 0, none),
        "leave the namespace": lambda: libc.unshare(0x10000000),
        "load a filter into the kernel": lambda: libc.syscall(bpf, 5, buffer, 64),
        "submit calls in bulk": lambda: libc.syscall(425, 4, buffer),
        "open a file by its handle": lambda: libc.syscall(by_handle, -100, buffer, 0),
        "clone by the newer call": lambda: libc.syscall(435, buffer, 64),
        "change the mode of a file beside": lambda: libc.chmod(beside, 0o644),
        "change the mode by a folder": lambda: libc.fchmodat(-100, beside, 0o644, 0),
        "change the mode by the newer call": lambda: libc.syscall(452, -100, beside, 0o644, 0),
        "change the mode of an open file": lambda: libc.fchmod(pipe, 0o600),
        "change the owner of a file beside": lambda: libc.lchown(beside, os.getuid(), os.getgid()),
        "change the times of a file beside": lambda: libc.utimensat(-100, beside, none, 0),
        "change the times by the older call": lambda: libc.utimes(beside, none),
        "cut a file beside": lambda: libc.truncate(beside, 1),
        "note something on a file beside": lambda: libc.setxattr(beside, b"user.note", b"x", 1, 0),
        "remove what is noted on it": lambda: libc.removexattr(beside, b"user.note"),
        "change the priority of the parent": lambda: libc.setpriority(0, parent, libc.getpriority(0, parent)),
        "change the scheduling of the parent": lambda: libc.sched_setscheduler(parent, 0, bytes(4)),
        "change the parameters of its scheduling": lambda: libc.sched_setparam(parent, bytes(4)),
        "pin the parent to a processor": lambda: libc.sched_setaffinity(parent, 128, b"\xff" * 128),
        "change the priority of the parent's disk": lambda: libc.syscall(ioprio, 1, parent, 2 << 13 | 4),
        "move the memory of the parent": lambda: libc.syscall(
            migrate, parent, 1, b"\1" + bytes(7), b"\1" + bytes(7)
        ),
        "have the kernel signal the parent": lambda: libc.fcntl(pipe, _F_SETOWN, parent),
        "have the kernel signal its thread": lambda: libc.fcntl(pipe, _F_SETOWN_EX, _owner(parent)),
        "read the given file": lambda: libc.open(str(room / "given").encode(), 0),
        "write in its room": lambda: libc.creat(str(room / "new").encode(), 0o600),
        "read a library": lambda: libc.open(json.__file__.encode(), 0),
        "read a limit": lambda: libc.prlimit(0, 7, none, buffer),
        "read the flags of an open file": lambda: libc.fcntl(pipe, _F_GETFD),
        "signal itself": lambda: libc.syscall(tgkill, own, own, 0),
    }
    answers = {}
    for name, call in calls.items():
        ctypes.set_errno(0)
        returned = call()
        if name in {"fork", "clone a process", "clone by the newer call"} and os.getpid() != own:
            os._exit(0)  # it was permitted, and this is the new process
        answers[name] = [returned, ctypes.get_errno()]
    (room / "result.json").write_text(json.dumps(answers), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
