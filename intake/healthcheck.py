"""Health check of this container's web server. `python -m intake.healthcheck` exits 1 if it does not answer 200."""

import os
import sys
from http import HTTPStatus
from http.client import HTTPConnection

ADDRESS = ("127.0.0.1", 8000)


def main() -> int:
    """Request `/healthz` as the first allowed host, and return the exit code."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    connection = HTTPConnection(*ADDRESS, timeout=4)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        status = connection.getresponse().status
    except OSError as error:
        sys.stderr.write(f"no answer: {error}\n")
        return 1
    finally:
        connection.close()
    if status != HTTPStatus.OK:
        sys.stderr.write(f"answer {status}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
