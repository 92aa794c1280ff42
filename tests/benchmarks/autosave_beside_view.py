"""Time saves while typing beside a view with one UPDATE, in turn: `python -m tests.benchmarks.autosave_beside_view`.

The whole portal runs, without other load: one client, one connection. Prints one JSON object: for each repetition the
median milliseconds of both.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from intake.devtools import embedded
from tests.benchmarks.measuring import REPETITIONS

KEY = "coordonnees"


def main() -> None:
    """Run the portal with the baseline's address, and time both."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.autosave_beside_view")
    parser.add_argument("--requests", type=int, default=200, help="of each kind in each repetition")
    asked = parser.parse_args()
    embedded.SETTINGS = "tests.benchmarks.baseline_settings"
    from tests.faults import portal as portals  # noqa: PLC0415 -- reads the settings' name

    with tempfile.TemporaryDirectory() as folder, portals.running(Path(folder)) as portal:
        save, update = _requests(portal.port)
        for _warm in range(20):
            save()
            update()
        taken: dict[str, list[float]] = {"save": [], "update": []}
        for repetition in range(REPETITIONS):
            pair = [("save", save), ("update", update)]
            for name, send in pair if repetition % 2 else reversed(pair):
                taken[name].append(median(_milliseconds(send) for _each in range(asked.requests)))
    sys.stdout.write(json.dumps(taken) + "\n")


def _requests(port: int) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return the two requests of one candidate; each save changes an answer."""
    from django.conf import settings  # noqa: PLC0415 -- needs the portal's settings
    from django.urls import reverse  # noqa: PLC0415 -- needs the portal's settings

    from intake.submissions.drafts.answer_merge import format_seen  # noqa: PLC0415 -- needs the portal's settings
    from intake.submissions.questions.sections import section_by_key  # noqa: PLC0415 -- needs the portal's settings
    from tests.factories.people import client_of  # noqa: PLC0415 -- needs the portal's settings
    from tests.factories.submissions import make_draft  # noqa: PLC0415 -- needs the portal's settings

    draft, section = make_draft(), section_by_key(KEY)
    assert section is not None
    session = client_of(draft.submission.candidate).cookies[settings.SESSION_COOKIE_NAME].value
    token = "a" * 32
    headers = {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}",
        "Content-Type": "application/x-www-form-urlencoded",
        "X-CSRFToken": token,
    }
    connection = HTTPConnection("127.0.0.1", port)
    typed = {
        **section.form.as_post_data(section.of(draft.answers)),
        "seen": format_seen(section.digests(draft.answers)),
    }

    def send(path: str, fields: dict[str, object]) -> None:
        connection.request("POST", path, body=urlencode(fields), headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            message = f"{path}: {answer.status}"
            raise RuntimeError(message)

    count = 0

    def save() -> None:
        nonlocal count
        count += 1
        fields = typed | {"city": f"Ville {count}", "page": f"banc.{count}"}
        send(reverse("submissions:autosave", args=[draft.submission.public_id, KEY]), fields)

    def update() -> None:
        send(f"/une-mise-a-jour/{draft.pk}/", {"city": "Ville"})

    return save, update


def _milliseconds(send: Callable[[], None]) -> float:
    began = time.perf_counter()
    send()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
