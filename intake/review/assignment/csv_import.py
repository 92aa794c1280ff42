"""Parse a CSV list of assignments: accepted in full, or refused with one message per invalid line.

The columns are `numero` (of a receipt) and `courriel` (of a committee member), in any order, named by the first line.
No other column is accepted.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.accounts.models import User, fold_email
from intake.register.csv_import import Problem, cells_by_line
from intake.review.access.visibility import visible_submissions
from intake.review.pages.shortcuts import receipt_number
from intake.submissions.models import Submission
from intake.web import formats
from offers.models import Offer

from .queries import members_of, refusals

COLUMNS: Final = ("numero", "courriel")


@dataclass(frozen=True, slots=True)
class ParsedAssignments:
    """A parsed list: pairs (submission, member) and problems. It may be stored only if there is no problem."""

    pairs: tuple[tuple[int, int], ...]
    problems: tuple[Problem, ...]


def parse_assignments(text: str, *, offer: Offer, actor: User) -> ParsedAssignments:
    """Return the assignments of files of `offer` that `text` lists. The number of queries is fixed."""
    rows, problems = _rows(text)
    numbers = {number for _line, number, _address in rows}
    readable = visible_submissions(actor).filter(offer=offer, standing_filing__receipt__number__in=numbers)
    files = {
        receipt_number(file): file for file in readable.select_related("standing_filing__receipt").order_by()
    }
    members = {member.email: member.pk for member in members_of(offer)}
    named = {
        (files[number].pk, members[address])
        for _line, number, address in rows
        if number in files and address in members
    }
    refused = refusals(
        named, offer=offer, actor=actor, files=Submission.objects.filter(pk__in={file for file, _ in named})
    )
    pairs: list[tuple[int, int]] = []
    for line, number, address in rows:
        if number not in files:
            message = _("aucune candidature de cette offre ne porte le numéro « %(number)s »")
            problems.append(Problem(line, "numero", message % {"number": number[:40]}))
        if address not in members:
            message = _("« %(address)s » ne siège pas au comité de cette offre")
            problems.append(Problem(line, "courriel", message % {"address": address[:80]}))
        if number in files and address in members:
            pair = (files[number].pk, members[address])
            if pair in refused:
                problems.append(Problem(line, "", refused[pair].sentence(number, address)))
            pairs.append(pair)
    if not rows and not problems:
        problems.append(Problem(1, "", _("la liste n’attribue aucun dossier")))
    problems.sort(key=lambda problem: problem.line)
    return ParsedAssignments(tuple(dict.fromkeys(pairs)), tuple(problems))


def _rows(text: str) -> tuple[list[tuple[int, str, str]], list[Problem]]:
    lines = cells_by_line(text)
    header = next(lines, (1, []))
    if isinstance(header, Problem):
        return [], [header]
    names = [name.strip().lower() for name in header[1]]
    if sorted(names) != sorted(COLUMNS):
        message = _("les colonnes sont numero et courriel, chacune une fois, et aucune autre")
        return [], [Problem(header[0], "", message)]
    rows: list[tuple[int, str, str]] = []
    problems: list[Problem] = []
    for read in lines:
        if isinstance(read, Problem):
            problems.append(read)
        elif len(read[1]) != len(COLUMNS):
            message = ngettext(
                "%(count)s cellule au lieu de %(wanted)s",
                "%(count)s cellules au lieu de %(wanted)s",
                len(read[1]),
            )
            problems.append(
                Problem(
                    read[0], "", message % {"count": formats.number(len(read[1])), "wanted": len(COLUMNS)}
                )
            )
        else:
            cells = dict(zip(names, read[1], strict=True))
            rows.append((read[0], cells["numero"].strip().upper(), fold_email(cells["courriel"])))
    return rows, problems
