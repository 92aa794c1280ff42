"""Columns of an exported shortlist and the row of each submission: stable identifiers, French or English headers.

Macros outside the portal depend on them: a column is only added, at the end, and `SCHEMA` then increases by one. The
columns of answers are declared with their questions. Rows come from the sealed payload and the committee's marks: no
profile or draft is read.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum, auto
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake.dossiers.sealed_payload import Payload
from intake.profiles.dates import parse_date
from intake.profiles.fields import split_phone, with_extension
from intake.profiles.question_kinds import Day, ExportColumn, Phone
from intake.review.models import Shortlist
from intake.review.pages.labels import human_review_label, verdict_label
from intake.review.shortlists.lines import Line
from intake.submissions.models import Ruling
from intake.submissions.questions.offer_questions import QUESTIONS
from intake.submissions.rulings.queries import latest_by_position
from intake.submissions.states import HumanReview
from intake.web import formats
from offers.criterion_labels import criterion_names

_HUNDREDTH = Decimal("0.01")
_NORTH_AMERICAN = re.compile(r"\+1(\d{3})(\d{3})(\d{4})")

type Cell = str | int | Decimal | date | datetime | None
type Row = Mapping[str, Cell]
"""One shortlisted submission: its cells by the `id` of their columns. Anonymised values are empty."""


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
    """One column. `id` is stable and is the key of its cell in a `Row`. `width` is in characters."""

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
            "Rang dans la liste : moyenne des notes, la plus haute d’abord, puis numéro de "
            "dépôt ; vide sans note."
        ),
    ),
    Column(
        "number", _("Numéro de dépôt"), Kind.TEXT, 22, _("Numéro de l’accusé de réception du dépôt valide.")
    ),
    Column(
        "received_at",
        _("Reçue le"),
        Kind.INSTANT,
        20,
        _("Date et heure de réception du dépôt, à l’heure de Québec."),
    ),
    Column("email", _("Courriel"), Kind.TEXT, 34, _("Adresse courriel déposée.")),
    Column(
        "studies",
        _("Études"),
        Kind.TEXT,
        60,
        _("Études déclarées, séparées par des points-virgules ; vide si l’offre ne les demande pas."),
    ),
    Column(
        "verdict",
        _("Admissibilité"),
        Kind.TEXT,
        24,
        _("Résultat des critères de l’offre au moment du dépôt."),
    ),
    Column(
        "mean_mark", _("Moyenne"), Kind.MEAN, 10, _("Moyenne des notes du comité, de 0 à 5 ; vide sans note.")
    ),
    Column("marks", _("Notes"), Kind.COUNT, 8, _("Nombre de notes comptées dans la moyenne.")),
    Column(
        "reserve",
        _("Révision demandée"),
        Kind.TEXT,
        16,
        _("État de la révision par une personne, si elle a été demandée ; vide sinon."),
    ),
    Column(
        "ruling",
        _("Révision par une personne"),
        Kind.TEXT,
        40,
        _(
            "Décision d’une personne sur chaque critère en cause, et le jour ; les motifs sont "
            "dans le portail."
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


def studies_of(payload: Payload) -> str:
    """Return the declared study programmes as filed, separated by semicolons."""
    return "; ".join(
        " ".join(answer.value.split())
        for section in payload.sections
        if section.key == "etudes"
        for answer in section.answers
        if answer.key.startswith("studies") and answer.value.strip()
    )


def format_phone(phone: str) -> str:
    """Return a stored number as Québec writes it, `418 555-0199, poste 12`; others keep their country code."""
    number, extension = split_phone(phone)
    return with_extension(_NORTH_AMERICAN.sub(r"\1 \2-\3", number), extension)


def rulings_text(payload: Payload, rulings: Sequence[Ruling]) -> str:
    """Return the ruling on each refusal of the rules, without its reason, which is written to the candidate.

    `rulings` are ordered by position, then oldest first; the latest on each finding counts.
    """
    if not rulings:
        return ""
    names = criterion_names(finding["kind"] for finding in payload.verdict["findings"])
    return " ; ".join(
        (
            gettext("%(criterion)s : critère écarté le %(day)s")
            if ruling.decision == Ruling.Decision.OVERTURNED
            else gettext("%(criterion)s : critère confirmé le %(day)s")
        )
        % {"criterion": names[position], "day": formats.day(ruling.at)}
        for position, ruling in latest_by_position(rulings).items()
    )


def row_of(line: Line) -> Row:
    """Return the exported row of one line of a list.

    Rank, mean, number of marks and human review are the list's; the other values are the filing's. Labels are in the
    active language.
    """
    entry = line.entry
    payload = Payload.parse(line.sealed) if line.sealed is not None else None
    answers = {key: answer_cell(key, payload.answer(key) if payload else "") for key in ANSWER_COLUMNS}
    return answers | {
        "rank": entry.rank,
        "number": entry.number,
        "received_at": line.received_at,
        "email": payload.person.email if payload else "",
        "studies": studies_of(payload) if payload else "",
        "verdict": str(verdict_label(line.outcome).label),
        "mean_mark": None
        if entry.score is None
        else entry.score.quantize(_HUNDREDTH, rounding=ROUND_HALF_UP),
        "marks": entry.marks,
        "reserve": "" if entry.reserve == HumanReview.NONE else str(human_review_label(entry.reserve).label),
        "ruling": rulings_text(payload, line.rulings) if payload else "",
    }


def answer_cell(key: str, sealed: str) -> Cell:
    """Return the cell of a sealed answer to the question `key`: a day as a date, None if there is none."""
    question = QUESTIONS[key]
    if isinstance(question, Day):
        return parse_date(sealed) if sealed else None  # an ISO text of the person; in other sections in words
    return format_phone(sealed) if isinstance(question, Phone) else sealed


def frozen_list_facts(shortlist: Shortlist) -> list[tuple[str, str]]:
    """Return number, instant and digest of a frozen list, each with its label, for a file that explains its rows."""
    return [
        (gettext("Liste figée"), str(shortlist.number)),
        (gettext("Figée le"), formats.instant(shortlist.frozen_at)),
        (gettext("Empreinte"), shortlist.digest),
    ]
