"""Health checks of containers.

`python -m intake.healthcheck` exits 1 if the web server of this container does not answer 200; with the name of a
process, `beat` or a sweep, if that process of this machine has written no sign of life for a minute.
"""

import os
import socket
import sys
from http import HTTPStatus
from http.client import HTTPConnection

ADDRESS = ("127.0.0.1", 8000)
_AGE = """SELECT extract(epoch FROM clock_timestamp() - at)::float FROM outbox_heartbeat
WHERE process = %s AND machine = %s"""


def main(*processes: str) -> int:
    """Check the web server, or the named processes, and return the exit code."""
    fault = next(filter(None, map(find_silence, processes)), "") if processes else find_web_fault()
    if fault:
        sys.stderr.write(f"{fault}\n")
    return 1 if fault else 0


def find_web_fault() -> str:
    """Request `/healthz` as the first allowed host; return what is wrong, or an empty text."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    connection = HTTPConnection(*ADDRESS, timeout=4)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        status = connection.getresponse().status
    except OSError as error:
        return f"no answer: {error}"
    finally:
        connection.close()
    return "" if status == HTTPStatus.OK else f"answer {status}"


def find_silence(process: str) -> str:
    """Ask the database for the last sign of a process of this machine; return what is wrong, or an empty text."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "intake.settings.production")
    import psycopg  # noqa: PLC0415 -- only here: the check of a web server is to be light

    from intake import startup_checks  # noqa: PLC0415 -- reads the settings
    from intake.outbox.policy import SILENT_SECONDS  # noqa: PLC0415 -- reads the settings

    try:
        with startup_checks.connect() as connection:
            found = connection.execute(_AGE, [process, socket.gethostname()[:100]]).fetchone()
    except psycopg.Error as error:
        return f"the database does not answer: {type(error).__name__}"
    if found is None:
        return f"{process} has written no sign of life"
    seconds = float(found[0])
    return f"{process} is silent for {seconds:.0f} s" if seconds > SILENT_SECONDS else ""


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
