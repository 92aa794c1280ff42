"""Sealed payload: everything that was filed, as one object with a digest.

Canonical JSON (UTF-8, NFC, sorted keys, no spaces, no floats) with a schema number. It is salted before hashing, so a
digest that is kept after anonymisation reveals nothing. The payload does not contain the filing's instant and number:
the database sets them after sealing, and the receipt binds them to the digest.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from eligibility.codec import canonical

SCHEMA = 4
"""Schema of new payloads. 2 adds `extension`, 3 `moved`, 4 `complement`; older payloads lack them."""
READABLE_SCHEMAS = frozenset({1, 2, 3, 4})
_SALT_BYTES = 32


class UnknownSchemaError(ValueError):
    """The schema of the payload is not one of `READABLE_SCHEMAS`."""

    code = "UNKNOWN_SCHEMA"


@dataclass(frozen=True, slots=True)
class Person:
    """The candidate. Days are ISO texts; an empty text is a question that was not asked."""

    first_name: str
    last_name: str
    birth_date: str
    email: str
    phone: str
    address_line: str
    city: str
    province: str
    postal_code: str

    @property
    def full_name(self) -> str:
        """Given name, then family name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def sorted_name(self) -> str:
        """Family name, comma, given name, for lists."""
        return ", ".join(part for part in (self.last_name, self.first_name) if part)

    @property
    def born_on(self) -> date | None:
        """Birth date, or None if it was not asked."""
        return date.fromisoformat(self.birth_date) if self.birth_date else None


@dataclass(frozen=True, slots=True)
class SealedOffer:
    """The offer at the filing. `closes_at` is an ISO instant in UTC, exclusive. Old payloads lack what follows it."""

    number: str
    organisation: str
    domain: str
    place: str
    starts_on: str
    ends_on: str
    closes_at: str
    programme: str = ""
    """Name of the programme; empty: the portal's name."""
    dates_label: str = ""
    """The programme's label for the days from `starts_on` to `ends_on`; empty: the default label."""
    time_zone: str = "America/Toronto"
    """Time zone in which the offer's hours are displayed."""


@dataclass(frozen=True, slots=True)
class SealedExtension:
    """Personal extension: an ISO instant in UTC, exclusive. Reviewers must not read its reason and author."""

    closes_at: str


@dataclass(frozen=True, slots=True)
class MovedClosing:
    """Extension of the offer for everyone: first closing, exclusive, and last decision; ISO instants in UTC."""

    first_closes_at: str
    decided_at: str


