"""Filters and tags of every page: `{% load portal %}`. A filter writes nothing for None or an empty string."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.core.paginator import Paginator
from django.forms import BoundField, CheckboxSelectMultiple, RadioSelect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from intake.web import formats

register = template.Library()


def _unless_empty(write: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: "" if value is None or value == "" else write(value)


register.filter("day", _unless_empty(formats.day))
register.filter("hour", _unless_empty(formats.hour))
register.filter("deadline", _unless_empty(formats.closing))
register.filter("number", _unless_empty(formats.number))
register.filter("file_size", _unless_empty(formats.file_size))
register.filter("enumeration", formats.enumeration)
register.simple_tag(formats.period)
register.simple_tag(formats.money_range)


@register.filter
def instant(value: datetime | None, precision: str = "") -> str:
    """Write an instant with its zone; `|instant:"secondes"` adds the seconds."""
    return formats.instant(value, seconds=precision == "secondes") if value else ""


@register.filter
def time_left(until: datetime | None, at: datetime | None) -> str:
    """Write the time left before `until`: `{{ offer.closes_at|time_left:now }}`."""
    return formats.time_left(at, until) if until and at else ""


@register.filter
def urgency(until: datetime, at: datetime) -> str:
    """Return how near `until` is, for its colour: `{{ offer.closes_at|urgency:now }}`."""
    return formats.urgency(at, until)


@register.filter
def live_time_left(until: datetime, at: datetime) -> SafeString:
    """Write the time left in a sentence, as an element that `countdown.js` keeps right while the page is open."""
    return time_left_element(until, at)


@register.simple_tag
def time_left_element(until: datetime, at: datetime, form: str = "") -> SafeString:
    """Write the time left as such an element; `form`: `capital`, or `short` for one line of a telephone.

    Around it, an element with `data-clock` says when `at` was, by the database's clock: the browser's may be wrong.
    """
    words = formats.time_left_words(short=form == "short")
    text = formats.time_left(at, until, short=form == "short")
    if form == "capital":
        words = (*words[:6], *(capfirst(word) for word in words[6:]))
        text = capfirst(text)
    return format_html(
        '<span class="left" data-tone="{}" data-closes="{}" data-words="{}">{}</span>',
        formats.urgency(at, until),
        precise(until),
        "|".join(words),
        text,
    )


@register.filter
def precise(at: datetime) -> str:
    """Write an instant for a program, in UTC with milliseconds: `2023-10-02T03:59:00.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
