"""Settings of the tests' worker: the test settings, with the servers from the environment."""

import json
import os

from intake.settings import services
from intake.settings.test import *  # noqa: F403 -- settings are layered by star imports
from intake.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.outbox.worker"]
DATABASES = {
    "default": json.loads(os.environ["E2E_DATABASE"]) | {"OPTIONS": {"pool": services.POOL}},
}
CELERY_BROKER_URL = os.environ["E2E_BROKER"]
MAILERS = {"default": services.mailer(os.environ["E2E_SMTP"])}
OUTBOX_SWEEP_SECONDS = 1
OUTBOX_LIMITS = {"mail": (8, 9), "receipts": (3, 4), "documents": (3, 4), "exports": (60, 61)}
