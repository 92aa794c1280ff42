"""The same cells as a workbook, by XlsxWriter and by openpyxl alone: no format, no filter, no second sheet."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO

import openpyxl
import xlsxwriter
from django.db import connection


def _rows(table: str) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 -- our own table
        yield tuple(column.name for column in cursor.description)
        while some := cursor.fetchmany(500):
            yield from some


def write_xlsxwriter(to: BinaryIO, table: str) -> None:
    """Write a table's rows in constant memory."""
    book = xlsxwriter.Workbook(to, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    instants = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for line, row in enumerate(_rows(table)):
        for place, value in enumerate(row):
            match value:
                case None | "":
                    pass
                case datetime():
                    sheet.write_datetime(line, place, value.replace(tzinfo=None), instants)
                case int() | Decimal():
                    sheet.write_number(line, place, float(value))
                case _:
                    sheet.write_string(line, place, str(value))
    book.close()


def write_openpyxl(to: BinaryIO, table: str) -> None:
    """Write a table's rows in openpyxl's write-only mode."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in _rows(table):
        sheet.append([value.replace(tzinfo=None) if isinstance(value, datetime) else value for value in row])
    book.save(to)
