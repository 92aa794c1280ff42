"""Environment of a real installation, and a process that reads only this environment."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REGISTER_KEY = "1f0e5d3c2b4a69788796a5b4c3d2e1f090817263544536271809fedcba987654"
SECOND_FACTOR_KEY = "93b1c0d7e58f42a6817e6d5c4b3a29180f1e2d3c4b5a69788796a5b4c3d2e1f0"
JOURNAL_KEY = "c0ffee112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2"
SIGNING_KEY = "5a4b3c2d1e0f99887766554433221100ffeeddccbbaa0123456789abcdef4d2b"
NEEDED = {
    "DJANGO_SETTINGS_MODULE": "intake.settings.production",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ALLOWED_HOSTS": "stages.exemple.invalid",
    "DATABASE_URL": "postgres://intake_app:secret@127.0.0.1:1/intake",  # no server listens there
}
"""Variables that commands and checks require."""
REST = {
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    "CACHE_URL": "redis://127.0.0.1:1/1",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "STORAGE_URL": "file:///nonexistent/media",
    "JOURNAL_KEYS": f"2031:{JOURNAL_KEY}",
    "REGISTER_KEYS": f"2031:{REGISTER_KEY}",
    "SIGNING_KEYS": f"2031:{SIGNING_KEY}",
    "SECOND_FACTOR_KEYS": f"2031:{SECOND_FACTOR_KEY}",
    "DEFAULT_FROM_EMAIL": "Stages OIG <ne-pas-repondre@exemple.ca>",
    "PORTAL_CONTACT_EMAIL": "stages@exemple.ca",
    "PRIVACY_OFFICER_NAME": "Dominique Roy",
    "PRIVACY_OFFICER_EMAIL": "protection@exemple.ca",
    "TRUSTED_PROXY_COUNT": "1",
}
"""Variables that only serving requires."""


def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in the repository with these variables and PATH, HOME and LANG only."""
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, *arguments],
        env=clean | variables,
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
