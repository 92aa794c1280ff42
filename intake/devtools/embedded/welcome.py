"""Process of `make run` that, once the portal answers, lets the others start, runs the demonstration, and waits."""

import os
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

from . import BASE_DIR, data_dir
from .places import EmbeddedPaths

PATIENCE_SECONDS = 60


def main() -> int:
    """Wait for the portal, print its address, run `manage.py demonstrate`, and wait until it is stopped."""
    address = os.environ["SITE_URL"]
    if not wait_for(f"{address}/healthz"):
        print_line(f"Le portail ne répond pas à {address}\u00a0: voir les lignes ci-dessus.")
        return 1
    EmbeddedPaths(data_dir()).answered_file.touch()
    print_line(f"Le portail répond\u00a0: {address}/")
    command = [sys.executable, str(BASE_DIR / "manage.py"), "demonstrate"]
    # Standard error has the text for people; the JSON of standard output is for programs.
    answer = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603 -- our own command
    if answer.returncode:
        print_line("La démonstration n’a pas abouti; le portail continue.")
    print_line("Ctrl-C arrête tout.")
    while True:
        time.sleep(3600)


def print_line(text: str) -> None:
    """Print a line and flush."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def wait_for(url: str) -> bool:
    """True if an address answers within `PATIENCE_SECONDS`."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        try:
            with urlopen(url, timeout=5):  # noqa: S310 -- our own address
                return True
        except (URLError, OSError):
            time.sleep(0.1)
    return False


if __name__ == "__main__":
    raise SystemExit(main())
