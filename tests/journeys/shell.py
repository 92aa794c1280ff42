"""One `manage.py shell` that stays open beside the portal: a test's call does not start Django again.

It serves as the application's role, like the tests themselves, and becomes the owner where their factories do.
"""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any

_READER = """
import contextlib, io, json, sys, traceback
from django.db import close_old_connections
from intake.devtools import embedded
from tests.database_roles import connect_as_application
with embedded.servers(embedded.data_dir()) as urls:
    connect_as_application(urls.database_superuser)
for line in sys.stdin:
    said, failed = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(said):
            exec(json.loads(line), {"__name__": "shell"})
    except Exception:
        failed = traceback.format_exc()
    close_old_connections()
    print(json.dumps({"said": said.getvalue(), "failed": failed}), flush=True)
"""


class Shell:
    """The shell process. It starts at the first call."""

    def __init__(self, root: Path, environment: dict[str, str], *, seconds: float) -> None:
        """`root` holds `manage.py`. `seconds` is the timeout of each call."""
        self._root, self._environment, self._seconds = root, environment, seconds
        self._process: subprocess.Popen[str] | None = None

    def ask(self, code: str) -> str:
        """Run `code` in its own namespace, and return its output.

        :raises AssertionError: if it raised an exception or took too long.
        """
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(code) + "\n")
        process.stdin.flush()
        limit = Timer(self._seconds, process.kill)
        limit.start()
        line = process.stdout.readline()
        limit.cancel()
        assert line, f"the shell ended: {code}"
        answer: dict[str, Any] = json.loads(line)
        assert not answer["failed"], answer["failed"]
        return str(answer["said"])

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.wait(timeout=60)
            if self._process.stdout is not None:
                self._process.stdout.close()

    def _started(self) -> "subprocess.Popen[str]":
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "shell", "-v", "0", "--no-imports", "-c", _READER],
                cwd=self._root,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._process
