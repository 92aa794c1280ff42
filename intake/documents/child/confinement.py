"""What the kernel refuses to a process that opens hostile files: other files, sockets, other processes and programs.

It changes no mode, owner, time or attribute of a file, and no priority or processor of a process: Landlock refuses none
of these, and all of a user's files and processes would be within reach.

Two mechanisms of Linux, which the process can never lift again: Landlock (files, signals) and a filter of system calls
(seccomp). Where a kernel has one of them only, that one applies. Elsewhere than on Linux neither does.
`access_probe` tries what is refused here.

Written here because the bindings on PyPI are untyped and had their last release in January 2021.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

_PORTAL: Final = Path(__file__).resolve().parents[2]
_READABLE_FOLDERS: Final = ("/lib", "/lib64", "/etc/fonts", "/var/cache/fontconfig", "/usr/local/share/fonts")
_READABLE_FILES: Final = (
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/dev/null",
    "/dev/urandom",
)
_FOLDERS_OF_LIBRARIES: Final = ("LD_LIBRARY_PATH", "FONTCONFIG_PATH")  # environment variables

_PR_SET_NO_NEW_PRIVS: Final = 38  # prctl(2)
_CAPABILITIES_VERSION: Final = 0x20080522  # capset(2): two words of 32 capabilities


def confine(readable: Iterable[str | Path], room: Path) -> None:
    """Close everything that this process does not need, for good.

    Call it before the first byte of a hostile file and before the first thread: Landlock binds the thread that calls it
    and those that this one starts. The process may then read `readable` (files), the libraries and the fonts, write in
    the directory `room`, and start threads. What the kernel cannot close stays open, without an error.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Root keeps none of its powers: no effective, permitted or inheritable capability.
    libc.capset(struct.pack("=Ii", _CAPABILITIES_VERSION, 0), bytes(24))
    _close_files(libc, readable, room)
    _close_calls(libc)


def _call(libc: ctypes.CDLL, number: int, *arguments: Any) -> int:
    """Make a system call. Return its result, -1 for an error."""
    return int(
        libc.syscall(*(ctypes.c_long(one) if isinstance(one, int) else one for one in (number, *arguments)))
    )


# -- Landlock: landlock(7) ---
# The numbers of its calls are the same for every processor.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_OF_INTERFACE = 1  # flag of landlock_create_ruleset
_RULE_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = (1 << bit for bit in range(6))
_MAKE_DIR, _MAKE_REG = 1 << 7, 1 << 8
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_RIGHTS_SINCE = {1: (1 << 13) - 1, 2: _REFER, 3: _TRUNCATE, 5: _IOCTL_DEV}
"""Rights over files that each version of the interface added."""
_WRITING = (
    _WRITE_FILE
    | _READ_DIR
    | _READ_FILE
    | _REMOVE_DIR
    | _REMOVE_FILE
    | _MAKE_DIR
    | _MAKE_REG
    | _REFER
    | _TRUNCATE
)
_TCP = 0b11  # bind and connect, since version 4
_SCOPES = 0b11  # abstract sockets and signals of other processes, since version 6


