"""Time the export of a long shortlist beside COPY, XlsxWriter and cat: `python -m tests.benchmarks.exports_at_size`.

The whole portal runs: the list is ordered over HTTP, written by the worker and downloaded; then the same functions
are timed in this process, in turn with what they are compared with. Prints one JSON object.
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import ZipFile

from tests.benchmarks.filing_portal import filing_portal
from tests.benchmarks.measuring import interleaved

if TYPE_CHECKING:
    from intake.accounts.models import User
    from offers.models import Offer
    from tests.faults.portal import Portal

REASON = "Mesure"
_CHUNK = 1 << 20
_READY_SECONDS = 300


def main() -> None:
    """Run the portal, fill it, and time the exports."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.exports_at_size")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--dossiers", type=int, default=1_000)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--growth", nargs=3, metavar=("FORMAT", "SMALL", "LARGE"))
    asked = parser.parse_args()
    if asked.growth:
        sys.stdout.write(json.dumps(_growth(*asked.growth)) + "\n")
        return
    with filing_portal() as portal:
        from tests.benchmarks import lists_to_export as lists  # noqa: PLC0415 -- needs the portal's settings

        long = lists.make_list(number="EX-P8", count=asked.rows, seed=8)
        short = lists.make_list(number="EX-P10", count=asked.dossiers, seed=10)
        paths = lists.give_dossiers(short)
        lists.make_flat(long, superuser=portal.urls.database_superuser)
        staff = lists.exporter()
        found: dict[str, Any] = {"rows": asked.rows, "columns": _columns(), "dossiers": asked.dossiers}
        found["growth"] = {
            "csv": _growth_alone("csv", short, long),
            "xlsx": _growth_alone("xlsx", short, long),
            "zip": _growth_alone("zip", short, short),
        }
        found["download"] = [_download(portal, staff, long) for _each in range(asked.repetitions)]
        found["times"] = _time_tables(long, staff, asked.repetitions) | _time_archive(
            short, staff, paths, asked.repetitions
        )
    sys.stdout.write(json.dumps(found) + "\n")


def _columns() -> int:
    from intake.review.exports.columns import COLUMNS  # noqa: PLC0415 -- needs the portal's settings

    return len(COLUMNS)


def export(offer: "Offer", file_format: str, to: BinaryIO, *, staff: "User") -> None:
    """Export the offer's list as a request does, with permissions, journal and digest."""
    from intake.review.exports.operations import export_shortlist  # noqa: PLC0415 -- needs the portal's settings

    export_shortlist(offer=offer, file_format=file_format, to=to, actor=staff, reason=REASON)


def _time_tables(offer: "Offer", staff: "User", repetitions: int) -> dict[str, list[float]]:
    from tests.benchmarks import lists_to_export as lists  # noqa: PLC0415 -- needs the portal's settings
    from tests.benchmarks.bare_workbooks import write_openpyxl, write_xlsxwriter  # noqa: PLC0415 -- with the others

    query, flat = lists.copied_rows(offer), f"SELECT * FROM {lists.FLAT}"  # noqa: S608 -- our own table
    contenders: dict[str, Callable[[], object]] = {
        "csv": lambda: _to_file(lambda to: export(offer, "csv", to, staff=staff)),
        "copy": lambda: _to_file(lambda to: _copy(query, to)),
        "copy of a table": lambda: _to_file(lambda to: _copy(flat, to)),
        "xlsx": lambda: _to_file(lambda to: export(offer, "xlsx", to, staff=staff)),
        "xlsxwriter": lambda: _to_file(lambda to: write_xlsxwriter(to, lists.FLAT)),
        "xlsxwriter of the rows": lambda: _to_file(lambda to: write_xlsxwriter(to, f"({query}) AS cells")),
        "openpyxl": lambda: _to_file(lambda to: write_openpyxl(to, lists.FLAT)),
    }
    return interleaved(contenders, repetitions=repetitions, clock=time.perf_counter)


def _time_archive(
    offer: "Offer", staff: "User", paths: list[str], repetitions: int
) -> dict[str, list[float]]:
    def cat(to: BinaryIO) -> None:
        for first in range(0, len(paths), 500):
            subprocess.run(["cat", *paths[first : first + 500]], stdout=to, check=True)

    def pack(to: BinaryIO) -> None:
        with ZipFile(to, "w") as archive:
            for path in paths:
                archive.writestr(Path(path).name, Path(path).read_bytes())

    contenders: dict[str, Callable[[], object]] = {
        "zip": lambda: _to_file(lambda to: export(offer, "zip", to, staff=staff)),
        "cat": lambda: _to_file(cat),
        "zipfile": lambda: _to_file(pack),
    }
    return interleaved(contenders, repetitions=repetitions, clock=time.perf_counter)


