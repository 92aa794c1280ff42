"""Registers as files: CSV and workbook, in which no text of a person is ever computed as a formula."""

import datetime as dt
from collections.abc import Iterable
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

import xlsxwriter
from django.http import FileResponse

from intake.documents.downloads import safe_response
from intake.review.exports.csv_file import looks_like_formula, write_table
from intake.review.exports.views import MEDIA_TYPES
from intake.web.formats import QUEBEC

if TYPE_CHECKING:
    from django.core.files.base import File

FORMATS: Final = ("csv", "xlsx")
_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_WIDTH: Final = 28  # characters of a column


def table_response(
    name: str, file_format: str, header: Iterable[object], lines: Iterable[Iterable[object]]
) -> FileResponse:
    """Return a table to download as `name` and its suffix; `file_format` is one of `FORMATS`."""
    file = cast("BinaryIO", TemporaryFile())  # noqa: SIM115 -- the response closes it
    if file_format == "csv":
        write_table(file, header, lines)
    else:
        _write_workbook(file, header, lines)
    file.seek(0)
    return safe_response(
        cast("File[bytes]", file), f"{name}.{file_format}", MEDIA_TYPES[file_format], as_attachment=True
    )


def _write_workbook(to: BinaryIO, header: Iterable[object], lines: Iterable[Iterable[object]]) -> None:
    book = xlsxwriter.Workbook(to, _OPTIONS)
    formats: dict[str, Any] = {
        "header": book.add_format({"bold": True, "text_wrap": True}),
        "text": book.add_format({"valign": "top", "text_wrap": True}),
        # The flag of text that was typed as text: the value stays text when a user edits the cell.
        "kept": book.add_format({"valign": "top", "text_wrap": True, "quote_prefix": True}),
        "instant": book.add_format({"valign": "top", "num_format": "yyyy-mm-dd hh:mm:ss"}),
        "day": book.add_format({"valign": "top", "num_format": "yyyy-mm-dd"}),
    }
    sheet = book.add_worksheet()
    columns = [str(title) for title in header]
    sheet.set_column(0, len(columns) - 1, _WIDTH)
    sheet.freeze_panes(1, 0)
    for place, title in enumerate(columns):
        sheet.write_string(0, place, title, formats["header"])
    for line, values in enumerate(lines, start=1):
        for place, value in enumerate(values):
            match value:
                case dt.datetime():
                    local = value.astimezone(QUEBEC).replace(tzinfo=None, microsecond=0)
                    sheet.write_datetime(line, place, local, formats["instant"])
                case dt.date():
                    sheet.write_datetime(line, place, value, formats["day"])
                case int():
                    sheet.write_number(line, place, value, formats["text"])
                case _:
                    text = "" if value is None else str(value)
                    kind = "kept" if looks_like_formula(text) else "text"
                    sheet.write_string(line, place, text, formats[kind])
    book.close()
