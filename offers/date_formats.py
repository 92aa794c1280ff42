"""Days and closings of offers in the active language, as on the public pages."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string


def format_day(on: date) -> str:
    """Write a day: `1er octobre 2027`, `October 1, 2027`."""
    return render_to_string("offers/day.txt", {"on": on}).strip()


def format_closing(closes_at: datetime, zone: ZoneInfo) -> str:
    """Write an exclusive closing instant as its last open minute in `zone`, with the name of the zone."""
    return render_to_string("offers/closing.txt", {"closes_at": closes_at.astimezone(zone)}).strip()
