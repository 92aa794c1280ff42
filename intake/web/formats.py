"""Formats of days, instants, amounts and sizes for people, in pages, mails and PDFs.

Every function reads the active language (English if active, French otherwise) and nothing else: no request, no clock,
no setting. Non-breaking spaces join figures to their units. The texts are here and not in the catalogue because they
are grammar (order, plural, `1er`), not sentences. An instant is aware: a naive one raises ValueError.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from intake.base.numbers import WrittenNumber

NBSP = "\u00a0"
QUEBEC = ZoneInfo("America/Toronto")
"""The portal's zone: a printed closing day ends in it."""

_MONTHS_FR = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()  # noqa: SIM905 -- twelve quoted words hide a missing one
)
_MONTHS_EN = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905 -- twelve quoted words hide a missing one
)
_ZONES = {
    "America/Toronto": ("heure{} de l’Est, Québec", "Eastern{} Time, Québec"),
    "America/Montreal": ("heure{} de l’Est, Québec", "Eastern{} Time, Québec"),
    "America/Blanc-Sablon": ("heure{} de l’Atlantique, Québec", "Atlantic{} Time, Québec"),
    "America/Halifax": ("heure{} de l’Atlantique", "Atlantic{} Time"),
    "America/Moncton": ("heure{} de l’Atlantique", "Atlantic{} Time"),
    "America/St_Johns": ("heure{} de Terre-Neuve", "Newfoundland{} Time"),
    "America/Winnipeg": ("heure{} du Centre", "Central{} Time"),
    "America/Edmonton": ("heure{} des Rocheuses", "Mountain{} Time"),
    "America/Vancouver": ("heure{} du Pacifique", "Pacific{} Time"),
}
_SYMBOLS = {
    "CAD": ("$", "$"),
    "USD": (f"${NBSP}US", "US$"),
    "EUR": ("€", "€"),
}
_CENT = Decimal("0.01")


def in_english() -> bool:
    """True if the active language is English. All other languages are written in French."""
    return (get_language() or "").startswith("en")


def _aware(at: datetime) -> datetime:
    if at.utcoffset() is None:
        message = "an instant needs a time zone"
        raise ValueError(message)
    return at


def zone_of(at: datetime) -> ZoneInfo:
    """Return the zone in which an instant is written by default: its own, or Québec's if that is UTC."""
    zone = at.tzinfo
    return zone if isinstance(zone, ZoneInfo) and zone.key != "UTC" else QUEBEC


def day(value: date) -> str:
    """Write a day: `1er octobre 2023`, `October 1, 2023`. The day of a `datetime` is the day in Québec."""
    if isinstance(value, datetime):
        value = _aware(value).astimezone(QUEBEC).date()
    if in_english():
        return f"{_MONTHS_EN[value.month - 1]}{NBSP}{value.day}, {value.year}"
    return f"{_day_month_fr(value)}{NBSP}{value.year}"


def month(value: date) -> str:
    """Write the month of a day: `octobre 2023`, `October 2023`."""
    names = _MONTHS_EN if in_english() else _MONTHS_FR
    return f"{names[value.month - 1]}{NBSP}{value.year}"


def _day_month_fr(value: date) -> str:
    number = "1er" if value.day == 1 else str(value.day)
    return f"{number}{NBSP}{_MONTHS_FR[value.month - 1]}"


def period(start: date, end: date) -> str:
    """Write two days as one range, the year once when it is the same: `du 15 janvier au 12 juillet 2024`."""
    if in_english():
        first = day(start) if start.year != end.year else f"{_MONTHS_EN[start.month - 1]}{NBSP}{start.day}"
        return f"{first} to {day(end)}"
    first = day(start) if start.year != end.year else _day_month_fr(start)
    return f"du {first} au {day(end)}"


