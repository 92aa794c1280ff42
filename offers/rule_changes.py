"""Descriptions of the differences between two rulebooks, for the page of the criteria and for `OfferChange.details`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import override

from offers.criterion_labels import criterion_name, describe_criterion
from offers.rule_labels import PARAMETERS, format_day, format_value

type RulebookJSON = Mapping[str, Any]
type CriterionJSON = Mapping[str, Any]

_QUOTED: Final = frozenset({"reference", "text"})
_LISTS: Final = frozenset({"accepted", "provinces", "languages"})
"""Parameters whose order has no meaning."""


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
    with override("fr"):
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
            was, becomes = (format_day(date.fromisoformat(each[key])) for each in (before, after))
            yield RuleChange(name, was, becomes)


def _criteria_changes(before: list[CriterionJSON], after: list[CriterionJSON]) -> Iterator[RuleChange]:
    pairs = _paired(before, after)
    kept: list[int] = []
    for new, old in pairs:
        if old is None:
            name, rule = describe_criterion(new)
            yield RuleChange(name, None, _with_sentence(new, rule))
        else:
            kept.append(before.index(old))
            yield from _parameter_changes(old, new)
    paired = [id(old) for _new, old in pairs if old is not None]
    for old in before:
        if id(old) not in paired:
            name, rule = describe_criterion(old)
            yield RuleChange(name, _with_sentence(old, rule), None)
    if kept != sorted(kept):
        yield RuleChange(_("Ordre des critères"), _order(before), _order(after))


def _with_sentence(criterion: CriterionJSON, rule: str) -> str:
    text = criterion.get("clause", {}).get("text")
    return f"{rule} («\u00a0{text}\u00a0»)" if criterion["kind"] == "OTHER" and text else rule


def _order(criteria: list[CriterionJSON]) -> str:
    return ", ".join(criterion_name(criterion["kind"]) for criterion in criteria)


def _paired(
    before: list[CriterionJSON], after: list[CriterionJSON]
) -> list[tuple[CriterionJSON, CriterionJSON | None]]:
    """Return each new criterion with the old one that it replaces, or None."""
    left = list(before)
    found: dict[int, CriterionJSON] = {}
    for alike in (_same_sentence, _same_kind):
        for new in after:
            old = next((each for each in left if id(new) not in found and alike(each, new)), None)
            if old is not None:
                found[id(new)] = old
                left = [each for each in left if each is not old]
    return [(new, found.get(id(new))) for new in after]


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
