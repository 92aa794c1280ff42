"""The Celery application. Its only tasks are those of the outbox; its schedule is the sweep.

Start one worker per queue, `--queues filings`, `mail`, `receipts`, `documents`, `exports` and `uploads`: no filing may
wait behind a receipt, neither a receipt's mail nor its PDF behind a PDF dossier, nor a PDF dossier behind an archive of
many, nor any behind an upload.
"""

import logging
import os
import sys
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, setup_logging, task_postrun, worker_ready
from django.conf import settings
from django.db import close_old_connections
from kombu import Exchange, Queue
from kombu.transport.redis import Channel

from intake.outbox.policy import NICE, QUEUES, keys_needed, lower_priority
from intake.startup_checks import check_settings_complete, read_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "intake.settings.production")
read_settings()
# Django's checks import every page: for `manage.py check`, not for each start of a worker.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")

# A message only wakes a worker: the sweep finds what a lost one was for. So it is acknowledged when its job begins, and
# not given back when a connection breaks. Kombu 5.7 would use the broken connection for it, and end the worker.
Channel.do_restore = False
app = Celery("intake")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["intake.outbox"])
# Celery would close the whole pool of database connections after each job (celery/celery#10554): to connect again takes
# longer than most jobs. See `give_back_connection`.
app.conf.CELERY_DB_REUSE_MAX = sys.maxsize
# Each queue has its own exchange and key: by default all share the first one's, and each message reaches every queue.
app.conf.task_queues = [Queue(name, Exchange(name, type="direct"), routing_key=name) for name in QUEUES]
app.conf.beat_schedule = {
    "sweep the outbox": {
        "task": "intake.outbox.tasks.sweep",
        "schedule": float(settings.OUTBOX_SWEEP_SECONDS),
        # Beat runs even while no worker does: old sweeps must not accumulate before the next one.
        "options": {"queue": "mail", "expires": float(settings.OUTBOX_SWEEP_SECONDS)},
    },
}


@setup_logging.connect
def keep_portal_logging(loglevel: int | None, **_: Any) -> None:
    """Leave the handlers of the settings in place, which Celery would replace; its own lines begin at `--loglevel`."""
    logging.getLogger("celery").setLevel(loglevel or logging.NOTSET)


@celeryd_init.connect
def check_worker_at_start(options: dict[str, Any], **_: Any) -> None:
    """End a worker whose settings are incomplete; lower the priority of one that only inspects uploads.

    A command that only wakes workers is not checked.
    """
    queues = options.get("queues") or QUEUES  # by default a worker takes all queues
    names = queues.split(",") if isinstance(queues, str) else queues
    check_settings_complete(*keys_needed(names))
    lower_priority(min(names, key=lambda name: NICE.get(name, 0)))


@worker_ready.connect
def show_life(sender: Any, **_: Any) -> None:
    """Write signs of life for the queues of this worker."""
    from intake.outbox.heartbeats import WORKERS, beat_beside, named_for  # noqa: PLC0415 -- the apps are ready only now

    beat_beside(*named_for([queue.name for queue in sender.task_consumer.queues], WORKERS))


@task_postrun.connect
def give_back_connection(**_: Any) -> None:
    """Give the connection of a job back to the pool, which checks it before the next one, as after a request."""
    close_old_connections()


@beat_init.connect
def check_beat_at_start(**_: Any) -> None:
    """End a beat whose settings are incomplete."""
    check_settings_complete()
