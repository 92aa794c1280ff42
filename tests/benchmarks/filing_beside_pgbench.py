"""Time filings over HTTP beside pgbench with the same writes: `python -m tests.benchmarks.filing_beside_pgbench`.

One PostgreSQL serves both, in turn. Prints one JSON object: for one client and for eight, the rates of each
repetition.
"""

import argparse
import json
import resource
import signal
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from tests.benchmarks import same_writes
from tests.benchmarks.filing_portal import filing_of, filing_portal, make_crowd, send
from tests.benchmarks.measuring import REPETITIONS
from tests.benchmarks.same_writes import Row, Rows, Written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.devtools.deadline_drill.candidates import ReadyCandidate
    from tests.faults.portal import Portal

CLIENTS = {1: 200, 8: 400}
"""Filings of each repetition, by number of clients."""
PGBENCH_SECONDS = 3
WARM, PROBES = 40, 2
_TABLES = "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public' ORDER BY relname"
_STATEMENTS = """
SELECT sum(calls) FROM pg_stat_statements
WHERE toplevel AND userid = 'intake_app'::regrole AND query !~ '\\mNEW\\.'
"""
"""The expressions of triggers that run at the commit count as statements there: they name the new row."""
_UPDATED = {"submissions_submission": "id = %s", "submissions_draft": "submission_id = %s"}
"""Tables in which a filing updates a row, and how that row is found by the submission's key."""


def main() -> None:
    """Run the portal, and time both."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.filing_beside_pgbench")
    parser.add_argument("--part", type=float, default=1.0, help="of the usual size of a repetition")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    asked = parser.parse_args()
    sizes = {clients: max(clients, int(filings * asked.part)) for clients, filings in CLIENTS.items()}
    with filing_portal(without_workers=True) as portal:
        needed = WARM + PROBES + 20 + asked.repetitions * sum(sizes.values())
        _offer, people = make_crowd(number="EX-P1", count=needed, seed=1)
        waiting = iter(people)
        with psycopg.connect(portal.urls.database_superuser, autocommit=True) as connection:
            found = _measure(portal, connection, waiting, sizes=sizes, asked=asked)
    sys.stdout.write(json.dumps(found) + "\n")


def _measure(
    portal: "Portal",
    connection: "psycopg.Connection[Any]",
    waiting: "Iterator[ReadyCandidate]",
    *,
    sizes: dict[int, int],
    asked: argparse.Namespace,
) -> dict[str, Any]:
    _file(portal, [next(waiting) for _ in range(WARM)], clients=4)
    portal.signal("sweep", signal.SIGSTOP)  # else its statements would count
    written = _what_a_filing_writes(portal, connection, waiting)
    statements = _statements_of_a_filing(portal, connection, [next(waiting) for _ in range(20)])
    portal.signal("sweep", signal.SIGCONT)
    same_writes.make_tables(connection, written)
    settings = {
        name: connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")
    }
    rates: dict[str, list[dict[str, float]]] = {str(clients): [] for clients in sizes}
    runs = count(1)
    with tempfile.TemporaryDirectory(prefix="intake-bench-") as folder:
        script = Path(folder) / "filing.sql"
        script.write_text(same_writes.script_of(connection, written), encoding="utf-8")
        seconds = max(1, int(PGBENCH_SECONDS * asked.part))

        def peer(clients: int) -> float:
            return same_writes.run_pgbench(
                portal.urls.database_superuser,
                script,
                clients=clients,
                seconds=seconds,
                base=next(runs) * 10**8,
            )

        peer(1)  # warms its cache and the tables
        for repetition in range(asked.repetitions):
            for clients, size in sizes.items():
                crowd = [next(waiting) for _ in range(size)]
                before = _processor()
                theirs = peer(clients) if repetition % 2 else None
                found = _file(portal, crowd, clients=clients)
                theirs = peer(clients) if theirs is None else theirs
                found |= {"pgbench": theirs, "pgbench_processor": _processor() - before - found["processor"]}
                rates[str(clients)].append(found)
    return {
        "rates": rates,
        "statements": statements,
        "rows": {one.table: len(one.inserted[0]) if one.inserted else 1 for one in written},
        "settings": {name: value[0] if value else "" for name, value in settings.items()},
    }


def _file(portal: "Portal", people: "list[ReadyCandidate]", *, clients: int) -> dict[str, float]:
    """File as each person, and return the rate and the sender's processor time.

    :raises RuntimeError: if a filing has no receipt.
    """
    traffic = send(portal.port, [filing_of(person) for person in people], clients=clients, see=False)
    return {"filings": traffic.rate, "processor": traffic.processor}


def _what_a_filing_writes(
    portal: "Portal", connection: "psycopg.Connection[Any]", waiting: "Iterator[ReadyCandidate]"
) -> list[Written]:
    """File as two people, alone on the server; return the rows that each wrote, by their transaction's number.

    :raises RuntimeError: if a filing updates a row of a table that is not in `_UPDATED`.
    """
    tables = [row[0] for row in connection.execute(_TABLES).fetchall()]
    probes: list[dict[str, Rows]] = []
    befores: list[dict[str, Row]] = []
    for person in (next(waiting), next(waiting)):
        befores.append(
            {
                table: same_writes.rows_of(connection, table, condition, person.submission)[0]
                for table, condition in _UPDATED.items()
            }
        )
        counts = {table: _count(connection, table) for table in tables}
        (since,) = connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone() or (0,)
        _file(portal, [person], clients=1)
        rows = {
            table: same_writes.rows_of(connection, table, "xmin::text::bigint > %s", since)
            for table in tables
        }
        probes.append(rows)
    written = []
    for table, found in probes[1].items():
        inserted = _count(connection, table) - counts[table]
        if found and table in _UPDATED and not inserted:
            written.append(
                Written(
                    table,
                    before=(befores[1][table], befores[0][table]),
                    after=(found[0], probes[0][table][0]),
                )
            )
        elif found and len(found) == inserted == len(probes[0][table]):
            written.append(Written(table, inserted=(found, probes[0][table])))
        elif found:
            message = (
                f"{table}: {len(found)} rows written, {inserted} inserted: the script has no such update"
            )
            raise RuntimeError(message)
    return written


def _count(connection: "psycopg.Connection[Any]", table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    return int(row[0]) if row else 0


def _statements_of_a_filing(
    portal: "Portal", connection: "psycopg.Connection[Any]", people: "list[ReadyCandidate]"
) -> float:
    """Return the statements of a filing, BEGIN and COMMIT counted, as PostgreSQL counts them."""
    connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    connection.execute("SELECT pg_stat_statements_reset()")
    _file(portal, people, clients=1)
    row = connection.execute(_STATEMENTS).fetchone()
    return float(row[0]) / len(people) if row else 0.0


def _processor() -> float:
    """Return the seconds of processor time of the ended children of this process."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
