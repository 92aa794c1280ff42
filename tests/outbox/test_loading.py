"""A web process has imported what publishing needs before the first filing, and has connected to nothing."""

import os
import subprocess
import sys

from django.conf import settings

_ASKED = """
import sys
import intake.wsgi
before = set(sys.modules)
from intake.outbox.wake import wake
assert not wake(delivery_id=1, queue="mail"), "nobody listens there"
late = sorted(name for name in set(sys.modules) - before if name.split(".")[0] in {"celery", "kombu", "redis"})
print(" ".join(late) or "nothing")
"""


def test_a_first_wake_imports_no_module_of_celery() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ASKED],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "intake.settings.embedded",
            "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["nothing"]
