"""An isolated process of documents reaches nothing that it does not need: the calls are made to libc, below Python."""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.documents import isolated_process
from intake.documents.child import access_probe, confinement
from intake.documents.isolated_process import refused_access, run_isolated
from intake.documents.temp_dirs import temporary_directory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux alone confines")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", params=["started", "forked"])
def answers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, list[int]]]:
    """What libc returned to each call in a confined process, with the number of the error."""
    if request.param == "started":
        room = tmp_path_factory.mktemp("room")
        yield answers_of(room, room.parent, prepared=None)
        return
    kept = isolated_process._Kept(last=time.monotonic())
    with (
        pytest.MonkeyPatch.context() as patch,
        temporary_directory("room") as room,
        temporary_directory("beside") as beside,
    ):
        patch.setattr(isolated_process, "_kept", kept)
        beside.chmod(0o755)  # the kernel refuses it, not its owner
        yield answers_of(room, beside, prepared="")
        assert kept.process is not None, "it was started like the others"
        kept.stop()


def answers_of(room: Path, beside: Path, *, prepared: str | None) -> dict[str, list[int]]:
    (beside / "secret_key").write_text("secret")
    (room / "given").write_text("given")
    arguments = ("tests.documents.libc_calls", str(room), str(beside / "secret_key"))
    assert run_isolated(*arguments, room=room, seconds=60, prepared=prepared) == 0
    found: dict[str, list[int]] = json.loads((room / "result.json").read_bytes())
    return found


EPERM, EACCES, ENOSYS = 1, 13, 38
REFUSED = {
    "read a file beside": EACCES,
    "write a file beside": EACCES,
    "write in the libraries": EACCES,
    "list a folder beside": EACCES,
    "read the environment of the parent": EACCES,
    "open a socket of the network": EPERM,
    "open a local socket": EPERM,
    "open a pair of sockets": EPERM,
    "fork": EPERM,
    "clone a process": EPERM,
    "run a program": EPERM,
    "run a program by its descriptor": EPERM,
    "send a signal to the parent": EPERM,
    "send a signal to the parent's thread": EPERM,
    "trace the parent": EPERM,
    "read the memory of the parent": EPERM,
    "raise a limit": EPERM,
    "mount": EPERM,
    "leave the namespace": EPERM,
    "load a filter into the kernel": EPERM,
    "submit calls in bulk": EPERM,
    "open a file by its handle": EPERM,
    "clone by the newer call": ENOSYS,
    "change the mode of a file beside": EPERM,
    "change the mode by a folder": EPERM,
    "change the mode by the newer call": EPERM,
    "change the mode of an open file": EPERM,
    "change the owner of a file beside": EPERM,
    "change the times of a file beside": EPERM,
    "change the times by the older call": EPERM,
    "cut a file beside": EPERM,
    "note something on a file beside": EPERM,
    "remove what is noted on it": EPERM,
    "change the priority of the parent": EPERM,
    "change the scheduling of the parent": EPERM,
    "change the parameters of its scheduling": EPERM,
    "pin the parent to a processor": EPERM,
    "change the priority of the parent's disk": EPERM,
    "move the memory of the parent": EPERM,
    "have the kernel signal the parent": EPERM,
    "have the kernel signal its thread": EPERM,
}
PERMITTED = {
    "read the given file",
    "write in its room",
    "read a library",
    "read a limit",
    "read the flags of an open file",
    "signal itself",
}


@pytest.mark.parametrize("call", REFUSED)
def test_the_kernel_refuses_what_a_document_process_does_not_need(
    call: str, answers: dict[str, list[int]]
) -> None:
    assert answers[call] == [-1, REFUSED[call]]


def test_a_document_process_can_do_its_work(answers: dict[str, list[int]]) -> None:
    assert answers.keys() == REFUSED.keys() | PERMITTED
    assert {call: answers[call] for call in PERMITTED if answers[call][0] < 0} == {}


@pytest.mark.parametrize(
    "loaded",
    [
        "import pikepdf; from intake.dossiers.child import merge, pages, receipt_form",
        "from pyhanko.sign.validation import generic_cms; from intake.dossiers.child import receipt_reader",
    ],
    ids=["drawing", "reading"],
)
def test_libraries_loaded_before_the_confinement_start_no_thread(loaded: str) -> None:
    """Landlock does not bind threads that run already."""
    program = f"{loaded}; import os; print(len(os.listdir('/proc/self/task')))"
    command = [sys.executable, "-P", "-s", "-c", program]
    said = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=True).stdout
    assert said == b"1\n"


def test_every_access_is_reported_as_refused_here() -> None:
    assert refused_access() == dict.fromkeys(access_probe.PROBES, True)


def test_a_permitted_access_is_reported() -> None:
    assert not access_probe.is_refused(lambda: None)
    assert access_probe.is_refused(access_probe._raise_privileges) is False, "this process is not confined"


def test_each_processor_has_the_same_refusals() -> None:
    # fork, vfork, iopl, ioperm, chmod, chown, lchown, utime, utimes and futimesat do not exist on aarch64.
    intel, arm = (confinement._PROCESSORS[name] for name in ("x86_64", "aarch64"))
    assert len(intel.refused) == len(set(intel.refused)) == len(arm.refused) + 10
    assert len(set(arm.refused)) == len(arm.refused)
    assert platform.machine() in confinement._PROCESSORS, "this machine's processor has no filter"


@pytest.mark.parametrize("name", ["x86_64", "aarch64"])
def test_the_filter_kills_a_process_of_another_architecture(name: str) -> None:
    program = list(confinement._program(confinement._PROCESSORS[name]))
    assert program[:3] == [
        (0x20, 0, 0, 4),
        (0x15, 1, 0, confinement._PROCESSORS[name].audit_arch),
        (0x06, 0, 0, 0x80000000),
    ]
    assert len(program) < 4096, "BPF_MAXINSNS"
    assert program[-1] == (0x06, 0, 0, 0x7FFF0000)
    assert (0x15, 0, 1, os.getpid()) in program
