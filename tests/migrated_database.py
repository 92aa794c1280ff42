"""Embedded servers with a migrated database, created once and copied for each worker and each portal.

Migrating takes four seconds of a core, copying the result a tenth of a second. The copied folder stays in `build/`
between runs, as long as the files that determine its content do not change.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from intake.devtools.embedded import BASE_DIR, _migrations_digest, postgres
from intake.devtools.embedded.places import locked

KEPT = BASE_DIR / "build" / "migrated"
DATABASE = "intake"
"""The migrated database, template of the tests' own."""


def copy_migrated_database(data_dir: Path) -> Path:
    """Copy servers with a migrated database to `data_dir`, which has none yet; return it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with locked(KEPT / "lock"):
        kept = KEPT / _digest()
        if not kept.exists():
            for old in KEPT.glob("*/"):
                shutil.rmtree(old)
            new = KEPT / "new"
            _make(new)
            new.rename(kept)
        data_dir.mkdir(parents=True, exist_ok=True)
        # Keep the owner: started by root, PostgreSQL runs as another user.
        subprocess.run(["cp", "-a", str(kept / "embedded"), str(data_dir)], check=True)
    return data_dir


def _make(data_dir: Path) -> None:
    """Start servers, migrate and stop them, as `manage.py` does in a new clone."""
    own = ("DJANGO_", "DATABASE_", "CELERY_", "CACHE_", "COV_", "COVERAGE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "--no-imports", "-c", "pass"],
        cwd=BASE_DIR,
        env=kept | {"DATA_DIR": str(data_dir)},
        check=True,
        stderr=subprocess.DEVNULL,
    )


def _digest() -> str:
    """Return a digest of what determines a migrated database: migrations, roles and permissions."""
    digest = hashlib.sha256(_migrations_digest().encode())
    programs = postgres.binaries()
    digest.update(f"{programs} {postgres.major_version(programs)}".encode())
    sources = [
        BASE_DIR / "intake" / "devtools" / "embedded" / "roles.sql",
        BASE_DIR / "intake" / "accounts" / "roles.py",
    ]
    for path in sorted([*sources, *BASE_DIR.glob("intake/*/apps.py"), *BASE_DIR.glob("offers/apps.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
