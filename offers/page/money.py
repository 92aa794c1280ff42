"""Parser of the allowance: one amount, or a minimum and a maximum, and the currency."""

import re
from dataclasses import dataclass
from decimal import Decimal

from .lines import fold, squash

_AMOUNT = r"\d{1,3}(?:[ .]\d{3})+(?:,\d{2})?|\d+(?:,\d{2})?"
_CURRENCY = (
    r"\$ ?(?:canadiens|cad|can|ca|americains|usd|us)?|cad|usd|eur(?:os?)?|€|chf|francs suisses"
    r"|dollars(?: canadiens| americains)?"
)
_ALLOWANCE = re.compile(
    rf"^(?:de |entre |du )?(?P<least>{_AMOUNT}) ?(?P<first>{_CURRENCY})?"
    rf"(?: ?(?:a|et|-|jusqu'a) ?(?P<most>{_AMOUNT}) ?(?P<second>{_CURRENCY}))?(?![a-z])(?P<rest>.*)$",
    re.ASCII,
)
_ALONE = re.compile(rf"^(?P<least>{_AMOUNT}) ?(?P<first>{_CURRENCY})(?P<rest>.*)$", re.ASCII)
_MOST = Decimal(10) ** 7  # exclusive; limit of the column


@dataclass(frozen=True, slots=True)
class Allowance:
    """From `least` to `most`, both inclusive, in `currency` (ISO 4217); `rest` is the unread text."""

    least: Decimal
    most: Decimal
    currency: str
    rest: str


def read_allowance(printed: str) -> Allowance | None:
    """Return the allowance; None unless it is one or two amounts in one currency, the lower one first."""
    text = squash(fold(printed))
    found = _ALLOWANCE.match(text)
    if found is None or found["most"] is None:
        found = _ALONE.match(text)
    if found is None:
        return None
    groups = found.groupdict()
    least = _amount(groups["least"])
    most = _amount(groups.get("most") or groups["least"])
    last = groups.get("second") or groups["first"]
    # A plain « $ » next to « $ CA » is the same currency.
    currencies = {_code(name) for name in (groups["first"] or last, last)}
    if len(currencies) > 1 or least > most or most >= _MOST:
        return None
    return Allowance(least, most, currencies.pop(), groups["rest"])


def _amount(printed: str) -> Decimal:
    return Decimal(re.sub(r"[ .]", "", printed).replace(",", "."))


def _code(currency: str) -> str:
    words = currency.replace("$", " ").split()
    if "€" in currency or any(word.startswith("eur") for word in words):
        return "EUR"
    if {"chf", "francs"} & set(words):
        return "CHF"
    return "USD" if {"us", "usd", "americains"} & set(words) else "CAD"