def _close_files(libc: ctypes.CDLL, readable: Iterable[str | Path], room: Path) -> None:
    version = _call(libc, _CREATE_RULESET, None, 0, _VERSION_OF_INTERFACE)
    if version < 1:
        return
    rights = sum(added for since, added in _RIGHTS_SINCE.items() if since <= version)
    handled = (rights, _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0)  # noqa: PLR2004 -- as declared above
    attributes = struct.pack("=QQQ", *handled)
    known = attributes if version >= 6 else attributes[: 16 if version >= 4 else 8]  # noqa: PLR2004 -- the same
    ruleset = _call(libc, _CREATE_RULESET, known, len(known), 0)
    if ruleset < 0:
        return
    for path, allowed in _rules(readable, room):
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        over_files = allowed if path.is_dir() else allowed & (_READ_FILE | _WRITE_FILE | _TRUNCATE)
        rule = struct.pack("=Qi", over_files & rights, opened)
        _call(libc, _ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
        os.close(opened)
    _call(libc, _RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _rules(readable: Iterable[str | Path], room: Path) -> Iterator[tuple[Path, int]]:
    """Yield each path with the rights over it."""
    configured = (
        folder for name in _FOLDERS_OF_LIBRARIES for folder in os.environ.get(name, "").split(":") if folder
    )
    own = (sys.prefix, sys.base_prefix, sys.base_exec_prefix, _PORTAL)
    for path in (*own, *_READABLE_FOLDERS, *_READABLE_FILES, *configured, *readable):
        yield Path(path), _READ_FILE | _READ_DIR
    yield room, _WRITING


# -- Filter of system calls: seccomp(2) ---
class _Processor(NamedTuple):
    """Numbers of a processor: of its system calls, by name, and in `struct seccomp_data`."""

    audit_arch: int
    seccomp: int
    clone: int
    tgkill: int
    prlimit64: int
    fcntl: int
    refused: Sequence[int]


_EVERYWHERE = (
    *(425, 426, 427),  # io_uring_setup, io_uring_enter, io_uring_register
    *(428, 429, 430, 431, 432, 433, 442, 467),  # open_tree, move_mount, fs*, mount_setattr, open_tree_attr
    *(
        434,
        438,
        424,
        440,
        448,
    ),  # pidfd_open, pidfd_getfd, pidfd_send_signal, process_madvise, process_mrelease
    *(443, 447),  # quotactl_fd, memfd_secret
    *(452, 463, 466, 469),  # fchmodat2, setxattrat, removexattrat, file_setattr
)
_CLONE3 = 435  # its flags are in memory, which a filter cannot read: glibc falls back on clone
_PROCESSORS: Final = {
    "x86_64": _Processor(
        audit_arch=0xC000003E,
        seccomp=317,
        clone=56,
        tgkill=234,
        prlimit64=302,
        fcntl=72,
        refused=(
            *(41, 53),  # socket, socketpair
            *(57, 58, 59, 322),  # fork, vfork, execve, execveat
            *(62, 200, 129, 297),  # kill, tkill, rt_sigqueueinfo, rt_tgsigqueueinfo
            *(101, 310, 311, 312),  # ptrace, process_vm_readv, process_vm_writev, kcmp
            *(165, 166, 155, 161, 272, 308),  # mount, umount2, pivot_root, chroot, unshare, setns
            *(
                321,
                298,
                323,
                250,
                248,
                249,
            ),  # bpf, perf_event_open, userfaultfd, keyctl, add_key, request_key
            *(175, 313, 176, 246, 320, 169),  # init_module, finit_module, delete_module, kexec_*, reboot
            *(167, 168, 163, 179, 103),  # swapon, swapoff, acct, quotactl, syslog
            *(
                164,
                227,
                159,
                305,
                170,
                171,
            ),  # settimeofday, clock_settime, (clock_)adjtimex, sethostname, setdomainname
            *(172, 173, 135, 303, 304),  # iopl, ioperm, personality, name_to_handle_at, open_by_handle_at
            *(68, 64, 29, 240, 160),  # msgget, semget, shmget, mq_open, setrlimit
            *(90, 91, 268, 92, 93, 94, 260),  # chmod, fchmod, fchmodat, chown, fchown, lchown, fchownat
            *(132, 235, 261, 280, 76),  # utime, utimes, futimesat, utimensat, truncate
            *(
                188,
                189,
                190,
                197,
                198,
                199,
            ),  # setxattr, lsetxattr, fsetxattr, removexattr, lremovexattr, fremovexattr
            *(
                141,
                251,
                142,
                144,
                314,
                203,
            ),  # setpriority, ioprio_set, sched_setparam, -scheduler, -attr, -affinity
            *(256, 279),  # migrate_pages, move_pages
        ),
    ),
    "aarch64": _Processor(
        audit_arch=0xC00000B7,
        seccomp=277,
        clone=220,
        tgkill=131,
        prlimit64=261,
        fcntl=25,
        refused=(
            *(198, 199),  # socket, socketpair
            *(221, 281),  # execve, execveat
            *(129, 130, 138, 240),  # kill, tkill, rt_sigqueueinfo, rt_tgsigqueueinfo
            *(117, 270, 271, 272),  # ptrace, process_vm_readv, process_vm_writev, kcmp
            *(40, 39, 41, 51, 97, 268),  # mount, umount2, pivot_root, chroot, unshare, setns
            *(
                280,
                241,
                282,
                219,
                217,
                218,
            ),  # bpf, perf_event_open, userfaultfd, keyctl, add_key, request_key
            *(105, 273, 106, 104, 294, 142),  # init_module, finit_module, delete_module, kexec_*, reboot
            *(224, 225, 89, 60, 116),  # swapon, swapoff, acct, quotactl, syslog
            *(
                170,
                112,
                171,
                266,
                161,
                162,
            ),  # settimeofday, clock_settime, (clock_)adjtimex, sethostname, setdomainname
            *(92, 264, 265),  # personality, name_to_handle_at, open_by_handle_at
            *(186, 190, 194, 180, 164),  # msgget, semget, shmget, mq_open, setrlimit
            *(52, 53, 54, 55),  # fchmod, fchmodat, fchownat, fchown
            *(88, 45),  # utimensat, truncate
            *(5, 6, 7, 14, 15, 16),  # setxattr, lsetxattr, fsetxattr, removexattr, lremovexattr, fremovexattr
            *(
                140,
                30,
                118,
                119,
                274,
                122,
            ),  # setpriority, ioprio_set, sched_setparam, -scheduler, -attr, -affinity
            *(238, 239),  # migrate_pages, move_pages
        ),
    ),
}
_SET_FILTER, _ALL_THREADS = 1, 1  # operation and flag of seccomp
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 24, 32
"""Offsets in `struct seccomp_data`."""
_LOAD, _EQUAL, _AT_LEAST, _HAS_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # instructions of BPF
_ALLOW, _REFUSE, _ABSENT, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000  # EPERM, ENOSYS
_X32 = 0x40000000  # numbers of the second table of x86-64
_CLONE_THREAD = 0x00010000
_SET_OWNERS = (8, 15)  # F_SETOWN, F_SETOWN_EX


def _close_calls(libc: ctypes.CDLL) -> None:
    processor = _PROCESSORS.get(platform.machine())
    if processor is None:
        return
    program = b"".join(struct.pack("=HBBI", *one) for one in _program(processor))
    buffer = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))  # struct sock_fprog
    _call(libc, processor.seccomp, _SET_FILTER, _ALL_THREADS, described)