@dataclass(frozen=True, slots=True)
class SealedComplement:
    """Complement request that the filing answers: its instant, its text and its due date (exclusive).

    Both instants are ISO texts in UTC. The author is left out: reviewers must not read it.
    """

    asked_at: str
    words: str
    due_at: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One question and its answer, with the texts that the candidate read."""

    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class AnsweredSection:
    """A section of questions, in the order of the form."""

    key: str
    title: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """A filed document. `sha256` and `size` (bytes) are those of the file as received, `pages` of the cleaned PDF."""

    kind: str
    label: str
    name: str
    pages: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class AcceptedDeclaration:
    """An accepted declaration, with its version and exact text."""

    key: str
    version: str
    text: str


@dataclass(frozen=True, slots=True)
class Payload:
    """All that one filing seals. `facts` and `verdict` have the shapes of `docs/contracts.md`."""

    sequence: int
    person: Person
    call: SealedOffer
    sections: tuple[AnsweredSection, ...]
    facts: Mapping[str, Any]
    verdict: Mapping[str, Any]
    documents: tuple[SealedDocument, ...]
    declarations: tuple[AcceptedDeclaration, ...]
    review_message: str = ""
    """Text of the review request; empty if there is none."""
    extension: SealedExtension | None = None
    """The candidate's personal extension, if it is later than the offer's closing."""
    moved: MovedClosing | None = None
    """The offer's extension, if `call.closes_at` is not the closing at publication."""
    complement: SealedComplement | None = None
    """The complement request that the filing answers, if any."""

    @property
    def extended_until(self) -> datetime | None:
        """End of the personal extension, exclusive, in the offer's time zone; None if there is none."""
        return self._local(self.extension.closes_at) if self.extension is not None else None

    @property
    def first_closing(self) -> datetime | None:
        """The offer's closing at publication, exclusive, in its time zone; None if no extension is sealed."""
        return self._local(self.moved.first_closes_at) if self.moved is not None else None

    @property
    def moved_at(self) -> datetime | None:
        """Instant of the offer's last extension, in its time zone; None if `first_closing` is."""
        return self._local(self.moved.decided_at) if self.moved is not None else None

    @property
    def complement_asked_at(self) -> datetime | None:
        """Instant of the answered complement request, in the offer's time zone; None if there is none."""
        return self._local(self.complement.asked_at) if self.complement is not None else None

    @property
    def complement_until(self) -> datetime | None:
        """Due date of the complement, exclusive, in the offer's time zone; None if `complement_asked_at` is."""
        return self._local(self.complement.due_at) if self.complement is not None else None

    @property
    def closed_at(self) -> datetime:
        """End of the filing window of this filing, exclusive, in the offer's time zone."""
        given = (self.extended_until, self.complement_until)
        return max([self._local(self.call.closes_at), *(until for until in given if until is not None)])

    def answer(self, key: str) -> str:
        """Return the answer to the question `key`: of `person` as stored, another as text. Empty if there is none."""
        if hasattr(self.person, key):
            return str(getattr(self.person, key))
        return next((one.value for section in self.sections for one in section.answers if one.key == key), "")

    def _local(self, instant: str) -> datetime:
        return datetime.fromisoformat(instant).astimezone(ZoneInfo(self.call.time_zone))

    def canonical(self) -> str:
        """Return the payload's canonical JSON."""
        return canonical({"schema": SCHEMA, **_members(self)}).decode()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a payload from canonical JSON.

        :raises UnknownSchemaError: if its schema is not one of `READABLE_SCHEMAS`.
        """
        raw = json.loads(text)
        if raw.get("schema") not in READABLE_SCHEMAS:
            raise UnknownSchemaError(raw.get("schema"))
        return cls(
            sequence=raw["sequence"],
            person=Person(**raw["person"]),
            call=SealedOffer(**raw["call"]),
            sections=tuple(
                AnsweredSection(
                    **section | {"answers": tuple(Answer(**answer) for answer in section["answers"])}
                )
                for section in raw["sections"]
            ),
            facts=raw["facts"],
            verdict=raw["verdict"],
            documents=tuple(SealedDocument(**document) for document in raw["documents"]),
            declarations=tuple(AcceptedDeclaration(**accepted) for accepted in raw["declarations"]),
            review_message=raw.get("review_message", ""),  # missing in old payloads
            extension=SealedExtension(**raw["extension"]) if raw.get("extension") else None,
            moved=MovedClosing(**raw["moved"]) if raw.get("moved") else None,
            complement=SealedComplement(**raw["complement"]) if raw.get("complement") else None,
        )


def _members(row: Any) -> dict[str, Any]:
    """Return what `asdict` does, without copies of the mappings, which are JSON already."""
    return {field.name: _plain(getattr(row, field.name)) for field in fields(row)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    return _members(value) if is_dataclass(value) else value


def new_salt() -> str:
    """Return a new salt: 32 random bytes in hexadecimal."""
    return secrets.token_hex(_SALT_BYTES)


def digest_of(*, canonical_text: str, salt: str) -> str:
    """Return the digest of a payload: `sha256:` and the hexadecimal SHA-256 of salt and text, in that order.

    :raises ValueError: if `salt` is not hexadecimal.
    """
    return f"sha256:{hashlib.sha256(bytes.fromhex(salt) + canonical_text.encode()).hexdigest()}"
