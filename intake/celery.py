"""The Celery application. Its only tasks are those of the outbox; its schedule is the sweep.

Start one worker per queue, `--queues mail`, `--queues receipts`, `--queues documents` and `--queues exports`: neither a
receipt's mail nor its PDF may wait behind a PDF dossier, nor a PDF dossier behind an archive of many.
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
# Each queue has its own exchange and key: by default all share the first one's, and each message reaches every queue.
app.conf.task_queues = [
    Queue(name, Exchange(name, type="direct"), routing_key=name)
    for name in ("mail", "receipts", "documents", "exports")
]
app.conf.beat_schedule = {
    "sweep the outbox": {
        "task": "intake.outbox.tasks.sweep",
        "schedule": float(settings.OUTBOX_SWEEP_SECONDS),
        # Beat runs even while no worker does: old sweeps must not accumulate before the next one.
        "options": {"queue": "mail", "expires": float(settings.OUTBOX_SWEEP_SECONDS)},
    },
}


@celeryd_init.connect
@beat_init.connect
def check_settings_at_start(**_: Any) -> None:
    """End a worker or beat whose settings are incomplete. A command that only wakes workers is not checked."""
    check_settings_complete()
