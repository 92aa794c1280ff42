"""A shortlist as CSV (RFC 4180): for programs, and safe to open in a spreadsheet.

UTF-8 with a byte order mark, without which a spreadsheet misreads accents; commas, CRLF; days and instants in ISO 8601,
instants with their offset; a point as decimal separator. The same rows give the same bytes.

A cell that starts with = + - @, a tab or a line break may be computed as a formula when a CSV file is opened (OWASP,
"CSV Injection"). Quoting does not prevent it, and a spreadsheet that separates fields by semicolons starts a new cell
in the middle of one of these cells: each possible start of a cell is checked. An apostrophe is inserted before each
match, so that “-Ève” stays readable; the rest of the text is unchanged.
"""

import csv
import io
import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

from intake.web.formats import QUEBEC

from .columns import COLUMNS, Row

_BLANKS = r'[\s"\u200b\ufeff]*'
"""Characters that a spreadsheet skips, or reads as a text delimiter, before the first significant character."""
_SIGNS = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
"""The four signs, and the full-width forms that East Asian versions accept."""
_START = re.compile(rf"^(?=[\t\r\n]|{_BLANKS}{_SIGNS})|(?<=[;,\t\r\n|])(?={_BLANKS}{_SIGNS})")


def looks_like_formula(text: str) -> bool:
    """True if a spreadsheet could compute `text`, or a part of it that it reads as a separate cell."""
    return _START.search(text) is not None


def neutralise(text: str) -> str:
    """Return `text` with an apostrophe before every start that a spreadsheet could read as a formula."""
    return _START.sub("'", text)


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
