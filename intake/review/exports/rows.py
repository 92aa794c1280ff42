"""Rows of an exported shortlist, from the sealed payload and the committee's marks. No profile or draft is read."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from intake.dossiers.payload import Payload
from intake.review.models import Shortlist
from intake.review.pages.labels import human_review_label, verdict_label
from intake.review.pages.sealed_filing import payload_or_none
from intake.review.shortlists.lines import Line, shortlist_lines
from intake.submissions.models import Ruling
from intake.submissions.rulings.queries import latest_by_position
from intake.submissions.states import HumanReview
from intake.web import formats
from offers.criterion_labels import criterion_names
from offers.models import Offer

_HUNDREDTH = Decimal("0.01")
_STUDIES_SECTION = "etudes"
_STUDIES = "studies"
_NORTH_AMERICAN = re.compile(r"\+1(\d{3})(\d{3})(\d{4})")


@dataclass(frozen=True, slots=True)
class Row:
    """One shortlisted submission. Anonymised values are empty."""

    rank: int | None
    """None without a mark."""
    number: str
    received_at: datetime
    last_name: str
    first_name: str
    birth_date: date | None
    email: str
    phone: str
    city: str
    province: str
    studies: str
    verdict: str
    mean_mark: Decimal | None
    marks: int
    reserve: str
    ruling: str


def studies_of(payload: Payload) -> str:
    """Return the declared study programmes as filed, separated by semicolons."""
    answers = [
        answer
        for section in payload.sections
        if section.key == _STUDIES_SECTION
        for answer in section.answers
    ]
    programmes = [answer for answer in answers if answer.key.startswith(_STUDIES)]
    return "; ".join(" ".join(answer.value.split()) for answer in programmes if answer.value.strip())


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


def shortlist_rows(offer: Offer, shortlist: Shortlist | None = None) -> Iterator[Row]:
    """Yield the rows of `shortlist` or, without one, of the offer's current list, in the list's order.

    Rank, mean, number of marks and human review are the list's; the other values are the filing's. Labels are in the
    active language.
    """
    return (row_of(line) for line in shortlist_lines(offer, shortlist))


def row_of(line: Line) -> Row:
    """Return the exported row of one line of a list."""
    entry, filing = line.entry, line.filing
    payload = payload_or_none(filing.seal)
    person = payload.person if payload else None
    return Row(
        rank=entry.rank,
        number=entry.number,
        received_at=filing.received_at,
        last_name=person.last_name if person else "",
        first_name=person.first_name if person else "",
        birth_date=person.born_on if person else None,
        email=person.email if person else "",
        phone=format_phone(person.phone) if person else "",
        city=person.city if person else "",
        province=person.province if person else "",
        studies=studies_of(payload) if payload else "",
        verdict=str(verdict_label(filing.verdict.outcome).label),
        mean_mark=None if entry.score is None else entry.score.quantize(_HUNDREDTH, rounding=ROUND_HALF_UP),
        marks=entry.marks,
        reserve="" if entry.reserve == HumanReview.NONE else str(human_review_label(entry.reserve).label),
        ruling=rulings_text(payload, filing.rulings.all()) if payload else "",
    )
