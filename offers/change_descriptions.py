"""Descriptions of changes of an offer and of its criteria, stored in `OfferChange.details`.

Those are in French, the language of the offer, whatever the language of the user's page; the public page marks them.
The page of the criteria shows differences between rulebooks in the active language.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import override

from eligibility.bilingual import day
from offers import date_formats
from offers.criterion_labels import (
    PARAMETERS,
    CriterionJSON,
    capitalize_first,
    criterion_name,
    describe_criterion,
    format_value,
    localized,
)
from offers.import_messages import point_message
from offers.models import DocumentRequest, DocumentRequestData, Offer, OpenPoint, Section, SectionData

type SectionLike = Section | SectionData
type DocumentLike = DocumentRequest | DocumentRequestData
type RulebookJSON = Mapping[str, Any]

_LANGUAGE: Final = "fr"
_MEBIBYTE: Final = 1024 * 1024
_QUOTED: Final = frozenset({"reference", "text"})
_LISTS: Final = frozenset({"accepted", "provinces", "languages"})
"""Parameters whose order has no meaning."""


def format_day(on: date) -> str:
    """Write a day: `1er octobre 2027`."""
    with override(_LANGUAGE):
        return date_formats.format_day(on)


def format_closing(closes_at: datetime, zone: ZoneInfo) -> str:
    """Write an exclusive closing instant by its last open minute: `1er octobre 2027, 23 h 59 (heure de…)`."""
    with override(_LANGUAGE):
        return date_formats.format_closing(closes_at, zone)


def header_lines(offer: Offer, changes: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line per field of the header: its name, old value and new value."""
    for name, value in changes.items():
        with override(_LANGUAGE):
            label = str(getattr(Offer._meta.get_field(name), "verbose_name", name))
        yield f"{capitalize_first(label)}\u00a0: {_quote(getattr(offer, name))} → {_quote(value)}"


def section_lines(before: Sequence[SectionLike], after: Sequence[SectionLike]) -> list[str]:
    """Return one line per section changed, added or removed, and one if the order of the kept sections changed.

    Sections are paired by title, else by kind and similar text.
    """
    pairs = _pair_up(before, after, (_same_title, _same_text))
    kept = [(old, new) for old, new in pairs if old is not None]
    places = {id(old): place for place, old in enumerate(before)}
    order = [places.pop(id(old)) for old, _new in kept]
    lines = [line for old, new in kept for line in _section_line(old, new)]
    lines += [f"Section «\u00a0{_name(new)}\u00a0»\u00a0: ajoutée" for old, new in pairs if old is None]
    lines += [f"Section «\u00a0{_name(before[place])}\u00a0»\u00a0: retirée" for place in places.values()]
    if order != sorted(order):
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


def _pair_up[Old, New](
    before: Iterable[Old], after: Sequence[New], tests: Iterable[Callable[[Old, New], bool]]
) -> list[tuple[Old | None, New]]:
    """Return each new part with the old one that it replaces, or None. The first tests pair before the later ones."""
    left = list(before)
    matches: dict[int, Old] = {}
    for alike in tests:
        for new in after:
            old = next((each for each in left if id(new) not in matches and alike(each, new)), None)
            if old is not None:
                matches[id(new)] = old
                left = [each for each in left if each is not old]
    return [(matches.get(id(new)), new) for new in after]


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


def describe_point(point: OpenPoint) -> str:
    """Return the French sentence of an open point."""
    with override(_LANGUAGE):
        return point_message(point.code, point.excerpt)


# -- Criteria ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class RuleChange:
    """One difference: its subject, and its values before and after; None if that side has no value."""

    subject: str
    before: str | None
    after: str | None
    quoted: bool = False
    """True if both values quote the offer, which is in French whatever the page's language."""


def rulebook_changes(before: RulebookJSON, after: RulebookJSON) -> list[RuleChange]:
    """Return the differences between two rulebooks (JSON of `docs/contracts.md`), in the active language.

    Criteria are paired by kind and sentence, then by kind in order. The order within a list of accepted values is no
    difference; the order of the criteria is one, because findings have the same order.
    """
    return [*_day_changes(before, after), *_criteria_changes(before["criteria"], after["criteria"])]


def change_lines(before: RulebookJSON, after: RulebookJSON) -> list[str]:
    """Return the differences as French lines that candidates may read, one per line (`OfferChange.details`)."""
    with override(_LANGUAGE):
        return [_line(change) for change in rulebook_changes(before, after)]


def _line(change: RuleChange) -> str:
    if change.before is None:
        return f"{change.subject}\u00a0: {_('ajouté')}, {change.after}"
    if change.after is None:
        return f"{change.subject}\u00a0: {_('retiré')}, {change.before}"
    return f"{change.subject}\u00a0: {change.before} → {change.after}"


def _day_changes(before: RulebookJSON, after: RulebookJSON) -> Iterator[RuleChange]:
    named = {"starts_on": _("Début du stage"), "closes_on": _("Date limite d’inscription")}
    for key, name in named.items():
        if before[key] != after[key]:
            was, becomes = (localized(day(date.fromisoformat(each[key]))) for each in (before, after))
            yield RuleChange(name, was, becomes)


def _criteria_changes(before: list[CriterionJSON], after: list[CriterionJSON]) -> Iterator[RuleChange]:
    pairs = _pair_up(before, after, (_same_sentence, _same_kind))
    for old, new in pairs:
        if old is None:
            yield RuleChange(criterion_name(new["kind"]), None, _rule(new))
        else:
            yield from _parameter_changes(old, new)
    kept = [old for old, _new in pairs if old is not None]
    for old in before:
        if not any(old is each for each in kept):
            yield RuleChange(criterion_name(old["kind"]), _rule(old), None)
    order = [before.index(old) for old in kept]
    if order != sorted(order):
        yield RuleChange(_("Ordre des critères"), _order(before), _order(after))


def _rule(criterion: CriterionJSON) -> str:
    rule = describe_criterion(criterion)[1]
    text = criterion.get("clause", {}).get("text")
    return f"{rule} («\u00a0{text}\u00a0»)" if criterion["kind"] == "OTHER" and text else rule


def _order(criteria: list[CriterionJSON]) -> str:
    return ", ".join(criterion_name(criterion["kind"]) for criterion in criteria)


def _same_kind(old: CriterionJSON, new: CriterionJSON) -> bool:
    return bool(old["kind"] == new["kind"])


def _same_sentence(old: CriterionJSON, new: CriterionJSON) -> bool:
    return _same_kind(old, new) and old.get("clause") == new.get("clause")


def _parameter_changes(old: CriterionJSON, new: CriterionJSON) -> Iterator[RuleChange]:
    before, after = _flat(old), _flat(new)
    name = criterion_name(new["kind"])
    for key, label in PARAMETERS.items():
        if _meaning(key, before.get(key)) != _meaning(key, after.get(key)):
            yield RuleChange(
                f"{name} — {_lower(str(label))}",
                format_value(key, before.get(key)),
                format_value(key, after.get(key)),
                quoted=key in _QUOTED,
            )


def _flat(criterion: CriterionJSON) -> dict[str, Any]:
    return {**criterion, **criterion.get("clause", {})}


def _meaning(key: str, value: Any) -> Any:
    if key in _LISTS:
        return frozenset(value or ())
    return value or None if key in _QUOTED else value


def _lower(text: str) -> str:
    return text if text.startswith("École") else text[:1].lower() + text[1:]
