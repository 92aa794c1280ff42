"""Rows of an exported shortlist, from the sealed payload and the committee's marks. No profile or draft is read."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from intake.dossiers.sealed_payload import Payload
from intake.profiles.dates import parse_date
from intake.profiles.question_kinds import Day, Phone
from intake.review.models import Shortlist
from intake.review.pages.labels import human_review_label, verdict_label
from intake.review.pages.sealed_filing import payload_or_none
from intake.review.shortlists.lines import Line
from intake.submissions.models import Ruling
from intake.submissions.questions.offer_questions import QUESTIONS
from intake.submissions.rulings.queries import latest_by_position
from intake.submissions.states import HumanReview
from intake.web import formats
from offers.criterion_labels import criterion_names

from .columns import ANSWER_COLUMNS

_HUNDREDTH = Decimal("0.01")
_NORTH_AMERICAN = re.compile(r"\+1(\d{3})(\d{3})(\d{4})")

type Cell = str | int | Decimal | date | datetime | None
type Row = Mapping[str, Cell]
"""One shortlisted submission: its cells by the `id` of their columns. Anonymised values are empty."""


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
    """Return an E.164 number as Québec writes it, `418 555-0199`; a number of another country keeps its `+`."""
    return _NORTH_AMERICAN.sub(r"\1 \2-\3", phone)


def rulings_text(payload: Payload, rulings: Iterable[Ruling]) -> str:
    """Return the ruling on each refusal of the rules, without its reason, which is written to the candidate.

    `rulings` are ordered by position, then oldest first; the latest on each finding counts.
    """
    names = criterion_names(finding["kind"] for finding in payload.verdict["findings"])
    return " ; ".join(
        (
            _("%(criterion)s : refus écarté le %(day)s")
            if ruling.decision == Ruling.Decision.OVERTURNED
            else _("%(criterion)s : refus confirmé le %(day)s")
        )
        % {"criterion": names[position], "day": formats.day(ruling.at)}
        for position, ruling in latest_by_position(rulings).items()
    )


def row_of(line: Line) -> Row:
    """Return the exported row of one line of a list.

    Rank, mean, number of marks and human review are the list's; the other values are the filing's. Labels are in the
    active language.
    """
    entry, filing = line.entry, line.filing
    payload = payload_or_none(filing.seal)
    answers = {key: answer_cell(key, payload.answer(key) if payload else "") for key in ANSWER_COLUMNS}
    return answers | {
        "rank": entry.rank,
        "number": entry.number,
        "received_at": filing.received_at,
        "email": payload.person.email if payload else "",
        "studies": studies_of(payload) if payload else "",
        "verdict": str(verdict_label(filing.verdict.outcome).label),
        "mean_mark": None
        if entry.score is None
        else entry.score.quantize(_HUNDREDTH, rounding=ROUND_HALF_UP),
        "marks": entry.marks,
        "reserve": "" if entry.reserve == HumanReview.NONE else str(human_review_label(entry.reserve).label),
        "ruling": rulings_text(payload, filing.rulings.all()) if payload else "",
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
        (_("Liste figée"), str(shortlist.number)),
        (_("Figée le"), formats.instant(shortlist.frozen_at)),
        (_("Empreinte"), shortlist.digest),
    ]
