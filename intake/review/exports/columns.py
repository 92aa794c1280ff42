"""Columns of an exported shortlist: stable identifiers, headers in French or English, one type each.

Macros outside the portal depend on them: a column is only added, at the end, and `SCHEMA` then increases by one. The
columns of answers are declared with their questions.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from intake.profiles.question_kinds import Day, ExportColumn
from intake.submissions.questions.offer_questions import QUESTIONS


class Kind(Enum):
    """Type of a column's cells. A cell without a value is empty in every column."""

    TEXT = auto()
    DAY = auto()
    INSTANT = auto()
    """An aware instant, written in Québec's local time."""
    COUNT = auto()
    MEAN = auto()
    """Two decimals, rounded half up."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `id` is stable and is the key of its cell in `rows.Row`. `width` is in characters."""

    id: str
    header: Promise
    kind: Kind
    width: int
    meaning: Promise


_OTHER_COLUMNS = (
    Column(
        "rank",
        _("Rang"),
        Kind.COUNT,
        6,
        _(
            "Place dans la liste : moyenne des notes, la plus haute d’abord, puis numéro de dépôt ; vide sans note."
        ),
    ),
    Column(
        "number", _("Numéro de dépôt"), Kind.TEXT, 22, _("Numéro de l’accusé de réception du dépôt qui vaut.")
    ),
    Column(
        "received_at",
        _("Reçue le"),
        Kind.INSTANT,
        20,
        _("Instant de réception du dépôt, à l’heure de Québec."),
    ),
    Column("email", _("Courriel"), Kind.TEXT, 34, _("Adresse courriel, telle que déposée.")),
    Column(
        "studies",
        _("Études"),
        Kind.TEXT,
        60,
        _("Études déclarées, séparées par des points-virgules ; vide si l’offre ne les demande pas."),
    ),
    Column(
        "verdict", _("Admissibilité"), Kind.TEXT, 24, _("Verdict des règles de l’offre au moment du dépôt.")
    ),
    Column(
        "mean_mark", _("Moyenne"), Kind.MEAN, 10, _("Moyenne des notes du comité, de 0 à 5 ; vide sans note.")
    ),
    Column("marks", _("Notes"), Kind.COUNT, 8, _("Nombre de notes comptées dans la moyenne.")),
    Column(
        "reserve",
        _("Réserve"),
        Kind.TEXT,
        16,
        _("Où en est la révision par une personne d’un dépôt que les règles refusaient ; vide sans réserve."),
    ),
    Column(
        "ruling",
        _("Révision par une personne"),
        Kind.TEXT,
        40,
        _(
            "Ce qu’une personne a jugé de chaque refus des règles, et le jour ; les motifs se lisent dans le portail."
        ),
    ),
)


def _columns() -> tuple[Column, ...]:
    """Return all columns in order: the answers' at their places, the others around them."""
    columns = list(_OTHER_COLUMNS)
    for key, column in sorted(ANSWER_COLUMNS.items(), key=lambda item: item[1].place):
        question = QUESTIONS[key]
        header: Any = question.label if column.header is None else column.header
        kind = Kind.DAY if isinstance(question, Day) else Kind.TEXT
        columns.insert(column.place - 1, Column(key, header, kind, column.width, column.meaning))
    return tuple(columns)


ANSWER_COLUMNS: dict[str, ExportColumn] = {
    key: question.column for key, question in QUESTIONS.items() if question.column is not None
}
COLUMNS = _columns()
SCHEMA = 2 + len(COLUMNS) - 16
"""Version of the list of columns, which workbook and command state: 2 for 16, and one more for each added since."""
