"""A shortlist as a tagged PDF, to read or to print: its essential columns, on landscape pages."""

from collections.abc import Iterable
from decimal import Decimal
from typing import BinaryIO

from django.utils.translation import gettext as _

from intake.dossiers.render import TableColumn, render_table
from intake.review.marks.scores import mean_figures
from intake.review.models import Shortlist
from intake.web import formats
from offers.models import Offer, Programme

from .columns import COLUMNS, Row, frozen_list_facts

_WIDTHS = {
    "rank": 11,
    "number": 34,
    "last_name": 27,
    "first_name": 22,
    "email": 44,
    "phone": 23,
    "city": 20,
    "verdict": 26,
    "mean_mark": 17,
    "reserve": 17,
}
"""The displayed columns, with their widths in millimetres. The workbook contains the others."""


def write_pdf(to: BinaryIO, rows: Iterable[Row], *, offer: Offer, shortlist: Shortlist | None) -> int:
    """Write `rows` as the PDF of the offer's current list, or of the frozen `shortlist`. Return the number of rows.

    :raises intake.dossiers.render.RenderError: as `render_table`.
    """
    shown = [column for column in COLUMNS if column.id in _WIDTHS]
    facts = [(_("Liste figée"), _("Non : la liste au moment de l’exportation"))]
    if shortlist is not None:
        facts = frozen_list_facts(shortlist)
    cells = [[_cell(row[column.id]) for column in shown] for row in rows]
    content = render_table(
        title=_("Liste de présélection — offre %(number)s") % {"number": offer.number},
        subject=offer.organisation,
        portal=Programme.objects.get(pk=offer.programme_id).name,
        facts=[*facts, (_("Candidatures"), formats.number(len(cells)))],
        columns=[TableColumn(str(column.header), _WIDTHS[column.id]) for column in shown],
        rows=cells,
    )
    to.write(content)
    return len(cells)


def _cell(value: object) -> str:
    if value is None:
        return "—"
    return mean_figures(value) if isinstance(value, Decimal) else str(value)
