"""Settings of the test suite. `tests/conftest.py` starts the servers and sets the connections."""

import tempfile
from pathlib import Path

from . import services
from .base import *  # noqa: F403 -- settings are layered by star imports, as Django's own documentation does

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # of recovery codes: fast
SECRET_KEY = "for-tests-only-" + "0" * 40
REGISTER_KEYS = {"tests": "for-tests-only-" + "1" * 40}
SECOND_FACTOR_KEYS = {"tests": "for-tests-only-" + "3" * 40}
JOURNAL_KEYS = {"tests": "for-tests-only-" + "2" * 40}
SIGNING_KEYS = {"tests": "7e57" * 16}
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
DATA_DIR = Path(tempfile.gettempdir()) / "intake-tests"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "intake",
        "TEST": {"NAME": "test_intake"},
    }
}
CACHES = services.caches("")
CELERY_BROKER_URL = "memory://"
MAILERS = {
    "default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"},
    "codes": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"},
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
ONE_TIME_LINKS = False
SYNTHETIC_PEOPLE = True
