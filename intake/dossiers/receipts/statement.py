"""What a receipt states, and nothing personal: the facts that its PDF carries and that its JSON twin is signed over."""

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

SCHEMA: Final = 1
TYPE: Final = "receipt"
"""Says what the signed bytes are of: the same key signs other sorts."""

CODE_LENGTH: Final = 12
"""Characters of 5 bits: 60 bits in all. At a thousand guesses a second and a million receipts, one in 36 years."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O or U
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})
_GROUP = 4
_PURPOSE = b"receipt code/1"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class InvalidStatementError(ValueError):
    """A text does not hold the facts of a receipt in a schema that this code reads."""

    code = "NOT_FACTS"


@dataclass(frozen=True, slots=True)
class ReceiptStatement:
    """The facts of one receipt. Instants are ISO texts in UTC; `closes_at` is exclusive."""

    number: str
    received_at: str
    offer: str
    organisation: str
    closes_at: str
    """Until when this application could be filed, as it then stood: the offer's closing, or the person's own."""
    time_zone: str
    sequence: int
    """The filing's rank among those of its application, from 1."""
    replaces: str | None
    """The number of the receipt of the filing that this one replaces."""
    seal: str
    """The digest of all that was filed: `sha256:` and 64 hexadecimal figures, over a salted text."""
    documents: tuple[str, ...]
    """The SHA-256 of each file as it was received, in the order of the offer's list."""

    @property
    def received(self) -> datetime:
        """Return the instant of the filing, aware."""
        return datetime.fromisoformat(self.received_at)

    @property
    def closing(self) -> datetime:
        """Return the exclusive instant `closes_at`, on the clock on which the offer says its hours."""
        return datetime.fromisoformat(self.closes_at).astimezone(ZoneInfo(self.time_zone))

    @property
    def code(self) -> str:
        """Return the short code that shows the receipt: made of its number and its seal, which nobody can guess."""
        digest = hashlib.sha256(b"\n".join((_PURPOSE, self.number.encode(), self.seal.encode()))).digest()
        figures = int.from_bytes(digest)
        text = "".join(_ALPHABET[figures >> (5 * rank) & 31] for rank in range(CODE_LENGTH))
        return group_code(text)

    def canonical(self) -> bytes:
        """Return the facts as canonical JSON: what is signed, byte for byte."""
        return canonical(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Return the facts in the shape of the twin's member `receipt`."""
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
        """Return the facts of a JSON text.

        :raises NotFactsError: it holds none, or in another schema.
        """
        try:
            return cls.from_json(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise InvalidStatementError from error

    @classmethod
    def from_json(cls, raw: Any) -> Self:
        """Return the facts of what a JSON text held; every member is there, of its type, and no other is.

        Each text is in NFC already: composed for the signature alone, it could be changed unseen (KELVIN SIGN for K).

        :raises NotFactsError: it is not so.
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
            and self.received.tzinfo is not None
            and self.closing.tzinfo is not None
            and all(
                _SHA256.fullmatch(digest) for digest in (*self.documents, self.seal.removeprefix("sha256:"))
            )
        )


def _is_composed(text: object) -> bool:
    return isinstance(text, str) and unicodedata.is_normalized("NFC", text)


def format_instant(at: datetime) -> str:
    """Return an aware instant as the facts write it: in UTC, to the microsecond it has, ending in Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def group_code(code: str) -> str:
    """Return the characters of a code in groups of four, as people read them."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def parse_code(text: str) -> str | None:
    """Return the code that a person typed, grouped; None if it is none. Case, spaces and hyphens do not matter."""
    plain = re.sub(r"[\s\u2010-\u2015\u2212-]+", "", text).upper().translate(_MISREAD)
    if len(plain) != CODE_LENGTH or any(character not in _ALPHABET for character in plain):
        return None
    return group_code(plain)


def is_statement(raw: Any) -> bool:
    """Tell whether what a JSON text held says of itself that it is the facts of a receipt."""
    return isinstance(raw, Mapping) and raw.get("type") == TYPE
