"""Filters and tags of every page: `{% load portal %}`. A filter writes nothing for None or an empty string."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import batched
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import template
from django.core.paginator import Paginator
from django.forms import BoundField, CheckboxSelectMultiple, RadioSelect
from django.template import Context
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from intake.base.numbers import WrittenNumber
from intake.web import formats

register = template.Library()


_ORDINAL: Final = re.compile(r"\b(\d+)(er|re|e)(?=[ \u00a0][a-zà-ÿ])")


def _unless_empty(write: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: "" if value is None or value == "" else write(value)


register.filter("hour", _unless_empty(formats.hour))
register.filter("number", _unless_empty(WrittenNumber))
register.filter("file_size", _unless_empty(formats.file_size))
register.filter("enumeration", formats.enumeration)
register.simple_tag(formats.money_range)


def raise_ordinals(text: str) -> SafeString:
    """Return a text of ours as HTML, its French ordinals raised: `1<sup>er</sup> octobre`, `2<sup>e</sup> cycle`."""
    *pieces, rest = _ORDINAL.split(text)
    return format_html_join("", "{}{}<sup>{}</sup>", batched(pieces, 3)) + escape(rest)


def _written(text: str, *, in_html: bool) -> str:
    return raise_ordinals(text) if in_html else text


@register.filter(needs_autoescape=True)
def ordinals(text: str, *, autoescape: bool = True) -> str:
    """Raise the ordinals of a text of ours where texts are escaped: a calendar keeps `1er`.

    The filters of days and instants do so too. In an attribute, `|striptags` gives the plain text.
    """
    return _written(str(text), in_html=autoescape)


@register.filter(needs_autoescape=True)
def day(value: date | None, *, autoescape: bool = True) -> str:
    """Write a day."""
    return _written(formats.day(value), in_html=autoescape) if value else ""


@register.filter(needs_autoescape=True)
def deadline(closes_at: datetime | None, *, autoescape: bool = True) -> str:
    """Write an exclusive closing instant by its last open minute."""
    return _written(formats.closing(closes_at), in_html=autoescape) if closes_at else ""


@register.filter(needs_autoescape=True)
def instant(value: datetime | None, precision: str = "", *, autoescape: bool = True) -> str:
    """Write an instant with its zone; `|instant:"secondes"` adds the seconds."""
    return (
        _written(formats.instant(value, seconds=precision == "secondes"), in_html=autoescape) if value else ""
    )


@register.simple_tag(takes_context=True)
def period(context: Context, start: date, end: date) -> str:
    """Write two days as one range."""
    return _written(formats.period(start, end), in_html=context.autoescape)


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
        raise_ordinals(text),
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
