"""The process from which isolated processes are forked (`child.forking`), for its parent: jobs and exit codes."""

import json
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, Final

from intake.documents.child.forking import LATE

_MAX_JOBS: Final = 200
"""Jobs after which it is replaced: its processes have the same addresses of memory, and the next one has others."""
_MAX_SECONDS: Final = 1200
"""Age at which it is replaced: its folder must not seem left behind (`temp_dirs.MAX_IDLE_SECONDS`)."""
_START_SECONDS: Final = 60
_GRACE_SECONDS: Final = 10


class ForkingProcess:
    """A process that forks one for each job, one at a time. Only the process that started it may use it."""

    def __init__(self, command: Sequence[str], *, folder: Path, **options: Any) -> None:
        """Start it by `command`, with the options of `subprocess.Popen`. It owns `folder`, which ends with it."""
        self._owner, self._folder = os.getpid(), folder
        self._started, self._jobs = monotonic(), 0
        self._process = subprocess.Popen(  # noqa: S603 -- our own module, no shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options
        )
        self._is_ready = False
        with suppress(TimeoutError):
            self._is_ready = self._ask(b"", _START_SECONDS) == b"\n"

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_usable(self) -> bool:
        """True if it waits for a job."""
        return self._is_ready and self._process.poll() is None

    @property
    def is_to_be_replaced(self) -> bool:
        """True if it ended, has served its time or is another process's. If it could not start: after some time."""
        return (
            self._owner != os.getpid()
            or self._jobs >= _MAX_JOBS
            or monotonic() - self._started > _MAX_SECONDS
            or (self._is_ready and self._process.poll() is not None)
        )

    def run(
        self, arguments: Sequence[str], *, room: Path, environment: Mapping[str, str], seconds: float
    ) -> int | None:
        """Run a job; return its exit code, negative for a signal. None if it did not start.

        :raises TimeoutError: if it did not end within `seconds` of wall clock.
        """
        job = {"arguments": arguments, "room": str(room), "environment": environment, "seconds": seconds}
        line = json.dumps(job).encode() + b"\n"
        if len(line) > select.PIPE_BUF:
            return None
        self._jobs += 1
        answer = self._ask(line, seconds + _GRACE_SECONDS)
        if answer == LATE:
            raise TimeoutError
        if answer:
            return int(answer)
        self.stop()
        # It ends by itself between two jobs only.
        return None if self._process.returncode == 0 else -signal.SIGKILL

    def _ask(self, line: bytes, seconds: float) -> bytes:
        """Write `line` and return the answer, empty if the process ended."""
        pipes = self._process.stdin, self._process.stdout
        assert pipes[0] is not None and pipes[1] is not None  # noqa: S101, PT018 -- asked of Popen
        try:
            with suppress(BrokenPipeError):
                os.write(pipes[0].fileno(), line)
            poll = select.poll()
            poll.register(pipes[1], select.POLLIN)
            answer = os.read(pipes[1].fileno(), select.PIPE_BUF) if poll.poll(seconds * 1000) else None
        except BaseException:  # also the time limit of a task: no job stays, and no answer of it
            self.stop()
            raise
        if answer is None:
            self.stop()
            raise TimeoutError
        return answer

    def stop(self) -> None:
        """End it and its job, if this process started it, and remove its folder."""
        if self._owner != os.getpid():
            return
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
