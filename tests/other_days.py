"""Zones in which it is not the day that it is in UTC: a test of which day counts does not depend on its hour."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def zone_of_another_day() -> ZoneInfo:
    """Return a zone where today is a day later than in UTC, or in the morning of UTC a day earlier."""
    is_later = datetime.now(UTC).hour >= 10
    return ZoneInfo("Pacific/Kiritimati" if is_later else "Pacific/Pago_Pago")
