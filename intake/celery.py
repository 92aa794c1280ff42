"""The Celery application. Its only tasks are the outbox's; its schedule is one sweep.

Start one worker per queue, `--queues mail`, `--queues receipts`, `--queues documents` and `--queues exports`: neither a
receipt's mail nor its PDF must ever wait behind a dossier, nor a dossier behind an archive of all of them.
"""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init
from django.conf import settings
from kombu import Exchange, Queue

from intake.startup_checks import check_settings_complete

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "intake.settings.production")

app = Celery("intake")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["intake.outbox"])
# Each with its exchange and key: left to their defaults both take the first one's, and every message goes to both.
app.conf.task_queues = [
    Queue(name, Exchange(name, type="direct"), routing_key=name)
    for name in ("mail", "receipts", "documents", "exports")
]
app.conf.beat_schedule = {
    "sweep the outbox": {
        "task": "intake.outbox.tasks.sweep",
        "schedule": float(settings.OUTBOX_SWEEP_SECONDS),
        # Beat goes on while no worker runs: old sweeps must not pile up before the next one.
        "options": {"queue": "mail", "expires": float(settings.OUTBOX_SWEEP_SECONDS)},
    },
}


@celeryd_init.connect
@beat_init.connect
def check_settings_at_start(**_: Any) -> None:
    """End a worker or beat that lacks a server; a command that merely wakes workers is not held to that."""
    check_settings_complete()
