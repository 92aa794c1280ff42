"""Time every list at two sizes, in turn: `python -m tests.benchmarks.lists_at_size [--small N] [--large N]`.

Two databases on one embedded server: the second is a copy of the first, filled further with the same people. A table
goes to standard error, one JSON array to standard output: for each page its median at both sizes in milliseconds,
the median of the ratios of the pairs, their spread, and how many queries it asks and rows it shows at both sizes.
`--data` keeps the databases in a folder, for another run; `--only` measures the pages whose name holds a text.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import psycopg

from intake import embedded

if TYPE_CHECKING:
    from django.test import Client

REPETITIONS = 9
SEED = 3
_DELIVERIES = """
INSERT INTO outbox_delivery (public_id, kind, key, subject_kind, subject_id, due_at, state, attempts, last_error,
                             created_at, done_at)
SELECT gen_random_uuid(), 'receipt_mail', number, 'submissions.receipt', id::text, now(), 'DONE', 1, '',
       now() + id * interval '1 ms', now()
FROM submissions_receipt WHERE NOT EXISTS (SELECT FROM outbox_delivery d WHERE d.key = number);
INSERT INTO outbox_message (delivery_id, message_id, to_address, subject, text, html, created_at, sent_at)
SELECT d.id, d.public_id::text, 'personne-' || d.id || '@exemple.invalid', 'Candidature ' || d.key, 'Texte', '',
       now(), now()
FROM outbox_delivery d WHERE NOT EXISTS (SELECT FROM outbox_message m WHERE m.delivery_id = d.id);
"""
"""A receipt's mail for each filing, sent: bulk loading posts none."""
_MARKS = """
INSERT INTO review_assessment (submission_id, reviewer_id, filing_id, mark, note, version, saved_at,
                               submitted_at, score, first_score)
SELECT id, %(reviewer)s, standing_filing_id, id %% 6, '', 1, now(), now(), id %% 6, id %% 6
FROM submissions_submission
WHERE standing_filing_id IS NOT NULL AND NOT EXISTS (SELECT FROM review_assessment) ORDER BY id LIMIT 300
"""
"""The staff member's mark on the same candidatures at both sizes: what one person reads does not grow."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page to time: its address in each of the two databases."""

    name: str
    small: str
    large: str


class Sizes:
    """The two databases, one of which is Django's at a time, with a staff member signed in to each."""

    def __init__(self) -> None:
        from django.db import connections  # noqa: PLC0415 -- Django is set up by now

        self._connections = connections
        self._wrappers: dict[str, Any] = {}
        self.clients: dict[str, Client] = {}

    def add(self, name: str) -> None:
        """Know the database of this name."""
        wrapper = self._connections.create_connection("default")
        wrapper.settings_dict = deepcopy(wrapper.settings_dict)
        wrapper.settings_dict["NAME"] = name
        # One alias has one pool: without it, each of the two keeps its own connection.
        wrapper.settings_dict["OPTIONS"].pop("pool", None)
        wrapper.settings_dict["CONN_MAX_AGE"] = None
        self._wrappers[name] = wrapper

    def use(self, name: str) -> None:
        """Let Django talk to this database."""
        self._connections["default"] = self._wrappers[name]

    def close(self) -> None:
        """Leave both."""
        for wrapper in self._wrappers.values():
            wrapper.close()


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
    else:
        with tempfile.TemporaryDirectory(prefix="intake-lists-") as folder:
            yield Path(folder)


