"""Result types of the page parser, and its error."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

type CriterionJSON = Mapping[str, Any]

MAX_NAME_LENGTH = 250  # characters, as the columns of `Offer`


class Problem(StrEnum):
    """Reasons for which a text cannot become an offer."""

    EMPTY = "EMPTY"
    CONTROL_CHARACTER = "CONTROL_CHARACTER"
    MOJIBAKE = "MOJIBAKE"
    MISSING = "MISSING"
    NOT_READ = "NOT_READ"
    NO_SUCH_DAY = "NO_SUCH_DAY"
    ENDS_BEFORE_START = "ENDS_BEFORE_START"
    TOO_LONG = "TOO_LONG"


class PageUnreadableError(Exception):
    """The text cannot become an offer, not even a draft.

    `field` is ORGANISATION, DATES or DEADLINE if one is concerned; `line` counts from 1; `excerpt` quotes the text.
    """

    def __init__(
        self, problem: Problem, *, field: str = "", line: int | None = None, excerpt: str = ""
    ) -> None:
        super().__init__(f"{problem} {field} {line or ''} {excerpt}".strip())
        self.problem = problem
        self.field = field
        self.line = line
        self.excerpt = excerpt


@dataclass(frozen=True, slots=True)
class Point:
    """A question that only a person can settle: `code` names it, `excerpt` quotes the text concerned."""

    code: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The facts at the head of the page. Days are printed days; amounts are for the complete stage.

    `number` is None if the page has none; both amounts are None if the page has no readable one. Other missing facts
    are empty. `printed` has the lines from which these facts were read.
    """

    number: str | None
    organisation: str
    organisation_short: str
    domain: str
    starts_on: date
    ends_on: date
    allowance_min: Decimal | None
    allowance_max: Decimal | None
    currency: str
    place: str
    remote_possible: bool
    closes_on: date
    printed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageSection:
    """One titled part: `kind` is a code of `Section.Kind`, `text` follows the conventions of `offers.blocks`."""

    kind: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class GridText:
    """One grid line; `requirement` is REQUIRED or ASSET."""

    text: str
    requirement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The contact. Missing values are empty; `printed` has the lines from which it was read."""

    unit: str
    phone: str
    extension: str
    email: str
    printed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPage:
    """A parsed page. Every word of the page is in one of these fields; `furniture` is the boilerplate."""

    header: Header
    sections: tuple[PageSection, ...]
    criteria: tuple[CriterionJSON, ...]
    grid: tuple[GridText, ...]
    contact: Contact | None
    funder: str
    funder_sentence: str
    points: tuple[Point, ...]
    furniture: tuple[str, ...]
