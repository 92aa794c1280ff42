"""Jobs forked from a process that has its libraries loaded: nothing passes from one to the next, and all end."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from intake.documents import forking_process, isolated_process
from intake.documents.isolated_process import ProcessTimeoutError, run_isolated
from intake.documents.temp_dirs import temporary_directory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="jobs are forked where Linux confines them")

ROOT = Path(__file__).resolve().parents[2]
MODULE = "tests.documents.forked_job"


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[isolated_process._Kept]:
    """The forking process of this one, none yet, as after a first job."""
    fresh = isolated_process._Kept(last=time.monotonic())
    monkeypatch.setattr(isolated_process, "_kept", fresh)
    yield fresh
    fresh.stop()


def job(deed: str = "end", *, prepared: str = "text", seconds: float = 60) -> tuple[int, dict[str, Any]]:
    """Run a job; return its exit code and what its process had."""
    with temporary_directory("job") as room:
        given = {"MORE": "given"}
        ended = run_isolated(
            MODULE, str(room), deed, room=room, seconds=seconds, environment=given, prepared=prepared
        )
        found: dict[str, Any] = json.loads((room / "result.json").read_bytes())
        assert (found["folder"], found["temporary"]) == (str(room), str(room))
        assert found["seen"][-1] == room.name
    return ended, found


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def soon(look: Callable[[], bool]) -> bool:
    """Return whether `look` becomes true within 60 s."""
    until = time.monotonic() + 60
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def test_jobs_that_follow_each_other_are_forked_and_share_nothing(
    kept: isolated_process._Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNING_KEYS", "cle-qui-signe")
    found = [job()[1] for _rank in range(2)]
    assert kept.process is not None
    assert [len(one["seen"]) for one in found] == [2, 2], "a job sees what another one changed"
    for one in found:
        assert one["seen"][0] == "text"
        assert one["is_child"]
        assert one["files"] == ["/dev/null"], (
            "a job has the pipes, or another file, of the process that forks"
        )
        assert one["shared"] == []
        assert one["environment"].keys() <= {
            *("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "MALLOC_ARENA_MAX", "LC_ALL", "LC_CTYPE"),
            *("INTAKE_PARENT", "HOME", "TMPDIR", "MORE", *isolated_process._LIBRARIES),
        }
        assert one["environment"]["HOME"] == one["folder"]
        assert one["environment"]["MORE"] == "given"
        assert one["user"] != 0


def test_an_exit_code_or_signal_is_that_of_the_job(kept: isolated_process._Kept) -> None:
    assert [job(deed)[0] for deed in ("raise", "crash", "end")] == [1, -signal.SIGSEGV, 0]
    assert kept.process is not None
    assert kept.process._jobs == 3, "a job that ends badly ends the process that forks"


def test_a_late_job_is_killed_even_if_it_hides(kept: isolated_process._Kept) -> None:
    with temporary_directory("job") as room:
        with pytest.raises(ProcessTimeoutError):
            run_isolated(MODULE, str(room), "hide and wait", room=room, seconds=1, prepared="text")
        pid = json.loads((room / "result.json").read_bytes())["pid"]
    assert not is_running(pid)
    assert kept.process is not None
    assert kept.process.is_usable


@pytest.mark.parametrize("error", [InterruptedError, SoftTimeLimitExceeded, KeyboardInterrupt])
def test_an_interrupted_wait_ends_the_job(error: type[BaseException], kept: isolated_process._Kept) -> None:
    def interrupt(_number: int, _frame: object) -> None:
        raise error

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with temporary_directory("job") as room:
            main, result = threading.get_ident(), room / "result.json"

            def interrupt_once_hidden() -> None:
                assert soon(
                    lambda: (
                        result.exists() and os.getsid(pid := json.loads(result.read_bytes())["pid"]) == pid
                    )
                )
                signal.pthread_kill(main, signal.SIGALRM)

            waits = threading.Thread(target=interrupt_once_hidden)
            waits.start()
            with pytest.raises(error):
                run_isolated(MODULE, str(room), "hide and wait", room=room, seconds=60, prepared="text")
            waits.join()
            pid = json.loads(result.read_bytes())["pid"]
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not is_running(pid)
    assert job()[0] == 0, "its answer is taken for that of another"
    assert kept.process is not None


def test_a_lone_job_and_one_of_a_thread_start_their_own_process(kept: isolated_process._Kept) -> None:
    kept.last = time.monotonic() - isolated_process._WARM_SECONDS - 1
    assert starts_its_own() is True
    assert kept.process is None
    raised: list[bool] = []
    thread = threading.Thread(target=lambda: raised.append(starts_its_own()))
    thread.start()
    thread.join()
    assert raised == [True]
    assert starts_its_own() is False


def starts_its_own() -> bool:
    """Whether a job is started: the module does nothing when it is run by its command."""
    with temporary_directory("job") as room:
        assert run_isolated(MODULE, str(room), "end", room=room, seconds=60, prepared="text") == 0
        return not (room / "result.json").exists()


@pytest.mark.parametrize("access", [{}, {"files": True, "signals": False}])
def test_nothing_is_forked_where_the_kernel_permits_an_access(
    access: dict[str, bool], kept: isolated_process._Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolated_process, "refused_access", lambda: access)
    assert starts_its_own()
    assert kept.process is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands its jobs over to another user")
def test_nothing_is_forked_for_a_job_that_stays_roots(kept: isolated_process._Kept, tmp_path: Path) -> None:
    assert run_isolated(MODULE, str(tmp_path), "end", room=tmp_path, seconds=60, prepared="text") == 0
    assert not (tmp_path / "result.json").exists()
    assert kept.process is None


@pytest.mark.parametrize("text", ["thread", "fail"])
def test_a_process_that_cannot_be_forked_safely_is_not(text: str, kept: isolated_process._Kept) -> None:
    for _rank in range(2):
        with temporary_directory("job") as room:
            assert run_isolated(MODULE, str(room), "end", room=room, seconds=60, prepared=text) == 0
            assert not (room / "result.json").exists()
    assert kept.process is not None
    assert kept.process._jobs == 0


def test_the_process_is_replaced_in_time_with_its_folder(
    kept: isolated_process._Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    job()
    first = kept.process
    assert first is not None
    job(prepared="another")
    second = kept.process
    assert second is not first, "files that changed are not read again"
    monkeypatch.setattr(forking_process, "_MAX_JOBS", 1)
    job(prepared="another")
    third = kept.process
    assert third is not second
    monkeypatch.setattr(forking_process, "_MAX_SECONDS", 0)
    job(prepared="another")
    last = kept.process
    assert last is not third
    # Others' folders come and go beside these.
    folders = [process._folder for process in (first, second, third, last) if process is not None]
    assert [folder.exists() for folder in folders] == [False, False, False, True]
    kept.stop()
    assert not folders[-1].exists()


def test_a_process_that_ended_is_started_again(kept: isolated_process._Kept) -> None:
    job()
    assert kept.process is not None
    kept.process._process.kill()
    kept.process._process.wait()
    assert job()[0] == 0


@pytest.mark.parametrize(
    "script, returned",
    [
        ("echo", None),  # it ended by itself before it read the job, as after some idle time
        ("echo; kill -9 $$", -signal.SIGKILL),
        ("echo; read line; exit 1", -signal.SIGKILL),
        ("echo; read line; echo 3; read line", 3),
        ("echo; read line; echo late; read line", TimeoutError()),
        ("echo; exec sleep 60", TimeoutError()),
    ],
)
def test_each_answer_has_its_meaning(
    script: str, returned: int | Exception | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forking_process, "_GRACE_SECONDS", 0.5)
    folder = tmp_path / "own"
    folder.mkdir()
    process = forking_process.ForkingProcess(["/bin/sh", "-c", script], folder=folder, start_new_session=True)
    answers: list[int | None] = []
    try:
        answers.append(process.run(["x"], room=tmp_path, environment={}, seconds=0.1))
    except TimeoutError:
        assert isinstance(returned, TimeoutError)
    else:
        assert answers == [returned]
    assert process.run(["x" * 5000], room=tmp_path, environment={}, seconds=1) is None, (
        "longer than a pipe takes whole"
    )
    process.stop()
    assert not folder.exists()
    assert process._process.returncode is not None


def test_a_process_that_is_not_ready_in_time_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forking_process, "_START_SECONDS", 0.2)
    monkeypatch.setattr(forking_process, "_GRACE_SECONDS", 0.2)
    process = forking_process.ForkingProcess(["/bin/sleep", "60"], folder=tmp_path, start_new_session=True)
    assert (process.is_usable, process.is_to_be_replaced) == (False, False)
    assert process._process.returncode == -signal.SIGKILL


def test_a_job_ends_with_the_process_that_forks_it(kept: isolated_process._Kept) -> None:
    job()
    assert kept.process is not None
    forks = kept.process._process.pid
    killer = threading.Timer(1, os.kill, (forks, signal.SIGKILL))
    killer.start()
    ended, found = job("wait")
    killer.join()
    assert ended == -signal.SIGKILL, "a job that was not done counts as done"
    assert soon(lambda: not is_running(found["pid"]))


TWO_JOBS = """
import sys
from pathlib import Path
from django.conf import settings
settings.configure()
from intake.documents import isolated_process
from intake.documents.temp_dirs import temporary_directory
isolated_process._kept.last = __import__("time").monotonic()
with temporary_directory("job") as room:
    print(room, flush=True)
    isolated_process.run_isolated("tests.documents.forked_job", str(room), "wait", room=room, seconds=60, prepared="x")
"""


def test_a_job_ends_with_the_process_that_wants_its_result() -> None:
    command = [sys.executable, "-P", "-c", TWO_JOBS]
    with subprocess.Popen(command, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True) as asks:
        assert asks.stdout is not None
        result = Path(asks.stdout.readline().strip()) / "result.json"
        assert soon(result.exists)
        pid = json.loads(result.read_bytes())["pid"]
        asks.kill()
    assert soon(lambda: not is_running(pid))
