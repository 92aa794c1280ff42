"""The sealed payload: everything that was filed, in one object whose digest proves it.

Canonical JSON (UTF-8, NFC, keys sorted, no spaces, no floats) with a schema number, salted before it is digested: so
a digest left behind after anonymising tells nothing of the person. The instant of the filing and its number are not
inside: the database decides them after the seal, and the receipt binds them to the digest.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from eligibility.codec import canonical

SCHEMA = 4
"""Of what is sealed now. 2 adds `extension`, 3 `moved`, 4 `complement`; what was sealed before lacks them."""
READABLE_SCHEMAS = frozenset({1, 2, 3, 4})
_SALT_BYTES = 32


class UnknownSchemaError(ValueError):
    """The payload was sealed in a shape that this code does not read."""

    code = "UNKNOWN_SCHEMA"


@dataclass(frozen=True, slots=True)
class Person:
    """Who filed. Days are ISO texts; an empty text is an answer that was not asked."""

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
        """Return the name as it is said: given name, then family name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def sorted_name(self) -> str:
        """Return the name as it is listed: family name, then given name."""
        return ", ".join(part for part in (self.last_name, self.first_name) if part)

    @property
    def born_on(self) -> date | None:
        """Return the day of birth, or None if it was not asked."""
        return date.fromisoformat(self.birth_date) if self.birth_date else None


@dataclass(frozen=True, slots=True)
class SealedOffer:
    """The offer as it stood when the application was filed. `closes_at` is an ISO instant in UTC, exclusive.

    The last three were added since: what was sealed before has none of them, and reads as it did then.
    """

    number: str
    organisation: str
    domain: str
    place: str
    starts_on: str
    ends_on: str
    closes_at: str
    programme: str = ""
    """The name of the programme; empty for the portal's own."""
    dates_label: str = ""
    """How the programme names the days from `starts_on` to `ends_on`; empty for the portal's own word."""
    time_zone: str = "America/Toronto"
    """The clock on which the offer says its hours."""


@dataclass(frozen=True, slots=True)
class SealedExtension:
    """That this person could file until later than everyone: `closes_at` is an ISO instant in UTC, exclusive.

    Neither its reason nor its author: they are not for whoever judges what was filed.
    """

    closes_at: str


@dataclass(frozen=True, slots=True)
class MovedClosing:
    """That the offer's closing was moved for everyone: what it first was, exclusive, and when that was last decided.

    Both are ISO instants in UTC. Reason and author are on the offer's page, where they are kept.
    """

    first_closes_at: str
    decided_at: str


@dataclass(frozen=True, slots=True)
class SealedComplement:
    """That this filing answers a complement request: when it was asked, in which words, and until when (exclusive).

    Both instants are ISO texts in UTC. Not by whom: that is not for whoever judges what was filed.
    """

    asked_at: str
    words: str
    due_at: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One question and its answer, in the words the candidate read."""

    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class AnsweredSection:
    """A group of questions, in the order of the form."""

    key: str
    title: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """A document as filed: `sha256` and `size` (bytes) are of the file as received, `pages` of the cleaned one."""

    kind: str
    label: str
    name: str
    pages: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class AcceptedDeclaration:
    """A declaration that was accepted, with its version and its very words."""

    key: str
    version: str
    text: str


@dataclass(frozen=True, slots=True)
class Payload:
    """All that one filing seals. `facts` and `verdict` are in the shapes of the eligibility contract."""

    sequence: int
    person: Person
    call: SealedOffer
    sections: tuple[AnsweredSection, ...]
    facts: Mapping[str, Any]
    verdict: Mapping[str, Any]
    documents: tuple[SealedDocument, ...]
    declarations: tuple[AcceptedDeclaration, ...]
    review_message: str = ""
    """What the candidate wrote to ask that a person judge what the rules refuse; empty when filed without reserve."""
    extension: SealedExtension | None = None
    """The time that was given to this person alone, when that is later than the offer's own closing."""
    moved: MovedClosing | None = None
    """That `call.closes_at` is not the closing that the offer was published with."""
    complement: SealedComplement | None = None
    """That it answers what was asked of this person, whose file had been found incomplete."""

    @property
    def extended_until(self) -> datetime | None:
        """Until when this person could file, exclusive, on the offer's clock; None if no later than everyone."""
        return self._local(self.extension.closes_at) if self.extension is not None else None

    @property
    def first_closing(self) -> datetime | None:
        """What the offer's closing was before it was moved, exclusive, on its clock; None if nothing says it was."""
        return self._local(self.moved.first_closes_at) if self.moved is not None else None

    @property
    def moved_at(self) -> datetime | None:
        """When it was last moved, on the offer's clock; None with `first_closing`."""
        return self._local(self.moved.decided_at) if self.moved is not None else None

    @property
    def complement_asked_at(self) -> datetime | None:
        """When the complement that this answers was asked for, on the offer's clock; None if it answers none."""
        return self._local(self.complement.asked_at) if self.complement is not None else None

    @property
    def complement_until(self) -> datetime | None:
        """Until when it could be sent, exclusive, on the offer's clock; None with `complement_asked_at`."""
        return self._local(self.complement.due_at) if self.complement is not None else None

    @property
    def closed_at(self) -> datetime:
        """Until when this very filing could be made, exclusive, on the offer's clock."""
        given = (self.extended_until, self.complement_until)
        return max([self._local(self.call.closes_at), *(until for until in given if until is not None)])

    def _local(self, instant: str) -> datetime:
        return datetime.fromisoformat(instant).astimezone(ZoneInfo(self.call.time_zone))

    def canonical(self) -> str:
        """Return the payload's canonical JSON."""
        return canonical({"schema": SCHEMA, **_plain(asdict(self))}).decode()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the payload that `text`, a canonical JSON of one of the `READABLE` schemas, holds.

        :raises UnknownSchemaError: if it was sealed in another schema.
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
                    key=section["key"],
                    title=section["title"],
                    answers=tuple(Answer(**answer) for answer in section["answers"]),
                )
                for section in raw["sections"]
            ),
            facts=raw["facts"],
            verdict=raw["verdict"],
            documents=tuple(SealedDocument(**document) for document in raw["documents"]),
            declarations=tuple(AcceptedDeclaration(**accepted) for accepted in raw["declarations"]),
            review_message=raw.get("review_message", ""),  # added since
            extension=SealedExtension(**raw["extension"]) if raw.get("extension") else None,
            moved=MovedClosing(**raw["moved"]) if raw.get("moved") else None,
            complement=SealedComplement(**raw["complement"]) if raw.get("complement") else None,
        )


def new_salt() -> str:
    """Return a fresh salt: 32 random bytes in hexadecimal."""
    return secrets.token_hex(_SALT_BYTES)


def digest_of(*, canonical_text: str, salt: str) -> str:
    """Return the digest of a payload: `sha256:` and, in hexadecimal, the SHA-256 of the salt then the text.

    :raises ValueError: if `salt` is not hexadecimal.
    """
    return f"sha256:{hashlib.sha256(bytes.fromhex(salt) + canonical_text.encode()).hexdigest()}"


def _plain(value: Any) -> Any:
    """Return tuples as lists, all the way down: JSON knows no other sequence."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
