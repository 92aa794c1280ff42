"""An archive: a dump, the files and keys of a small installation, and what its verifiers answered.

`python -m tests.archives NAME` keeps one of this version in `kept/NAME`, at each release.
"""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

from intake.devtools import embedded
from intake.devtools.embedded.postgres import binaries
from scripts import compare_schemas

KEPT: Final = Path(__file__).with_name("kept")
DUMP: Final = "intake.dump"
MIGRATIONS: Final = "migrations.txt"
"""The released ones, which `scripts/lint_migrations.py` does not check again."""
_INSTALLATION: Final = "installation.tar.xz"
_ANSWERS: Final = "answers.json"
_NO_DATABASE: Final = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
_MADE: Final = "from tests.archives.world import make; make()"
_LEFT_OUT: Final = ("embedded", "mail", "security.log", "metrics.log")


def answers(data: Path) -> dict[str, Any]:
    """Ask every verifier about the installation whose servers run on `data`; return status and output of each."""
    given, listed = data / "given", data / "list.csv"
    offer = json.loads((given / "offer.json").read_text())
    export = [
        "export_shortlist",
        *f"--offer {offer} --list 1 --format csv --reason Essai --out {listed}".split(),
    ]
    of_the_database = {
        "audit": ["verify_audit"],
        "dossiers": ["verify_dossiers"],
        "log": ["verify_log"],
        "invariants": ["check_invariants", "--files"],
        "list": export,
    }
    of_a_receipt = {
        file: ["verify_receipt", str(given / file), "--keys", str(given / "cles.json")]
        for file in ("receipt.pdf", "receipt.json")
    }
    said = _ask(data, of_the_database) | _ask(data, of_a_receipt, **_NO_DATABASE)
    return said | {"frozen list": hashlib.sha256(listed.read_bytes()).hexdigest()}


def _ask(data: Path, commands: dict[str, list[str]], **environment: str) -> dict[str, Any]:
    """Run commands in one process on the installation of `data`."""
    code = f"from tests.archives.asking import ask; ask({json.dumps(commands)})"
    answer = manage(data, "shell", "-v", "0", "-c", code, **environment)
    answer.check_returncode()
    return dict(json.loads(answer.stdout.splitlines()[-1]))


def keep(name: str, room: Path) -> Path:
    """Make an installation in `room`, and keep it as archive `name`; return its folder.

    :raises FileExistsError: if there is such an archive: it never changes.
    """
    kept, data = KEPT / name, room / "data"
    kept.mkdir(parents=True)
    with embedded.servers(data) as urls:
        manage(data, "shell", "-v", "0", "-c", _MADE).check_returncode()
        dump = ["--format=custom", "--compress=0", "--file", str(data / DUMP)]
        subprocess.run([binaries() / "pg_dump", *dump, urls.database_owner], check=True)
        with psycopg.connect(urls.database_owner) as connection:
            applied = connection.execute(
                "SELECT app, name FROM django_migrations ORDER BY app, name"
            ).fetchall()
        (kept / MIGRATIONS).write_text("".join(f"{app} {name}\n" for app, name in applied))
        with tarfile.open(kept / _INSTALLATION, "w:xz") as archive:
            for each in sorted(data.iterdir()):
                if each.name not in _LEFT_OUT:
                    archive.add(each, each.name)
        (kept / _ANSWERS).write_text(json.dumps(answers(data), indent=1, sort_keys=True) + "\n")
    return kept


@dataclass(frozen=True)
class Restored:
    """An archive on servers of its own, migrated to this version."""

    answers: dict[str, Any]
    """What it answered when it was kept."""
    schema: list[str]
    """Its database before it was migrated."""
    created_anew: list[str]
    """The database that the migrations which it had create now."""


@contextmanager
def restored(kept: Path, data: Path) -> Iterator[Restored]:
    """Restore an archive in `data` and migrate it to this version."""
    with tarfile.open(kept / _INSTALLATION) as archive:
        archive.extractall(data, filter="data")
    with embedded.servers(data) as urls:
        restore = ["--exit-on-error", "--dbname", urls.database_superuser, str(data / DUMP)]
        subprocess.run([binaries() / "pg_restore", *restore], check=True)
        schema = compare_schemas.schema(urls.database_superuser)
        created_anew = _created_anew(data, urls)
        manage(data, "migrate", "-v", "0").check_returncode()
        yield Restored(json.loads((kept / _ANSWERS).read_text()), schema, created_anew)


def _created_anew(data: Path, urls: embedded.Urls) -> list[str]:
    """Return the schema that the migrations of the restored database create from nothing."""
    server, owner = (url.removesuffix("intake") for url in (urls.database_superuser, urls.database_owner))
    with psycopg.connect(f"{server}postgres", autocommit=True) as connection:
        for name in ("created", "created_and_restored"):
            connection.execute(f"CREATE DATABASE {name} OWNER intake_owner TEMPLATE template1")
    with psycopg.connect(urls.database_superuser) as connection:
        applied = connection.execute("SELECT app, max(name) FROM django_migrations GROUP BY app").fetchall()
    code = f"from tests.archives.asking import migrate_to; migrate_to({json.dumps(applied)})"
    manage(data, "shell", "-v", "0", "-c", code, DATABASE_URL=f"{owner}created").check_returncode()
    # A restored database writes some conditions in another way than a migrated one.
    dump = ["--format=custom", "--schema-only", "--file", str(data / "created.dump")]
    subprocess.run([binaries() / "pg_dump", *dump, f"{server}created"], check=True)
    restore = ["--dbname", f"{server}created_and_restored", str(data / "created.dump")]
    subprocess.run([binaries() / "pg_restore", *restore], check=True)
    return compare_schemas.schema(f"{server}created_and_restored")


def manage(data: Path, *command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of the portal on the installation of `data`."""
    others = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DATABASE", "DJANGO", "STORAGE", "COV"))
    }
    return subprocess.run(
        [sys.executable, str(embedded.BASE_DIR / "manage.py"), *command],
        env=others | {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": embedded.SETTINGS} | environment,
        cwd=embedded.BASE_DIR,
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
