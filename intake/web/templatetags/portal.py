"""Filters and tags of every page: `{% load portal %}`. Texts come from `intake.web.formats`.

A filter writes nothing for None or an empty string.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from django import template
from django.core.paginator import Paginator
from django.forms import BoundField, CheckboxSelectMultiple, RadioSelect
from django.utils.html import format_html
from django.utils.safestring import SafeString

from intake.web import formats

register = template.Library()


@register.filter
def day(value: date | None) -> str:
    """Write a day: `1er octobre 2023`."""
    return formats.day(value) if value else ""


@register.filter
def hour(value: datetime | None) -> str:
    """Write the time of day in Québec: `14 h 32`."""
    return formats.hour(value) if value else ""


@register.filter
def instant(value: datetime | None, precision: str = "") -> str:
    """Write an instant with its zone; `|instant:"secondes"` adds the seconds."""
    return formats.instant(value, seconds=precision == "secondes") if value else ""


@register.filter
def deadline(value: datetime | None) -> str:
    """Write an exclusive closing instant by its last open minute: `1er octobre 2023, 23 h 59 (…)`."""
    return formats.closing(value) if value else ""


@register.filter
def time_left(until: datetime | None, at: datetime | None) -> str:
    """Write the time left before `until`: `{{ offer.closes_at|time_left:now }}`."""
    return formats.time_left(at, until) if until and at else ""


@register.filter
def number(value: int | Literal[""] | None) -> str:
    """Write a whole number with a thousands separator: `15 000`."""
    return "" if value is None or value == "" else formats.number(value)


@register.filter
def file_size(value: int | Literal[""] | None) -> str:
    """Write a size given in bytes: `1,5 Mo`."""
    return "" if value is None or value == "" else formats.file_size(value)


@register.filter
def enumeration(items: Sequence[object]) -> str:
    """Join words with commas and a conjunction: `a, b et c`."""
    return formats.enumeration(items)


@register.simple_tag
def period(start: date, end: date) -> str:
    """Write two days as a range: `du 15 janvier au 12 juillet 2024`."""
    return formats.period(start, end)


@register.simple_tag
def money_range(low: Decimal | int, high: Decimal | int | None, currency: str = "CAD") -> str:
    """Write one amount or a range: `13 000 $ à 15 000 $`."""
    return formats.money_range(low, high, currency)


def _time_element(at: datetime, text: str, zone: ZoneInfo) -> SafeString:
    offset = at.astimezone(zone).utcoffset() or timedelta()
    return format_html(
        '<time datetime="{}" data-local="{}">{}</time>',
        f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        int(offset.total_seconds() // 60),
        text,
    )


@register.simple_tag
def instant_element(at: datetime, precision: str = "") -> SafeString:
    """Write an instant as a `<time>` element; portal.js adds the reader's local time if it differs."""
    return _time_element(at, formats.instant(at, seconds=precision == "secondes"), formats.zone_of(at))


@register.simple_tag
def deadline_element(closes_at: datetime) -> SafeString:
    """Write an exclusive closing instant as a `<time>` element, as `instant_element` does for an instant."""
    return _time_element(
        formats.last_minute(closes_at), formats.closing(closes_at), formats.zone_of(closes_at)
    )


@register.filter
def error_anchor(field: BoundField) -> str:
    """Return the id to which an error of `field` links: its control, or the first control of a group."""
    widget = field.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return f"{field.auto_id}_0"
    if widget.use_fieldset:
        return str(field.subwidgets[0].data["subwidgets"][0]["attrs"]["id"])
    return field.id_for_label


@register.filter
def elided_pages(paginator: Paginator[object], number: int) -> list[int | None]:
    """Return the page numbers to link around `number`; None stands for an omitted range."""
    shown = paginator.get_elided_page_range(number, on_each_side=2, on_ends=1)
    return [page if isinstance(page, int) else None for page in shown]
