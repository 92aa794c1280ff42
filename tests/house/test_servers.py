"""Only tests that request them start servers."""

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from tests import servers


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0"],
        [sys.executable, "-m", "celery", "--app", "intake", "worker"],
        [sys.executable, "-m", "intake.devtools.embedded.keeper", "/nowhere"],
        [sys.executable, "-m", "tests.faults.kill_rounds"],
        [sys.executable, "manage.py", "sweep_outbox"],
        ["/somewhere/valkey-server", "--port", "1"],
    ],
)
def test_a_server_started_without_the_marker_fails_its_test(command: list[str]) -> None:
    with pytest.raises(servers.ServerStarted):
        subprocess.run(command, check=False)


def test_any_other_command_may_be_started() -> None:
    assert subprocess.run([sys.executable, "-c", "pass"], check=False).returncode == 0


def test_a_test_with_a_fixture_of_servers_gets_their_marks() -> None:
    marks: list[str] = []
    item: Any = SimpleNamespace(fixturenames=["tmp_path", "portal", "browser"], add_marker=marks.append)
    servers.mark([item])
    assert sorted(marks) == [servers.BROWSER, servers.SERVERS]
