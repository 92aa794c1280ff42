"""A shortlist as CSV (RFC 4180): for programs, and safe to open in a spreadsheet.

UTF-8 with a byte order mark, without which a spreadsheet misreads accents; commas, CRLF; days and instants in ISO 8601,
instants with their offset; a point as decimal separator. The same rows give the same bytes.
"""

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

from intake.web.formats import QUEBEC

from .columns import COLUMNS, Row
from .formulas import neutralise


def cell(value: object) -> str:
    """Return the CSV text of one value: text neutralised, everything else in its ISO form."""
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
    """Write a header and lines of values as CSV. Return the number of lines after the header."""
    text = io.TextIOWrapper(to, encoding="utf-8-sig", newline="")
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([cell(value) for value in header])
        written = 0
        for line in lines:
            writer.writerow([cell(value) for value in line])
            written += 1
    finally:
        # Flush, and keep the caller's file open: a TextIOWrapper closes its file when it is collected.
        text.detach()
    return written


def write_csv(to: BinaryIO, rows: Iterable[Row]) -> int:
    """Write `rows` under the columns' headers in the active language. Return the number of rows."""
    lines = ([row[column.id] for column in COLUMNS] for row in rows)
    return write_table(to, [column.header for column in COLUMNS], lines)
