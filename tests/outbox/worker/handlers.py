"""Handlers of the tests' kinds of delivery."""

import os
import time
from datetime import datetime
from pathlib import Path

from django.db import connection

from intake.outbox.messages import Letter
from intake.outbox.models import Delivery


def compose(delivery: Delivery, at: datetime) -> Letter:
    """Return a mail to the address that is the delivery's subject."""
    del at
    return Letter(
        to=delivery.subject_id,
        subject=f"2027-020\u00a0: essai {delivery.key}",
        text="Bonjour,\n\nÀ bientôt.\n",
        html="<p>Bonjour,</p><p>À bientôt.</p>",
    )


def note(delivery: Delivery, at: datetime) -> None:
    """Write the worker's process id and hang at the first attempt; end at once at later ones."""
    del at
    folder = Path(os.environ["E2E_FOLDER"])
    (folder / f"{delivery.key}.{delivery.attempts}").write_text(str(os.getpid()))
    if delivery.attempts == 1:
        time.sleep(600)


def note_session(delivery: Delivery, at: datetime) -> None:
    """Write the server's process id of the worker's session with the database."""
    del at
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (session,) = cursor.fetchone()
    (Path(os.environ["E2E_FOLDER"]) / f"{delivery.key}.session").write_text(str(session))
