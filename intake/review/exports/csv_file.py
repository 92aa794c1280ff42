"""The shortlist as CSV (RFC 4180): for machines first, and safe to open in a spreadsheet.

UTF-8 with its mark, without which a spreadsheet mangles accents; commas, CRLF; days and instants in ISO 8601, the
latter with their offset; a point as decimal sign. The same rows make the same bytes.
"""

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

from intake.web.formats import QUEBEC

from .columns import COLUMNS
from .formulas import neutralise
from .rows import Row


def cell(value: object) -> str:
    """Return how one value is written: text neutralised, everything else in its ISO form."""
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(QUEBEC).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case int() | Decimal():
            return str(value)
        case _:
            return neutralise(str(value))


def write_table(to: BinaryIO, header: Iterable[object], lines: Iterable[Iterable[object]]) -> int:
    """Write a header and lines of values as CSV; return how many lines followed the header."""
    text = io.TextIOWrapper(to, encoding="utf-8-sig", newline="")
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([cell(value) for value in header])
        written = 0
        for line in lines:
            writer.writerow([cell(value) for value in line])
            written += 1
    finally:
        # Writes what waits. The caller's file stays open: a TextIOWrapper would close it when collected.
        text.detach()
    return written


def write_csv(to: BinaryIO, rows: Iterable[Row]) -> int:
    """Write `rows` under the columns' headers in the active language; return how many there were."""
    lines = ([getattr(row, column.id) for column in COLUMNS] for row in rows)
    return write_table(to, [column.header for column in COLUMNS], lines)
