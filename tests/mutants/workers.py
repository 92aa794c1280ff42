"""Copies of the repository, each with servers, a migrated database and a fork server of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from intake.devtools import embedded
from tests.mutants.changes import Mutant
from tests.mutants.forkserver import FAILED

ROOT = Path(__file__).parents[2]
DATABASE = "test_intake"
MIGRATED = "migrated_for_mutants"
OPTIONS = (
    *(
        "-x",
        "-q",
        "--tb=short",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--reuse-db",
    ),
    *("-m", "not full", "--hypothesis-profile=steady"),
)
_PREPARING = 900
"""Maximum seconds of the first run, which migrates, on a busy machine."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Result of some tests."""

    outcome: str
    failures: list[str] = field(default_factory=list)
    ran: int = 0


def environment_in(tree: Path) -> dict[str, str]:
    """Return the environment of the fork server in a copy of the repository.

    It has no DJANGO_SETTINGS_MODULE: a library would import the settings, and a change of them would reach no job.
    Each job sets it.
    """
    named = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return named | {"PYTHONPATH": str(tree)}


class Worker:
    """One copy of the repository, which tests one mutant at a time."""

    def __init__(self, folder: Path, urls: embedded.Urls) -> None:
        self.tree = folder / "tree"
        self._folder = folder
        self._urls = urls
        self._server: subprocess.Popen[str] | None = None

    def prepare(self) -> None:
        """Copy the repository, create the database, import the libraries."""
        _copy(self.tree)
        self._sql("postgres", ["ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off"])
        self._sql("postgres", ["SELECT pg_reload_conf()"])
        answer = self.run(["tests/journal/test_journal.py"], [], seconds=_PREPARING, fresh=True)
        if answer.outcome == FAILED or not answer.ran:
            message = f"the tests of the journal do not pass without a change: {self.log.read_text()[-2000:]}"
            raise RuntimeError(message)
        self._sql("postgres", [f"ALTER DATABASE {DATABASE} RENAME TO {MIGRATED}"])

    @property
    def log(self) -> Path:
        """Last output of pytest."""
        return self._folder / "log"

    @contextmanager
    def changed(self, mutant: Mutant | None) -> Iterator[bool]:
        """Apply a change for the duration of a block, in a freshly copied database.

        Yields whether it could be applied: SQL that PostgreSQL rejects is no mutant.
        """
        self._sql(
            "postgres",
            [
                f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)",
                f"CREATE DATABASE {DATABASE} TEMPLATE {MIGRATED} STRATEGY file_copy",
            ],
        )
        if mutant is None:
            yield True
        elif mutant.is_sql:
            try:
                self._sql(DATABASE, [mutant.text])
            except psycopg.Error:
                yield False
            else:
                yield True
        else:
            file = self.tree / mutant.path
            source = file.read_text(encoding="utf-8")
            file.write_text(mutant.applied(source), encoding="utf-8")
            try:
                yield True
            finally:
                file.write_text(source, encoding="utf-8")

    def run(
        self,
        files: Sequence[str],
        tests: Sequence[str],
        *,
        seconds: float,
        fresh: bool = False,
        all_of: bool = False,
    ) -> Answer:
        """Run some tests of some files, or all of them if none is named, until one fails or time is up.

        :param fresh: create the database again, for a change that its creation executes.
        :param all_of: continue after a failure.
        """
        if fresh:  # Django would find the copy, and fail instead of migrating
            self._sql("postgres", [f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"])
        options = [*OPTIONS, f"--basetemp={self._folder / 'temp'}", *(["--create-db"] if fresh else [])]
        if all_of:
            options.remove("-x")
        job = {
            "files": list(files),
            "tests": list(tests),
            "options": options,
            "database": "" if fresh else DATABASE,
            "environment": {"TESTS_DATA_DIR": str(self._folder / "data"), "PYTHONDONTWRITEBYTECODE": "1"},
            "seconds": seconds,
            "log": str(self.log),
        }
        server = self._serving()
        assert server.stdin is not None
        assert server.stdout is not None
        print(json.dumps(job), file=server.stdin, flush=True)
        line = server.stdout.readline()
        shutil.rmtree(self._folder / "temp", ignore_errors=True)
        if not line:
            # The change ended the process from which all tests are forked: it counts as a failure.
            self.stop()
            return Answer(FAILED)
        answer = json.loads(line)
        return Answer(answer["outcome"], answer["failures"], answer["ran"])

    def connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        """Return a connection to the migrated database, as superuser, to read its catalogue."""
        return psycopg.connect(self._urls.database_superuser, dbname=MIGRATED, autocommit=True)

    def stop(self) -> None:
        """End the fork server."""
        if self._server is not None and self._server.stdin is not None:
            with suppress(BrokenPipeError):
                self._server.stdin.close()
            self._server.wait()
            self._server = None

    def _serving(self) -> "subprocess.Popen[str]":
        if self._server is None or self._server.poll() is not None:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "tests.mutants.forkserver"],
                cwd=self.tree,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,  # after an interruption, current mutants end
                env=environment_in(self.tree),
            )
            assert self._server.stdout is not None
            self._server.stdout.readline()
        return self._server

    def _sql(self, database: str, statements: Sequence[str]) -> None:
        with psycopg.connect(self._urls.database_superuser, dbname=database, autocommit=True) as connection:
            for statement in statements:
                connection.execute(sql.SQL(statement))


@contextmanager
def worker() -> Iterator[Worker]:
    """Prepare a worker for the duration of a block."""
    with tempfile.TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with embedded.servers(folder / "data") as urls:
            one = Worker(folder, urls)
            try:
                one.prepare()
                yield one
            finally:
                one.stop()


def _copy(tree: Path) -> None:
    """Copy the repository's files and their bytecode; the libraries are shared."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    compiled = [str(path.relative_to(ROOT)) for path in (ROOT / "locale").rglob("*.mo")]
    for path in {*listed, *compiled} - {""}:
        if (ROOT / path).is_file():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, tree / path)
    (tree / "build").mkdir()
    for name in (".venv", "node_modules", "build/bootstrap"):
        (tree / name).symlink_to((ROOT / name).resolve())
    # Some tests ask git for the repository's files.
    subprocess.run(["git", "init", "--quiet"], cwd=tree, check=True)
