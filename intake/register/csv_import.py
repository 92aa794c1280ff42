"""Parse a list of past participants: CSV in UTF-8, separated by commas or semicolons. Lists every problem by line.

The columns are `last_name`, `first_name`, `birth_date` (see `intake.profiles.dates.parse_date`) and `year`, in any
order, named in the first line. Another column is a problem: the register does not read data that it does not need.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.forms import Field
from django.utils.translation import gettext as _

from intake.web import formats
from offers.models import Programme

from .forms import TOO_YOUNG, BirthField, NameField, YearField, is_of_age
from .people import Participant, Person

COLUMNS: Final = ("last_name", "first_name", "birth_date", "year")


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a list, with its place and its text. `column` is empty if the problem concerns the line."""

    line: int
    column: str
    words: str

    def __str__(self) -> str:
        """Return the place and the text."""
        if not self.column:
            return _("ligne %(line)d : %(words)s") % {"line": self.line, "words": self.words}
        place = {"line": self.line, "column": self.column, "words": self.words}
        return _("ligne %(line)d, colonne %(column)s : %(words)s") % place


@dataclass(frozen=True, slots=True)
class ParsedList:
    """Rows and problems of a parsed list. A list with a problem must not be imported."""

    rows: tuple[Participant, ...]
    problems: tuple[Problem, ...]


def read_list(text: str, *, programme: Programme, on: dt.date) -> ParsedList:
    """Parse `text` as participants in `programme`. `on` is the current day: a later birth date is a problem."""
    lines = cells_by_line(text)
    header = next(lines, (1, []))
    if isinstance(header, Problem):
        return ParsedList((), (header,))
    names = [name.strip().lower() for name in header[1]]
    wrong = tuple(_wrong_columns(header[0], names))
    if wrong:
        return ParsedList((), wrong)
    fields: dict[str, Field] = {
        "last_name": NameField(),
        "first_name": NameField(),
        "birth_date": BirthField(latest=on),
        "year": YearField(latest=on.year + 1),
    }
    rows: list[Participant] = []
    problems: list[Problem] = []
    for read in lines:
        if isinstance(read, Problem):
            problems.append(read)
            continue
        line, cells = read
        result = _row(line, dict(zip(names, cells, strict=False)), len(cells), fields, programme)
        if isinstance(result, Participant):
            rows.append(result)
        else:
            problems += result
    if not rows and not problems:
        problems.append(Problem(header[0], "", _("la liste est vide")))
    return ParsedList(tuple(rows), tuple(problems))


def cells_by_line(text: str) -> Iterator[tuple[int, list[str]] | Problem]:
    """Yield each line's number, from 1, and its cells. Skip blank lines."""
    first = text.lstrip("\r\n").partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Problem(line, "", _("les guillemets ou les fins de ligne sont illisibles"))
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _wrong_columns(line: int, names: list[str]) -> Iterator[Problem]:
    for name in COLUMNS:
        if name not in names:
            yield Problem(line, name, _("cette colonne manque"))
        elif names.count(name) > 1:
            yield Problem(line, name, _("cette colonne est en double"))
    for name in names:
        if name not in COLUMNS:
            yield Problem(line, name[:40] or "?", _("cette colonne n’est pas attendue ; retirez-la"))


def _row(
    line: int, cells: dict[str, str], count: int, fields: dict[str, Field], programme: Programme
) -> Participant | list[Problem]:
    if count != len(COLUMNS):
        words = _("%(count)s cellules au lieu de %(wanted)s") % {
            "count": formats.number(count),
            "wanted": len(COLUMNS),
        }
        return [Problem(line, "", words)]
    values = {}
    problems = []
    for name, field in fields.items():
        try:
            values[name] = field.clean(cells[name])
        except ValidationError as error:
            problems.append(Problem(line, name, " ".join(error.messages)))
    if not problems and not is_of_age(values["birth_date"], values["year"]):
        problems.append(Problem(line, "year", str(TOO_YOUNG)))
    if problems:
        return problems
    year = values.pop("year")
    return Participant(person=Person(**values), programme=programme, year=year)
