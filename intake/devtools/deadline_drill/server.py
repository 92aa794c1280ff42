"""A gunicorn server for the duration of a drill, with the portal's own configuration and a free port."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

from django.conf import settings

from intake.devtools.embedded.keeper import free_port

_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 40


class ServerError(Exception):
    """The web server of the drill did not start."""

    code = "SERVER_NOT_STARTED"


@contextmanager
def web_server(
    *, processes: int, environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[str, int]]:
    """Run gunicorn with this process's environment and `environment`; yield host and port.

    :raises ServerError: if it does not answer within a minute.
    """
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(processes)]
    server = subprocess.Popen(  # noqa: S603 -- the command is built here, without input
        command,
        cwd=settings.BASE_DIR,
        env=os.environ | dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        ends = time.monotonic() + _START_SECONDS
        while not _answers("127.0.0.1", port):
            if server.poll() is not None or time.monotonic() > ends:
                raise ServerError
            time.sleep(0.1)
        yield "127.0.0.1", port
    finally:
        server.terminate()
        try:
            server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Connection": "close"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