def hour(at: datetime, *, zone: ZoneInfo = QUEBEC, seconds: bool = False) -> str:
    """Write the time of day in `zone`: `14 h 32`, `9 h`, `2:32 p.m.`. Seconds are truncated."""
    local = _aware(at).astimezone(zone)
    if in_english():
        suffix = "a.m." if local.hour < 12 else "p.m."  # noqa: PLR2004 -- noon
        figures = f"{local.hour % 12 or 12}:{local.minute:02d}" + (f":{local.second:02d}" if seconds else "")
        return f"{figures}{NBSP}{suffix}"
    if seconds:
        return f"{local.hour}{NBSP}h{NBSP}{local.minute:02d}{NBSP}min{NBSP}{local.second:02d}{NBSP}s"
    return f"{local.hour}{NBSP}h" + (f"{NBSP}{local.minute:02d}" if local.minute else "")


def _zone_name(local: datetime, zone: ZoneInfo) -> str:
    english = in_english()
    patterns = _ZONES.get(zone.key)
    if patterns is None:
        return f"time zone {zone.key}" if english else f"fuseau {zone.key}"
    # In November the hour from 1 to 2 happens twice: only then does the text name the season. Naming it all year
    # would invite "EST" in summer.
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    seasons = (" Daylight", " Standard") if english else (" avancée", " normale")
    return patterns[english].format(seasons[local.fold] if twice else "")


def instant(at: datetime, *, zone: ZoneInfo | None = None, seconds: bool = False) -> str:
    """Write an instant with its zone, or `zone_of(at)`'s: `1er octobre 2023, 23 h 59 (heure de l’Est, Québec)`."""
    zone = zone or zone_of(at)
    local = _aware(at).astimezone(zone)
    return f"{day(local.date())}, {hour(at, zone=zone, seconds=seconds)} ({_zone_name(local, zone)})"


def last_minute(closes_at: datetime) -> datetime:
    """Return the start (UTC) of the last minute before an exclusive closing instant."""
    just_before = _aware(closes_at).astimezone(UTC) - timedelta(microseconds=1)
    return just_before.replace(second=0, microsecond=0)


def closing(closes_at: datetime, *, zone: ZoneInfo | None = None) -> str:
    """Write an exclusive closing instant, as `instant`, by its last open minute: `23 h 59` of the day before 00:00."""
    return instant(last_minute(closes_at), zone=zone or zone_of(closes_at))


def number(value: int) -> str:
    """Write a whole number with a thousands separator: `15 000`, `15,000`."""
    return str(WrittenNumber(value))


def money(amount: Decimal | int, currency: str = "CAD") -> str:
    """Write an amount: `15 000 $`, `15 000,50 $`, `$15,000.50`. Half a cent is rounded up; cents of zero are omitted.

    `currency` is an ISO 4217 code, written as such if it has no symbol here.
    """
    cents = Decimal(amount).quantize(_CENT, rounding=ROUND_HALF_UP)
    figures = f"{cents:,.2f}".removesuffix(".00")
    english = in_english()
    symbol = _SYMBOLS.get(currency, (currency, currency + NBSP))[english]
    if english:
        return f"{symbol}{figures}"
    return figures.replace(",", NBSP).replace(".", ",") + NBSP + symbol


def money_range(low: Decimal | int, high: Decimal | int | None, currency: str = "CAD") -> str:
    """Write an amount or a range: `15 000 $`, `13 000 $ à 15 000 $`. `high` may be None or equal to `low`."""
    if high is None or high == low:
        return money(low, currency)
    link = "to" if in_english() else "à"
    return f"{money(low, currency)} {link} {money(high, currency)}"


def _count(value: int, singular: str, plural: str) -> str:
    # French uses the singular for 0 and 1; English only for 1.
    alone = value == 1 or (value == 0 and not in_english())
    return f"{value}{NBSP}{singular if alone else plural}"


def time_left_words(*, short: bool = False) -> tuple[str, ...]:
    """Return the words of `time_left` in the active language, in the order in which `countdown.js` reads them.

    Day, hour and minute, each for one and for many; the frame of a time left; the last minute; no time left; and the
    number of days from which hours are not written. `short`: for one line of a telephone.
    """
    return _LEFT_WORDS[in_english(), short]


