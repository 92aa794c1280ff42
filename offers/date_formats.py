"""Days and closings of offers in the language of the page: the same words as on the public pages."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string


def format_day(on: date) -> str:
    """Write a day: `1er octobre 2027`, `October 1, 2027`."""
    return render_to_string("offers/day.txt", {"on": on}).strip()


def format_closing(closes_at: datetime, zone: ZoneInfo) -> str:
    """Write an exclusive closing instant by its last open minute, on the clock of `zone`, which is named."""
    return render_to_string("offers/closing.txt", {"closes_at": closes_at.astimezone(zone)}).strip()
