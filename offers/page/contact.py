"""Parser of the contact: unit, telephone with extension, email address."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .lines import fold, squash
from .parts import MAX_NAME_LENGTH, Contact, Point
from .sections import Part

_EMAIL = re.compile(
    r"(?:(?:adresse )?(?:courriel|electronique)|e-?mail|mel)? ?:? ?"
    r"(?P<email>[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})",
    re.ASCII,
)
_PHONE = re.compile(
    r"(?:tel(?:ephone)?)? ?\.? ?:? ?(?P<phone>\+?\(?\d[\d .()-]{5,18}\d)"
    r"(?:,? ?(?:poste|ext\.?|p\.) ?:? ?(?P<extension>\d{1,8}))?",
    re.ASCII,
)
# The name of this ministry, which runs the portal, does not identify a unit.
_HOUSE = re.compile(r"ministere des relations internationales et de la francophonie(?: \(mrif\))?\.?")
_OTHER_MACHINE = re.compile(r"\btelecopieur\b|\bfax\b")
_SEPARATORS = " ,;:-–—()|."
_MAX_LINE_LENGTH, _MAX_UNIT_LINE_LENGTH = 500, 120  # characters
_MAX_EMAIL_LENGTH = 254


def read_contact(parts: Sequence[Part], points: list[Point]) -> Contact | None:
    """Return the contact in some parts, or None. A line that is not part of a contact becomes a point."""
    reading = _ParsedContact()
    for part in parts:
        reading.printed.append(part.title)
        texts = [squash(line.content) for line in part.lines if line.content]
        points.extend(Point("TEXT_NOT_PLACED", text) for text in texts if not reading.takes(text))
    if not reading.units and not reading.given:
        points.append(Point("CONTACT_MISSING", "\n".join(reading.printed)))
        return None
    unit = ", ".join(reading.units)
    if len(unit) > MAX_NAME_LENGTH:
        points.append(Point("TEXT_NOT_PLACED", unit))
        unit = ""
    if not reading.given:
        points.append(Point("CONTACT_NOT_READ", unit))
    return Contact(
        unit=unit,
        phone=reading.given.get("phone", ""),
        extension=reading.given.get("extension", ""),
        email=reading.given.get("email", ""),
        printed=tuple(reading.printed),
    )


@dataclass(slots=True)
class _ParsedContact:
    """The contact read from the lines so far."""

    units: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)

    def takes(self, text: str) -> bool:
        """Store the contact data of a line. True if no text of the line is left unread."""
        given_before = bool(self.given)
        if len(text) > _MAX_LINE_LENGTH or _OTHER_MACHINE.search(fold(text)):
            return False
        rest = self._consume_addresses(text)
        if rest == text and (given_before or not _is_unit(text)):
            return False
        rest = rest.strip(_SEPARATORS)
        if re.search(r"\w", rest):
            # Next to an address, only text before a separator is a name; else the line is a sentence.
            if given_before or not _is_unit(rest) or (rest != text and not _is_set_apart(text, rest)):
                return False
            if not _HOUSE.fullmatch(fold(rest)):
                self.units.append(rest)
        self.printed.append(text)
        return True

    def _consume_addresses(self, text: str) -> str:
        """Store the email address and telephone of a line unless already known; return the rest of the line."""
        rest = text
        for pattern, name in ((_EMAIL, "email"), (_PHONE, "phone")):
            match = pattern.search(fold(rest))
            if not match or name in self.given or len(match[name]) > _MAX_EMAIL_LENGTH:
                continue
            # Positions in the folded text are valid in the text: an address keeps its letters as printed.
            self.given[name] = rest[slice(*match.span(name))].strip()
            if match.groupdict().get("extension"):
                self.given["extension"] = match["extension"]
            rest = f"{rest[: match.start()]}{rest[match.end() :]}"
        return rest


def _is_unit(text: str) -> bool:
    return len(text) <= _MAX_UNIT_LINE_LENGTH and text[-1] not in ".:;!?" and "@" not in text


def _is_set_apart(text: str, name: str) -> bool:
    before, _, after = text.partition(name)
    return not before and after.lstrip()[:1] in {",", ";", ":", "-", "–", "—", "("}
