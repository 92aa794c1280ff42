"""`scripts/restore_drill`: take a backup, restore it on empty servers, and verify what came back.

The database is dumped first and the files are copied after: a file is written before the row that names it commits,
so that every row of the dump finds its file. The restored data has its own folder and servers, and the portal's
commands verify it there. Prints one JSON object; exits with 1 unless all checks pass.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import psycopg.sql

from intake.devtools import embedded

from .postgres import binaries, programs_of_version

_LEFT_OUT = {"embedded", "mail"}
"""Not copied from a `DATA_DIR`: the servers' own files, which the dump replaces, and caught mails."""
_COUNTS = (
    *(
        "submissions_filing",
        "submissions_receipt",
        "dossiers_seal",
        "dossiers_dossier",
        "dossiers_signedreceipt",
    ),
    *("dossiers_remadereceipt", "transparency_leaf", "transparency_node", "transparency_root"),
    *("documents_upload", "journal_entry", "outbox_delivery", "accounts_user"),
)
_PG_DUMP = "pg_dump"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the drill; return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/restore_drill", description=__doc__.split("\n\n")[0])
    storage = os.environ.get("STORAGE_URL", "")
    parser.add_argument(
        "--database",
        metavar="URL",
        default=os.environ.get("DATABASE_OWNER_URL"),
        help="the database's owner; DATABASE_OWNER_URL, or else the embedded one of DATA_DIR",
    )
    parser.add_argument(
        "--files",
        type=Path,
        metavar="DIR",
        default=Path(urlsplit(storage).path) if storage.startswith("file:") else None,
        help="the storage; the folder of STORAGE_URL, or DATA_DIR without --database",
    )
    parser.add_argument("--into", type=Path, metavar="DIR", help="an empty folder to keep what was restored")
    args = parser.parse_args(arguments)
    if (args.database is None) != (args.files is None):
        parser.error("--database and --files go together")
    if args.into is not None:
        try:
            args.into.mkdir(parents=True, exist_ok=True)
            if any(args.into.iterdir()):
                parser.error(f"{args.into} is not empty")
        except OSError as error:
            parser.error(f"{args.into} cannot be used: {error.strerror}")
    kept = nullcontext(str(args.into)) if args.into else None
    with kept or tempfile.TemporaryDirectory(prefix="intake-restored-") as name:
        result = _play(args.database, args.files, Path(name).resolve())
    sys.stdout.write(json.dumps(result) + "\n")
    return 0 if result["holds"] else 1


def _play(database: str | None, files: Path | None, into: Path) -> dict[str, Any]:
    dump, restored, earlier = into / "intake.dump", into / "data", into / "audit.json"
    seconds: dict[str, float] = {}
    if database is None:
        source = embedded.data_dir()
        with embedded.servers(source) as urls:
            before = _back_up(urls.database_owner, dump, seconds)
            _copy(source, restored, seconds)
            earlier.write_text(_manage(source, "verify_audit")[1], encoding="utf-8")
    else:
        _take_programs_of(database)
        before = _back_up(database, dump, seconds)
        _copy(files or Path(), restored / "media", seconds)
    with embedded.servers(restored) as urls:
        began = time.monotonic()
        # As the superuser, who alone may restore the comment of an extension; tables get the role of their owner.
        _run("pg_restore", "--exit-on-error", "--dbname", urls.database_superuser, str(dump))
        seconds["restore"] = round(time.monotonic() - began, 1)
        after = _counts(urls.database_owner)
        since = ["--since", str(earlier)] if earlier.exists() else []
        began = time.monotonic()
        answers = {
            "check_invariants": _manage(restored, "check_invariants", "--files"),
            "verify_audit": _manage(restored, "verify_audit", *since),
            "verify_dossiers": _manage(restored, "verify_dossiers"),
            "verify_log": _manage(restored, "verify_log"),
        }
        seconds["verify"] = round(time.monotonic() - began, 1)
    lost = sorted(table for table, count in before.items() if after[table] < count)
    failed = [name for name, (status, _output) in answers.items() if status]
    return {
        "holds": not lost and not failed,
        "rows": after,
        "lost": lost,
        "failed": failed,
        **{name: json.loads(output) for name, (_status, output) in answers.items() if output.strip()},
        "dump_bytes": dump.stat().st_size,
        "seconds": seconds,
    }


def _take_programs_of(url: str) -> None:
    """Dump and restore by the programs of the server's own version, unless `POSTGRES_BIN` names others."""
    if not os.environ.get("POSTGRES_BIN"):
        with psycopg.connect(url) as connection:
            version = connection.info.server_version // 10_000
        os.environ["POSTGRES_BIN"] = str(programs_of_version(version))
        binaries.cache_clear()


def _back_up(url: str, dump: Path, seconds: dict[str, float]) -> dict[str, int]:
    """Dump a database; return its row counts before the dump: other processes may write during the dump."""
    counts = _counts(url)
    began = time.monotonic()
    _run(_PG_DUMP, "--format=custom", "--file", str(dump), "--dbname", url)
    seconds["dump"] = round(time.monotonic() - began, 1)
    return counts


def _copy(source: Path, to: Path, seconds: dict[str, float]) -> None:
    began = time.monotonic()
    shutil.copytree(
        source,
        to,
        dirs_exist_ok=True,
        ignore=lambda folder, _names: _LEFT_OUT if Path(folder) == source else (),
    )
    seconds["files"] = round(time.monotonic() - began, 1)


def _counts(url: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    with psycopg.connect(url) as connection:
        for table in _COUNTS:
            query = psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(table))
            [(count,)] = connection.execute(query).fetchall()
            counts[table] = int(count)
    return counts


def _run(program: str, *arguments: str) -> None:
    answer = subprocess.run([binaries() / program, *arguments], check=False, stdout=sys.stderr)  # noqa: S603 -- our own command
    if answer.returncode:
        message = f"{program} failed; see the lines above."
        raise embedded.EmbeddedError(message)


def _manage(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run a command of the portal on the data of `folder`; return its exit code and its output."""
    others = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "STORAGE_URL"}
    }
    answer = subprocess.run(  # noqa: S603 -- our own command
        [sys.executable, str(embedded.BASE_DIR / "manage.py"), *arguments],
        env=others | {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": embedded.SETTINGS},
        cwd=embedded.BASE_DIR,
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    return answer.returncode, answer.stdout


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except embedded.EmbeddedError as error:
        sys.exit(f"restore_drill: {error}")
