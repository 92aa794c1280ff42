"""Time every list at two sizes, in turn: `python -m tests.benchmarks.lists_at_size [--small N] [--large N]`.

There are two databases on one embedded server: the second is a copy of the first, filled further with the same
people. A table goes to standard error, one JSON array to standard output: for each page its median at both sizes in
milliseconds, the median of the ratios of the pairs, their spread, and the numbers of queries and rows at both sizes.

Both sizes show the same page with the same number of rows. A search that finds 20 people at the small size and fills
its page at the large one would be slower there because it renders more, whatever its queries cost. A page that shows
more rows at one size is therefore timed with only the first rows, as many as at the other size, and `timed` is that
number. Counting, ordering and filtering apply to all rows at both sizes, and the queries are counted on the complete
pages. A page without rows at one size is timed without rows at both.

`--data` keeps the databases in a folder for another run; `--only` measures the pages whose name contains a text.
"""

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from intake.devtools import embedded
from tests.benchmarks.lists_to_fill import copy_once, fill, settle

if TYPE_CHECKING:
    from django.test import Client

REPETITIONS = 9


@dataclass(frozen=True, slots=True)
class Page:
    """A page to time: its address in each of the two databases."""

    name: str
    small: str
    large: str


class Sizes:
    """The two databases, with a staff member signed in to each; Django uses one at a time."""

    def __init__(self) -> None:
        from django.db import connections  # noqa: PLC0415 -- needs Django set up

        self._connections = connections
        self._wrappers: dict[str, Any] = {}
        self.clients: dict[str, Client] = {}

    def add(self, name: str) -> None:
        """Add the database of this name."""
        wrapper = self._connections.create_connection("default")
        wrapper.settings_dict = deepcopy(wrapper.settings_dict)
        wrapper.settings_dict["NAME"] = name
        # An alias has one pool: without a pool, each of the two databases keeps its own connection.
        wrapper.settings_dict["OPTIONS"].pop("pool", None)
        wrapper.settings_dict["CONN_MAX_AGE"] = None
        self._wrappers[name] = wrapper

    def use(self, name: str) -> None:
        """Make this database the one that Django uses."""
        self._connections["default"] = self._wrappers[name]

    def close(self) -> None:
        """Close both connections."""
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
    """Fill the databases if necessary, then measure."""
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
            urls.environment()
            | {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": embedded.SETTINGS}
            | {"DATABASE_OWNER_URL": urls.database_owner}  # which gives the invented staff their role
        )
        embedded.migrate(folder, urls)
        import django  # noqa: PLC0415 -- needs the servers' addresses

        django.setup()
        sizes = Sizes()
        sizes.add("intake")
        sizes.use("intake")
        fill(asked.small)
        copy_once(urls.database_owner)
        sizes.add("intake_large")
        sizes.use("intake_large")
        fill(asked.large)
        for name in ("intake", "intake_large"):
            settle(urls.database_owner, name)
        measured = _measure(sizes, asked.only, asked.repetitions)
        sizes.close()
    sys.stdout.write(json.dumps(measured, ensure_ascii=False) + "\n")


def _measure(sizes: Sizes, only: str, repetitions: int) -> list[dict[str, Any]]:
    from django.test import Client  # noqa: PLC0415 -- needs Django set up

    from intake.accounts.models import User  # noqa: PLC0415 -- needs Django set up
    from tests.benchmarks.lists_to_time import pages_to_time  # noqa: PLC0415 -- needs Django set up
    from tests.factories.people import mark_checked  # noqa: PLC0415 -- needs Django set up

    addresses: dict[str, dict[str, str]] = {}
    for name in ("intake", "intake_large"):
        sizes.use(name)
        client = sizes.clients[name] = Client(SERVER_NAME="127.0.0.1")
        reader = User.objects.filter(is_staff=True).order_by("pk")[0]
        client.force_login(reader)
        session = client.session
        mark_checked(session, reader)
        session.save()
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
    from django.db import connection  # noqa: PLC0415 -- needs Django set up
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- needs Django set up

    from tests.benchmarks.rows_shown import HEADERS, at_most, rows_in  # noqa: PLC0415 -- needs Django set up

    def visit(name: str) -> Callable[[], int]:
        address = page.small if name == "intake" else page.large

        def ask() -> int:
            answer = sizes.clients[name].get(address)
            if answer.status_code != 200:
                message = f"{page.name}: {address} answered {answer.status_code}"
                raise AssertionError(message)
            return rows_in(answer.content)

        return ask

    asks = {name: visit(name) for name in ("intake", "intake_large")}
    queries, rows = [], []
    for name, ask in asks.items():
        sizes.use(name)
        ask()
        counts = []
        for _visit in range(2):  # every ten minutes, one of two notes that the session is in use
            with CaptureQueriesContext(connection) as captured:
                shown = ask()
            counts.append(len(captured))
        rows.append(shown)
        queries.append(min(counts))
    even = nullcontext() if rows[0] == rows[1] else at_most(max(min(rows) - HEADERS, 0))
    with even:
        timed = []
        for name, ask in asks.items():
            sizes.use(name)
            timed.append(ask())
        times = _interleaved(sizes, asks, repetitions)
    ratios = [large / small for small, large in zip(*times.values(), strict=True)]
    found = {
        "name": page.name,
        "ms": [median(times[name]) for name in asks],
        "ratio": median(ratios),
        "spread": [min(ratios), max(ratios)],
        "runs": repetitions,
        "queries": queries,
        "rows": rows,
        "timed": timed,
    }
    said = f"{rows[0]}/{rows[1]}" + (f" timed {timed[0]}/{timed[1]}" if timed != rows else "")
    sys.stderr.write(
        f"{page.name[:60]:60} {found['ms'][0]:9.1f} {found['ms'][1]:9.1f} {found['ratio']:6.2f}"
        f"  {min(ratios):.2f}-{max(ratios):.2f}   {queries[0]}/{queries[1]}   {said}"
        f"{'   OVER' if found['ratio'] > 1.25 else ''}\n"
    )
    sys.stderr.flush()
    return found


def _interleaved(
    sizes: Sizes, asks: dict[str, Callable[[], int]], repetitions: int
) -> dict[str, list[float]]:
    """Return the milliseconds of each visit, the sizes in turn."""
    times: dict[str, list[float]] = {name: [] for name in asks}
    for repetition in range(repetitions):
        for name in list(asks) if repetition % 2 else reversed(list(asks)):
            sizes.use(name)
            gc.collect()
            start = time.perf_counter()
            asks[name]()
            times[name].append(1000 * (time.perf_counter() - start))
    return times


if __name__ == "__main__":
    main()
