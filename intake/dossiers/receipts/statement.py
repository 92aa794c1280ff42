"""Statement of a receipt: the content of PDF metadata and JSON receipt. It contains no personal data."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from eligibility.codec import canonical
from intake.transparency.leaves import LeafContent

SCHEMA: Final = 1
TYPE: Final = "receipt"
"""Type of the signed bytes: the same key signs other types too."""

CODE_LENGTH: Final = 12
"""Characters of 5 bits, so 60 bits. At 1,000 guesses a second and 10^6 receipts, one correct guess in 36 years."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O or U
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})
_GROUP = 4
_PURPOSE = b"receipt code/1"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class InvalidStatementError(ValueError):
    """The input is not a receipt's statement in a schema that this code reads."""

    code = "NOT_FACTS"


@dataclass(frozen=True, slots=True)
class ReceiptStatement:
    """Statement of one receipt. Instants are ISO 8601 texts in UTC; `closes_at` is exclusive."""

    number: str
    received_at: str
    offer: str
    organisation: str
    closes_at: str
    """End of the candidate's filing window at the time of the filing, personal extension and complement included."""
    time_zone: str
    sequence: int
    """Sequence of the filing in its submission, from 1."""
    replaces: str | None
    """Receipt number of the replaced filing."""
    seal: str
    """Digest of the salted payload: `sha256:` and 64 hexadecimal digits."""
    documents: tuple[str, ...]
    """SHA-256 of each file as received, in the order of the offer's document requests."""

    @property
    def received(self) -> datetime:
        """Instant of the filing, in the offer's time zone."""
        return datetime.fromisoformat(self.received_at).astimezone(ZoneInfo(self.time_zone))

    @property
    def leaf(self) -> LeafContent:
        """Content of the receipt's leaf in the public log."""
        return LeafContent(number=self.number, received_at=self.received, seal=self.seal)

    @property
    def closing(self) -> datetime:
        """Exclusive instant `closes_at`, in the offer's time zone."""
        return datetime.fromisoformat(self.closes_at).astimezone(ZoneInfo(self.time_zone))

    @property
    def code(self) -> str:
        """Grouped verification code, derived from the number and from the seal's digest, which cannot be guessed."""
        digest = hashlib.sha256(b"\n".join((_PURPOSE, self.number.encode(), self.seal.encode()))).digest()
        figures = int.from_bytes(digest)
        text = "".join(_ALPHABET[figures >> (5 * rank) & 31] for rank in range(CODE_LENGTH))
        return group_code(text)

    def canonical(self) -> bytes:
        """Return the statement as canonical JSON, the bytes that are signed."""
        return canonical(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Return the statement in the shape of member `receipt` of the JSON receipt."""
        return {
            "type": TYPE,
            "schema": SCHEMA,
            "number": self.number,
            "received_at": self.received_at,
            "closes_at": self.closes_at,
            "offer": {"number": self.offer, "organisation": self.organisation, "time_zone": self.time_zone},
            "sequence": self.sequence,
            "replaces": self.replaces,
            "seal": self.seal,
            "documents": list(self.documents),
        }

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Parse a statement from a JSON text.

        :raises InvalidStatementError: if the text is not a statement in this schema.
        """
        try:
            return cls.from_json(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise InvalidStatementError from error

    @classmethod
    def from_json(cls, raw: Any) -> Self:
        """Return the statement in the parsed JSON `raw`. It must have exactly the expected members and types.

        Each text must already be in NFC. Normalising it only for the signature would allow an unnoticed change (KELVIN
        SIGN for K).

        :raises InvalidStatementError: if a condition fails.
        """
        try:
            facts = cls(
                number=raw["number"],
                received_at=raw["received_at"],
                offer=raw["offer"]["number"],
                organisation=raw["offer"]["organisation"],
                closes_at=raw["closes_at"],
                time_zone=raw["offer"]["time_zone"],
                sequence=raw["sequence"],
                replaces=raw["replaces"],
                seal=raw["seal"],
                documents=tuple(raw["documents"]),
            )
            if facts.as_json() != raw or not facts._is_well_formed():
                raise InvalidStatementError
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise InvalidStatementError from error
        return facts

    def _is_well_formed(self) -> bool:
        texts: tuple[Any, ...] = (self.number, self.offer, self.organisation, self.time_zone, self.seal)
        texts += (self.received_at, self.closes_at, *self.documents)
        sequence: Any = self.sequence
        replaces: Any = self.replaces
        return (
            all(_is_composed(text) for text in texts)
            and type(sequence) is int
            and (replaces is None or _is_composed(replaces))
            and all(datetime.fromisoformat(at).tzinfo for at in (self.received_at, self.closes_at))
            and all((self.received, self.closing))  # an unknown zone or an extreme instant raises
            and all(
                _SHA256.fullmatch(digest) for digest in (*self.documents, self.seal.removeprefix("sha256:"))
            )
        )


def _is_composed(text: object) -> bool:
    return isinstance(text, str) and unicodedata.is_normalized("NFC", text)


def format_instant(at: datetime) -> str:
    """Return an aware instant as in a statement: ISO 8601 in UTC, with microseconds if not zero, ending in Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def group_code(code: str) -> str:
    """Return the characters of a code in groups of four, separated by hyphens."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def parse_code(text: str) -> str | None:
    """Return the typed code, grouped, or None. Ignores case, spaces and hyphens; reads I and L as 1, O as 0."""
    plain = re.sub(r"[\s\u2010-\u2015\u2212-]+", "", text).upper().translate(_MISREAD)
    if len(plain) != CODE_LENGTH or any(character not in _ALPHABET for character in plain):
        return None
    return group_code(plain)


def is_statement(raw: Any) -> bool:
    """True if the parsed JSON `raw` has the type of a receipt's statement."""
    return isinstance(raw, Mapping) and raw.get("type") == TYPE