def main() -> None:
    """Fill what is missing, then measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--small", type=int, default=1_150, help="people of the small database, drafts included"
    )
    parser.add_argument("--large", type=int, default=115_000, help="people of the large one")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    asked = parser.parse_args()
    with _folder(asked.data) as folder, embedded.servers(folder) as urls:
        os.environ.update(
            urls.environment() | {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": embedded.SETTINGS}
        )
        embedded.migrate(folder, urls)
        import django  # noqa: PLC0415 -- the servers' addresses are known now

        django.setup()
        sizes = Sizes()
        sizes.add("intake")
        sizes.use("intake")
        _fill(asked.small)
        _copy_once(urls.database_owner)
        sizes.add("intake_large")
        sizes.use("intake_large")
        _fill(asked.large)
        for name in ("intake", "intake_large"):
            _settle(urls.database_owner, name)
        measured = _measure(sizes, asked.only, asked.repetitions)
        sizes.close()
    sys.stdout.write(json.dumps(measured, ensure_ascii=False) + "\n")


def _fill(people: int) -> None:
    from django.core.management import call_command  # noqa: PLC0415 -- Django is set up by now
    from django.utils import timezone  # noqa: PLC0415 -- same

    from offers.demonstration import load_demonstration  # noqa: PLC0415 -- same

    offer = load_demonstration(at=timezone.now())[-1]
    with redirect_stdout(sys.stderr):
        call_command(
            "generate_submissions",
            *("--offer", str(offer.number), "--count", str(people), "--seed", str(SEED), "--through", "bulk"),
        )


def _copy_once(owner: str) -> None:
    from django.db import connection  # noqa: PLC0415 -- Django is set up by now

    connection.close()
    with psycopg.connect(owner, dbname="postgres", autocommit=True) as maintenance:
        known = maintenance.execute("SELECT FROM pg_database WHERE datname = 'intake_large'").fetchone()
        if known is None:
            maintenance.execute("CREATE DATABASE intake_large TEMPLATE intake")
    # One that was kept has had the migrations of its day.
    address = owner.removesuffix("/intake") + "/intake_large"
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--no-input"],
        env=os.environ | {"DATABASE_URL": address},
        check=True,
    )


def _settle(owner: str, name: str) -> None:
    """Add what bulk loading leaves out, and do what the server's own housekeeping does in time."""
    with psycopg.connect(owner, dbname=name, autocommit=True) as connection:
        connection.execute(_DELIVERIES)
        row = connection.execute("SELECT id FROM accounts_user WHERE is_staff ORDER BY id LIMIT 1").fetchone()
        if row is not None:
            connection.execute(_MARKS, {"reviewer": row[0]})
            connection.execute(
                "INSERT INTO review_committeemember (offer_id, reviewer_id)"
                " SELECT DISTINCT offer_id, %s::bigint FROM submissions_submission ON CONFLICT DO NOTHING",
                row,
            )
        connection.execute("VACUUM ANALYZE")


def _measure(sizes: Sizes, only: str, repetitions: int) -> list[dict[str, Any]]:
    from django.test import Client  # noqa: PLC0415 -- Django is set up by now

    from intake.accounts.models import User  # noqa: PLC0415 -- same
    from tests.benchmarks.lists_to_time import pages_to_time  # noqa: PLC0415 -- same

    addresses: dict[str, dict[str, str]] = {}
    for name in ("intake", "intake_large"):
        sizes.use(name)
        client = sizes.clients[name] = Client(SERVER_NAME="127.0.0.1")
        client.force_login(User.objects.filter(is_staff=True).order_by("pk")[0])
        addresses[name] = pages_to_time()
    pages = [
        Page(label, small, addresses["intake_large"][label])
        for label, small in addresses["intake"].items()
        if label in addresses["intake_large"] and only in label
    ]
    sys.stderr.write(
        f"{'page':60} {'small ms':>9} {'large ms':>9} {'ratio':>6}  spread       queries  rows\n"
    )
    return [_time(sizes, page, repetitions) for page in pages]


def _time(sizes: Sizes, page: Page, repetitions: int) -> dict[str, Any]:
    from django.db import connection  # noqa: PLC0415 -- Django is set up by now
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- same

    def visit(name: str) -> Callable[[], int]:
        address = page.small if name == "intake" else page.large

        def ask() -> int:
            answer = sizes.clients[name].get(address)
            if answer.status_code != 200:
                message = f"{page.name}: {address} answered {answer.status_code}"
                raise AssertionError(message)
            return answer.content.count(b"<tr")

        return ask

    asks = {name: visit(name) for name in ("intake", "intake_large")}
    queries, rows = [], []
    for name, ask in asks.items():
        sizes.use(name)
        ask()
        with CaptureQueriesContext(connection) as captured:
            rows.append(ask())
        queries.append(len(captured))
    times: dict[str, list[float]] = {name: [] for name in asks}
    for repetition in range(repetitions):
        for name in list(asks) if repetition % 2 else reversed(list(asks)):
            sizes.use(name)
            gc.collect()
            start = time.perf_counter()
            asks[name]()
            times[name].append(1000 * (time.perf_counter() - start))
    ratios = [large / small for small, large in zip(*times.values(), strict=True)]
    found = {
        "name": page.name,
        "ms": [median(times[name]) for name in asks],
        "ratio": median(ratios),
        "spread": [min(ratios), max(ratios)],
        "runs": repetitions,
        "queries": queries,
        "rows": rows,
    }
    sys.stderr.write(
        f"{page.name[:60]:60} {found['ms'][0]:9.1f} {found['ms'][1]:9.1f} {found['ratio']:6.2f}"
        f"  {min(ratios):.2f}-{max(ratios):.2f}   {queries[0]}/{queries[1]}   {rows[0]}/{rows[1]}"
        f"{'   OVER' if found['ratio'] > 1.25 else ''}\n"
    )
    sys.stderr.flush()
    return found


if __name__ == "__main__":
    main()
