"""A shortlist as a workbook: typed days and numbers, a frozen header with filters, and a sheet that explains it.

Text is always written as text: never as a formula or a link, whatever it starts with. Memory does not grow with the
number of rows.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from intake.review.models import Shortlist
from intake.web.formats import QUEBEC
from offers.models import Offer, Programme

from .columns import COLUMNS, SCHEMA, Column, Kind, Row, frozen_list_facts
from .csv_file import looks_like_formula

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_BLUE, _WHITE, _PALE = "#095797", "#FFFFFF", "#DAE6F0"
_NUMBER_FORMATS = {
    Kind.DAY: "yyyy-mm-dd",
    Kind.INSTANT: "yyyy-mm-dd hh:mm:ss",
    Kind.COUNT: "0",
    Kind.MEAN: "0.00",
}


class _Styles:
    """The formats of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.header = book.add_format(
            {
                "bold": True,
                "font_color": _WHITE,
                "bg_color": _BLUE,
                "text_wrap": True,
                "valign": "vcenter",
                "bottom": 1,
                "bottom_color": _PALE,
            }
        )
        self.title = book.add_format({"bold": True, "font_size": 14, "font_color": _BLUE})
        self.text = book.add_format({"valign": "top", "text_wrap": True})
        # The flag of text that was typed as text: the value stays text when a user edits the cell.
        self.kept_as_text = book.add_format({"valign": "top", "text_wrap": True, "quote_prefix": True})
        self.by_kind = {
            kind: book.add_format({"valign": "top", "num_format": number_format})
            for kind, number_format in _NUMBER_FORMATS.items()
        }

    def of_text(self, text: str) -> Format:
        """Return the format of a text cell."""
        return self.kept_as_text if looks_like_formula(text) else self.text


def write_xlsx(to: BinaryIO, rows: Iterable[Row], *, offer: Offer, shortlist: Shortlist | None = None) -> int:
    """Write `rows` as the workbook of the current list, or of the frozen `shortlist`. Return the number of rows."""
    made_at = shortlist.frozen_at if shortlist is not None else offer.closes_at
    book = xlsxwriter.Workbook(to, _OPTIONS)
    # Not the instant of writing, which would change the bytes of an unchanged list; the journal contains it.
    book.set_properties(
        {
            "title": _("Liste de présélection — offre %(number)s") % {"number": offer.number},
            "created": made_at.astimezone(QUEBEC).replace(tzinfo=None),
        }
    )
    styles = _Styles(book)
    sheet = book.add_worksheet(_("Liste de présélection"))
    written = _write_list(sheet, styles, rows, number=offer.number or "")
    _write_about(book.add_worksheet(_("À propos")), styles, offer=offer, shortlist=shortlist, written=written)
    book.close()
    return written


def _write_list(sheet: Worksheet, styles: _Styles, rows: Iterable[Row], *, number: str) -> int:
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width)
    sheet.set_row(0, 32)
    for place, column in enumerate(COLUMNS):
        sheet.write_string(0, place, str(column.header), styles.header)
    sheet.freeze_panes(1, 2)
    written = 0
    for written, row in enumerate(rows, start=1):
        for place, column in enumerate(COLUMNS):
            _write_cell(sheet, styles, written, place, column, row[column.id])
    sheet.autofilter(0, 0, written, len(COLUMNS) - 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{number.replace('&', '&&')}&R&P / &N")
    return written


def _write_cell(
    sheet: Worksheet, styles: _Styles, line: int, place: int, column: Column, value: object
) -> None:
    if value is None or value == "":
        return
    match column.kind:
        case Kind.TEXT:
            text = str(value)
            sheet.write_string(line, place, text, styles.of_text(text))
        case Kind.INSTANT if isinstance(value, datetime):
            local = value.astimezone(QUEBEC).replace(tzinfo=None, microsecond=0)
            sheet.write_datetime(line, place, local, styles.by_kind[column.kind])
        case Kind.DAY:
            sheet.write_datetime(line, place, value, styles.by_kind[column.kind])
        case _:
            number = float(value) if isinstance(value, Decimal) else value
            sheet.write_number(line, place, number, styles.by_kind[column.kind])


def _write_about(
    sheet: Worksheet, styles: _Styles, *, offer: Offer, shortlist: Shortlist | None, written: int
) -> None:
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 22)
    sheet.set_column(2, 2, 90)
    sheet.write_string(0, 0, _("Liste de présélection"), styles.title)
    facts = [
        (_("Offre"), offer.number or ""),
        (_("Organisation"), offer.organisation),
        (_("Candidatures"), str(written)),
        (_("Version des colonnes"), str(SCHEMA)),
        (_("Programme"), Programme.objects.get(pk=offer.programme_id).name),
    ]
    if shortlist is not None:
        facts += frozen_list_facts(shortlist)
    for line_of_fact, (label, value) in enumerate(facts, start=2):
        sheet.write_string(line_of_fact, 0, label, styles.text)
        sheet.write_string(line_of_fact, 1, value, styles.of_text(value))
    line = len(facts) + 3
    for place, header in enumerate((_("Identifiant"), _("Colonne"), _("Contenu"))):
        sheet.write_string(line, place, header, styles.header)
    for line_of_column, column in enumerate(COLUMNS, start=line + 1):
        for place, text in enumerate((column.id, str(column.header), str(column.meaning))):
            sheet.write_string(line_of_column, place, text, styles.text)
