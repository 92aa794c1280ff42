"""Descriptions of changes of an offer, stored in `OfferChange.details`.

They are in French, the language of the offer, whatever the language of the user's page; the public page marks them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.utils.translation import override
from django_stubs_ext import StrOrPromise

from offers.date_formats import format_closing as closing_words
from offers.date_formats import format_day as day_words
from offers.import_messages import point_message
from offers.models import Offer, OpenPoint, Section

_LANGUAGE = "fr"
_MEBIBYTE = 1024 * 1024


class DocumentLike(Protocol):
    """The fields of a document request, stored or to be written."""

    @property
    def label(self) -> str: ...  # noqa: D102 -- a field of `DocumentRequest`
    @property
    def hint(self) -> str: ...  # noqa: D102 -- a field of `DocumentRequest`
    @property
    def required(self) -> bool: ...  # noqa: D102 -- a field of `DocumentRequest`
    @property
    def max_pages(self) -> int: ...  # noqa: D102 -- a field of `DocumentRequest`
    @property
    def max_bytes(self) -> int: ...  # noqa: D102 -- a field of `DocumentRequest`


class SectionLike(Protocol):
    """The fields of a section, stored or to be written."""

    @property
    def kind(self) -> str: ...  # noqa: D102 -- a field of `Section`
    @property
    def title(self) -> str: ...  # noqa: D102 -- a field of `Section`
    @property
    def text(self) -> str: ...  # noqa: D102 -- a field of `Section`


def format_day(day: date) -> str:
    """Write a day: `1er octobre 2027`."""
    with override(_LANGUAGE):
        return day_words(day)


def format_closing(closes_at: datetime, zone: ZoneInfo) -> str:
    """Write an exclusive closing instant by its last open minute: `1er octobre 2027, 23 h 59 (heure de…)`."""
    with override(_LANGUAGE):
        return closing_words(closes_at, zone)


def header_lines(offer: Offer, changes: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line per field of the header: its name, old value and new value."""
    for name, value in changes.items():
        with override(_LANGUAGE):
            label = str(getattr(Offer._meta.get_field(name), "verbose_name", name))
        yield f"{_capital(label)}\u00a0: {_quote(getattr(offer, name))} → {_quote(value)}"


def section_lines(before: Sequence[SectionLike], after: Sequence[SectionLike]) -> list[str]:
    """Return one line per section changed, added or removed, and one if the order of the kept sections changed."""
    pairs = _paired(before, after)
    kept = [pair for pair in pairs if pair[0] is not None and pair[1] is not None]
    lines = [
        line for old, new in pairs if old is not None and new is not None for line in _section_line(old, new)
    ]
    lines += [
        f"Section «\u00a0{_name(new)}\u00a0»\u00a0: ajoutée" for old, new in pairs if old is None and new
    ]
    lines += [
        f"Section «\u00a0{_name(old)}\u00a0»\u00a0: retirée" for old, new in pairs if new is None and old
    ]
    places = [next(i for i, each in enumerate(before) if each is old) for old, _new in kept]
    if places != sorted(places):
        lines.append("Ordre des sections\u00a0: changé")
    return lines


def document_lines(before: Sequence[DocumentLike], after: Sequence[DocumentLike]) -> list[str]:
    """Return one line per change of the document requests; `after` starts with the requests of `before`, in order."""
    lines: list[str] = []
    for old, new in zip(before, after, strict=False):
        lines += [
            f"Document «\u00a0{old.label}\u00a0»\u00a0: {change}" for change in _document_changes(old, new)
        ]
    lines += [f"Document «\u00a0{new.label}\u00a0»\u00a0: ajouté, facultatif" for new in after[len(before) :]]
    return lines


def _paired(
    before: Sequence[SectionLike], after: Sequence[SectionLike]
) -> list[tuple[SectionLike | None, SectionLike | None]]:
    """Pair old and new sections by title, else by kind and similar text; the others are paired with None."""
    left = list(before)
    pairs: list[tuple[SectionLike | None, SectionLike | None]] = []
    for same in (_same_title, _same_text):
        for new in after:
            if any(paired is new for _old, paired in pairs):
                continue
            found = next((old for old in left if same(old, new)), None)
            if found is not None:
                left = [old for old in left if old is not found]
                pairs.append((found, new))
    paired_new = [new for _old, new in pairs]
    pairs += [(None, new) for new in after if not any(each is new for each in paired_new)]
    pairs.sort(key=lambda pair: next(i for i, each in enumerate(after) if each is pair[1]))
    return pairs + [(old, None) for old in left]


def _same_title(old: SectionLike, new: SectionLike) -> bool:
    return bool(new.title) and old.title == new.title


def _same_text(old: SectionLike, new: SectionLike) -> bool:
    alike = SequenceMatcher(None, old.text, new.text, autojunk=False)
    return old.kind == new.kind and alike.quick_ratio() > 0.6 and alike.ratio() > 0.6  # noqa: PLR2004 -- more kept than changed


def _section_line(old: SectionLike, new: SectionLike) -> Iterator[str]:
    if old.title != new.title:
        yield f"Section «\u00a0{_name(old)}\u00a0»\u00a0: s’intitule «\u00a0{_name(new)}\u00a0»"
    if _lines(old.text) != _lines(new.text):
        yield f"Section «\u00a0{_name(new)}\u00a0»\u00a0: texte modifié"
    if old.kind != new.kind:
        nature = _kind_label(new)
        yield f"Section «\u00a0{_name(new)}\u00a0»\u00a0: nature «\u00a0{nature}\u00a0»"


def _lines(text: str) -> list[str]:
    """Return the lines of a text as a reader sees them: browsers send other line endings."""
    return [line.rstrip() for line in text.strip("\r\n").splitlines()]


def _document_changes(old: DocumentLike, new: DocumentLike) -> Iterator[str]:
    if old.label != new.label:
        yield f"s’intitule «\u00a0{new.label}\u00a0»"
    if old.hint != new.hint:
        yield "précision modifiée"
    if old.required and not new.required:
        yield "devient facultatif"
    if old.max_pages != new.max_pages:
        yield f"{new.max_pages}\u00a0pages au plus, au lieu de {old.max_pages}"
    if old.max_bytes != new.max_bytes:
        yield f"{_size(new.max_bytes)} au plus, au lieu de {_size(old.max_bytes)}"


def _size(number: int) -> str:
    if number % _MEBIBYTE == 0:
        return f"{number // _MEBIBYTE}\u00a0Mo"
    return f"{number}\u00a0octets"


def _name(section: SectionLike) -> str:
    return section.title or _kind_label(section)


def _kind_label(section: SectionLike) -> str:
    with override(_LANGUAGE):
        return str(Section.Kind(section.kind).label)


def _quote(value: object) -> str:
    match value:
        case None | "":
            return "rien"
        case bool():
            return "oui" if value else "non"
        case date():
            return format_day(value)
        case Decimal():
            return f"{value:,.2f}".replace(",", "\u00a0").replace(".", ",")
        case _:
            return f"«\u00a0{value}\u00a0»"


def _capital(words: StrOrPromise) -> str:
    text = str(words)
    return text[:1].upper() + text[1:]


def describe_point(point: OpenPoint) -> str:
    """Return the French sentence of an open point."""
    with override(_LANGUAGE):
        return point_message(point.code, point.excerpt)