def _program(processor: _Processor) -> Iterator[tuple[int, int, int, int]]:
    """Yield the instructions of the filter: code, lines to skip if true, if false, constant."""
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _EQUAL, 1, 0, processor.audit_arch
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, _NUMBER
    yield _AT_LEAST, 0, 1, _X32
    yield _RETURN, 0, 0, _KILL
    for number in (*processor.refused, *_EVERYWHERE):
        yield _EQUAL, 0, 1, number
        yield _RETURN, 0, 0, _REFUSE
    yield _EQUAL, 0, 1, _CLONE3
    yield _RETURN, 0, 0, _ABSENT
    # A thread of this process, and no other process.
    yield _EQUAL, 0, 4, processor.clone
    yield _LOAD, 0, 0, _FIRST_ARGUMENT
    yield _HAS_BIT, 0, 1, _CLONE_THREAD
    yield _RETURN, 0, 0, _ALLOW
    yield _RETURN, 0, 0, _REFUSE
    # A signal to a thread of this process: `abort` sends one.
    yield _EQUAL, 0, 4, processor.tgkill
    yield _LOAD, 0, 0, _FIRST_ARGUMENT
    yield _EQUAL, 0, 1, os.getpid()
    yield _RETURN, 0, 0, _ALLOW
    yield _RETURN, 0, 0, _REFUSE
    # A limit may be read, not set: the pointer to the new one is null, in both halves.
    yield _EQUAL, 0, 6, processor.prlimit64
    yield _LOAD, 0, 0, _THIRD_ARGUMENT
    yield _EQUAL, 0, 3, 0
    yield _LOAD, 0, 0, _THIRD_ARGUMENT + 4
    yield _EQUAL, 0, 1, 0
    yield _RETURN, 0, 0, _ALLOW
    yield _RETURN, 0, 0, _REFUSE
    # No process that the kernel signals when a file of this one is ready.
    yield _EQUAL, 0, 5, processor.fcntl
    yield _LOAD, 0, 0, _SECOND_ARGUMENT
    for command in _SET_OWNERS:
        yield _EQUAL, 0, 1, command
        yield _RETURN, 0, 0, _REFUSE
    yield _RETURN, 0, 0, _ALLOW