def _to_file(write: Callable[[BinaryIO], object]) -> None:
    with tempfile.TemporaryFile() as file:
        write(file)


def _copy(query: str, to: BinaryIO) -> int:
    """Copy the rows of a query to a file as CSV; return the bytes."""
    from django.db import connection  # noqa: PLC0415 -- needs the portal's settings

    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)") as copy,
    ):
        to.writelines(copy)
    return to.tell()


def _download(portal: "Portal", staff: "User", offer: "Offer") -> dict[str, float]:
    """Order the CSV over HTTP, wait for its file, and download it; return the seconds of each step."""
    from django.conf import settings  # noqa: PLC0415 -- needs the portal's settings
    from django.urls import reverse  # noqa: PLC0415 -- with the others

    from intake.review.models import ExportOrder  # noqa: PLC0415 -- with the others
    from tests.factories.people import client_of  # noqa: PLC0415 -- with the others

    session = client_of(staff).cookies[settings.SESSION_COOKIE_NAME].value
    token = "a" * 32
    headers = {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}",
        "X-CSRFToken": token,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=60)
    began = time.perf_counter()
    connection.request(
        "POST",
        reverse("review:export_shortlist", args=[offer.number, "csv"]),
        f"reason={REASON}&language=fr",
        headers,
    )
    answer = connection.getresponse()
    answer.read()
    ordered = time.perf_counter() - began
    found = re.search(r"/fichiers/([0-9a-f-]{36})/", answer.headers.get("Location", ""))
    if found is None:  # a list short enough to be the answer itself
        return {"ordered": ordered, "ready": ordered, "first_byte": ordered, "all": ordered}
    while (
        ExportOrder.objects.values_list("state", flat=True).get(public_id=found[1]) == ExportOrder.State.OPEN
    ):
        if time.perf_counter() - began > _READY_SECONDS:
            message = "the worker did not write the file"
            raise RuntimeError(message)
        time.sleep(0.05)
    ready = time.perf_counter() - began
    connection.close()  # the server does not keep it as long as the worker writes
    began = time.perf_counter()
    connection.request("GET", reverse("review:export_file", args=[found[1]]), headers=headers)
    answer = connection.getresponse()
    if answer.status != http.HTTPStatus.OK:
        message = f"the file was answered {answer.status}"
        raise RuntimeError(message)
    answer.read(1)
    first = time.perf_counter() - began
    while answer.read(_CHUNK):
        pass
    return {"ordered": ordered, "ready": ready, "first_byte": first, "all": time.perf_counter() - began}


def _growth_alone(file_format: str, small: "Offer", large: "Offer") -> float:
    """Return the growth of a new process's memory by an export, in MiB, after one of a short list."""
    command = [sys.executable, "-m", "tests.benchmarks.exports_at_size", "--growth", file_format]
    answer = subprocess.run(
        [*command, str(small.number), str(large.number)], stdout=subprocess.PIPE, check=True, text=True
    )
    return float(answer.stdout.splitlines()[-1])


def _growth(file_format: str, small: str, large: str) -> float:
    """Export both lists; return by how many MiB the peak of the second exceeds the memory before it.

    The first loads what any export needs: as CSV before an archive, else in the same format.
    """
    import django  # noqa: PLC0415 -- only this process is set up here

    django.setup()
    from offers.models import Offer  # noqa: PLC0415 -- needs the settings
    from tests.factories.people import make_staff  # noqa: PLC0415 -- with the others

    staff = make_staff(email=f"mesure-{os.getpid()}@exemple.invalid")
    warm = "csv" if file_format == "zip" else file_format
    _to_file(lambda to: export(Offer.objects.get(number=small), warm, to, staff=staff))
    Path(f"/proc/{os.getpid()}/clear_refs").write_text("5", encoding="ascii")  # the peak begins again
    before = _memory("VmRSS")
    _to_file(lambda to: export(Offer.objects.get(number=large), file_format, to, staff=staff))
    return (_memory("VmHWM") - before) / 1024


def _memory(name: str) -> int:
    """Return a line of this process's state, in KiB."""
    state = Path(f"/proc/{os.getpid()}/status").read_text(encoding="utf-8")
    found = re.search(rf"{name}:\s+(\d+) kB", state)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    main()