_LEFT_WORDS: Final = {
    (False, False): (
        *("jour", "jours", "heure", "heures", "minute", "minutes"),
        *("il reste {}", "il reste moins d’une minute", "l’heure limite est passée", "7"),
    ),
    (True, False): (
        *("day", "days", "hour", "hours", "minute", "minutes"),
        *("{} left", "less than a minute left", "closing time has passed", "7"),
    ),
    (False, True): (
        *("jour", "jours", "h", "h", "min", "min"),
        *("il reste {}", "dernière minute", "date limite passée", "1"),
    ),
    (True, True): (
        *("day", "days", "h", "h", "min", "min"),
        *("{} left", "last minute", "deadline passed", "1"),
    ),
}


def time_left(at: datetime, until: datetime, *, short: bool = False) -> str:
    """Write the time left at `at` before the exclusive instant `until`: `il reste 3 jours 4 heures`.

    Two units at most, rounded down: the text never promises too much. Days are of 24 hours; from a week on only days
    are written, with `short` from a day on. `countdown.js` writes the same on an open page.
    """
    left = _aware(until).astimezone(UTC) - _aware(at).astimezone(UTC)
    words = time_left_words(short=short)
    frame, last, over = words[6:9]
    if left <= timedelta(0):
        return over
    if left < timedelta(minutes=1):
        return last
    return frame.format(_two_units(left, words))


def waiting_time(wait: timedelta) -> str:
    """Write how long to wait, rounded up to a minute: `2 minutes`, `1 heure 30 minutes`."""
    minutes = max(1, -(-wait // timedelta(minutes=1)))
    return _two_units(timedelta(minutes=minutes), time_left_words())


def _two_units(left: timedelta, words: tuple[str, ...]) -> str:
    """Write a duration of a minute or more, with the words of `time_left_words`."""
    hours, minutes = divmod(left.seconds // 60, 60)
    counts = (left.days, hours, minutes)
    first = next(place for place, count in enumerate(counts) if count)
    shown = range(first, min(3, first + (1 if left.days >= int(words[9]) else 2)))
    return " ".join(
        f"{counts[place]}{NBSP}{words[2 * place + (counts[place] > 1)]}" for place in shown if counts[place]
    )


class Urgency(StrEnum):
    """How near a deadline is. Pages also say it in words."""

    FAR = "far"
    NEAR = "near"
    DAY = "day"
    HOUR = "hour"
    OVER = "over"


def urgency(at: datetime, until: datetime) -> Urgency:
    """Return the urgency at `at` of the exclusive instant `until`: under 7 days, under 24 hours, under one hour, over.

    Pages give each a colour; `countdown.js` has the same bounds.
    """
    left = _aware(until).astimezone(UTC) - _aware(at).astimezone(UTC)
    if left <= timedelta(0):
        return Urgency.OVER
    return next((found for under, found in _URGENCIES if left < under), Urgency.FAR)


_URGENCIES: Final = (
    (timedelta(hours=1), Urgency.HOUR),
    (timedelta(days=1), Urgency.DAY),
    (timedelta(days=7), Urgency.NEAR),
)


def file_size(size: int) -> str:
    """Write a size given in bytes: `640 octets`, `1,5 Mo`, `10 Mo`; a Mo is 1 048 576 bytes, one decimal."""
    english = in_english()
    if size < 1024:  # noqa: PLR2004 -- bytes in a Ko
        return _count(size, "byte", "bytes") if english else _count(size, "octet", "octets")
    value, units = Decimal(size) / 1024, ["Ko", "Mo", "Go"]
    # 1023.95 Ko would be written "1 024 Ko": use the next unit if the rounded figure would reach it.
    while value >= Decimal("1023.95") and len(units) > 1:
        value, units = value / 1024, units[1:]
    figures = str(value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)).removesuffix(".0")
    if english:
        return f"{figures}{NBSP}{units[0].replace('o', 'B')}"
    return f"{figures.replace('.', ',')}{NBSP}{units[0]}"


def enumeration(items: Sequence[object]) -> str:
    """Join words with commas and a conjunction: `a, b et c`."""
    words = [str(item) for item in items]
    if len(words) < 2:  # noqa: PLR2004 -- nothing to join
        return "".join(words)
    link = "and" if in_english() else "et"
    return f"{', '.join(words[:-1])} {link} {words[-1]}"
