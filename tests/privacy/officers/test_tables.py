"""A register as a workbook: each value keeps its type, and text of a person stays text."""

import datetime as dt
import re
from contextlib import closing
from io import BytesIO
from zipfile import ZipFile

import pytest

from intake.privacy.officers.tables import table_response

pytestmark = pytest.mark.django_db  # the end of a response closes old connections


def test_a_value_of_a_workbook_keeps_its_type() -> None:
    instant = dt.datetime(2027, 1, 1, 4, 30, 0, 5, tzinfo=dt.UTC)  # still the year before in Québec
    line = (instant, dt.date(2027, 1, 1), 12, "=1+1", "texte", None)
    with closing(table_response("registre", "xlsx", ["A"] * len(line), [line])) as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="registre.xlsx"'
        book = ZipFile(BytesIO(b"".join(answer)))
    sheet, styles = (book.read(f"xl/{part}.xml").decode() for part in ("worksheets/sheet1", "styles"))
    cells = re.findall(r'<c r="(\w+)" s="(\d)"(?: t="(\w+)")?>(.*?)</c>', sheet)
    shown = {place: (kind, re.sub("<[^>]+>", "", value)) for place, _style, kind, value in cells}
    assert shown["A1"] == ("inlineStr", "A")
    assert [shown.get(f"{column}2") for column in "ABCDEF"] == [
        ("", "46387.97916666666"),
        ("", "46388"),
        ("", "12"),
        ("inlineStr", "=1+1"),
        ("inlineStr", "texte"),
        ("inlineStr", ""),
    ]
    formats = re.findall(r"<xf [^>]*>", styles.partition("<cellXfs")[2].partition("</cellXfs>")[0])
    style = {place: formats[int(number)] for place, number, _kind, _value in cells}
    assert ["quotePrefix" in style[f"{column}2"] for column in "ABCDE"] == [False, False, False, True, False]
    assert re.findall(r'formatCode="([^"]+)"', styles) == ["yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"]
