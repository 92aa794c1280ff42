"""What is read from a page, and why a page cannot be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

type CriterionJSON = Mapping[str, Any]

MAX_NAME_LENGTH = 250  # characters, as the offer's own columns


class Problem(StrEnum):
    """Why a text cannot become an offer."""

    EMPTY = "EMPTY"
    CONTROL_CHARACTER = "CONTROL_CHARACTER"
    MOJIBAKE = "MOJIBAKE"
    MISSING = "MISSING"
    NOT_READ = "NOT_READ"
    NO_SUCH_DAY = "NO_SUCH_DAY"
    ENDS_BEFORE_START = "ENDS_BEFORE_START"
    TOO_LONG = "TOO_LONG"


class PageUnreadableError(Exception):
    """The text cannot become an offer; nothing is made of it.

    `field` is ORGANISATION, DATES or DEADLINE where one is concerned, `line` counts from 1, `excerpt` quotes the text.
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
    """Something that only a person can settle: `code` says what, `excerpt` quotes the text concerned."""

    code: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The facts at the head of the page. Days are printed days; amounts are for the whole stage.

    `number` is None on a page that gives none, both amounts on one that gives none that can be read. What else is
    not said is empty. `printed` keeps the lines that these facts were read from.
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
    """One thing the offer looks for; `requirement` is REQUIRED or ASSET."""

    text: str
    requirement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask. What is not said is empty; `printed` keeps the lines that this was read from."""

    unit: str
    phone: str
    extension: str
    email: str
    printed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPage:
    """A page, read: every word of it is in one of these, furniture included."""

    header: Header
    sections: tuple[PageSection, ...]
    criteria: tuple[CriterionJSON, ...]
    grid: tuple[GridText, ...]
    contact: Contact | None
    funder: str
    funder_sentence: str
    points: tuple[Point, ...]
    furniture: tuple[str, ...]
