"""How days, instants, amounts, sizes and time left are written, in both languages."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from intake.web import formats

_CLOSES_AT = datetime(2023, 10, 2, 4, 0, tzinfo=UTC)


def _spaces(text: str) -> str:
    """Write non-breaking spaces as `~`, so that a table of cases shows them."""
    return text.replace(formats.NBSP, "~")


@pytest.mark.parametrize(
    "value, french, english",
    [
        (date(2023, 10, 1), "1er~octobre~2023", "October~1, 2023"),
        (date(2024, 2, 29), "29~février~2024", "February~29, 2024"),
        (date(2024, 8, 11), "11~août~2024", "August~11, 2024"),
        (date(2024, 12, 31), "31~décembre~2024", "December~31, 2024"),
        # An instant's day is the one it falls on in Québec.
        (datetime(2023, 10, 2, 3, 59, tzinfo=UTC), "1er~octobre~2023", "October~1, 2023"),
        (datetime(2023, 10, 2, 4, 0, tzinfo=UTC), "2~octobre~2023", "October~2, 2023"),
    ],
)
def test_day(value: date, french: str, english: str) -> None:
    assert _spaces(formats.day(value)) == french
    with translation.override("en"):
        assert _spaces(formats.day(value)) == english


@pytest.mark.parametrize(
    "start, end, french, english",
    [
        (
            date(2024, 1, 15),
            date(2024, 7, 12),
            "du 15~janvier au 12~juillet~2024",
            "January~15 to July~12, 2024",
        ),
        (
            date(2023, 9, 4),
            date(2024, 3, 1),
            "du 4~septembre~2023 au 1er~mars~2024",
            "September~4, 2023 to March~1, 2024",
        ),
    ],
)
def test_period(start: date, end: date, french: str, english: str) -> None:
    assert _spaces(formats.period(start, end)) == french
    with translation.override("en"):
        assert _spaces(formats.period(start, end)) == english


@pytest.mark.parametrize(
    "at, french, english",
    [
        (
            datetime(2023, 10, 2, 3, 59, 59, tzinfo=UTC),
            "1er~octobre~2023, 23~h~59 (heure de l’Est, Québec)",
            "October~1, 2023, 11:59~p.m. (Eastern Time, Québec)",
        ),
        (
            datetime(2024, 1, 15, 14, 5, tzinfo=UTC),
            "15~janvier~2024, 9~h~05 (heure de l’Est, Québec)",
            "January~15, 2024, 9:05~a.m. (Eastern Time, Québec)",
        ),
        (
            datetime(2024, 7, 1, 16, 0, tzinfo=UTC),
            "1er~juillet~2024, 12~h (heure de l’Est, Québec)",
            "July~1, 2024, 12:00~p.m. (Eastern Time, Québec)",
        ),
        (
            datetime(2024, 7, 1, 4, 0, tzinfo=UTC),
            "1er~juillet~2024, 0~h (heure de l’Est, Québec)",
            "July~1, 2024, 12:00~a.m. (Eastern Time, Québec)",
        ),
        # 5 November 2023, 1:30 happens twice.
        (
            datetime(2023, 11, 5, 5, 30, tzinfo=UTC),
            "5~novembre~2023, 1~h~30 (heure avancée de l’Est, Québec)",
            "November~5, 2023, 1:30~a.m. (Eastern Daylight Time, Québec)",
        ),
        (
            datetime(2023, 11, 5, 6, 30, tzinfo=UTC),
            "5~novembre~2023, 1~h~30 (heure normale de l’Est, Québec)",
            "November~5, 2023, 1:30~a.m. (Eastern Standard Time, Québec)",
        ),
        # 12 March 2023, 2:00 does not exist: 1:59 is followed by 3:00.
        (
            datetime(2023, 3, 12, 7, 0, tzinfo=UTC),
            "12~mars~2023, 3~h (heure de l’Est, Québec)",
            "March~12, 2023, 3:00~a.m. (Eastern Time, Québec)",
        ),
    ],
)
def test_instant(at: datetime, french: str, english: str) -> None:
    assert _spaces(formats.instant(at)) == french
    with translation.override("en"):
        assert _spaces(formats.instant(at)) == english


def test_seconds_are_cut_off_never_rounded_up() -> None:
    at = datetime(2023, 10, 2, 3, 59, 59, 999_999, tzinfo=UTC)
    assert _spaces(formats.instant(at, seconds=True)).startswith("1er~octobre~2023, 23~h~59~min~59~s (")
    with translation.override("en"):
        assert _spaces(formats.hour(at, seconds=True)) == "11:59:59~p.m."


@pytest.mark.parametrize(
    "zone, french",
    [
        ("America/Blanc-Sablon", "2~octobre~2023, 0~h (heure de l’Atlantique, Québec)"),
        ("Europe/Paris", "2~octobre~2023, 6~h (fuseau Europe/Paris)"),
    ],
)
def test_another_zone_is_named(zone: str, french: str) -> None:
    assert _spaces(formats.instant(_CLOSES_AT, zone=ZoneInfo(zone))) == french


@pytest.mark.parametrize(
    "closes_at, french",
    [
        (_CLOSES_AT, "1er~octobre~2023, 23~h~59 (heure de l’Est, Québec)"),
        # The evening of the change of hour: midnight is UTC-5 by then.
        (datetime(2023, 11, 6, 5, 0, tzinfo=UTC), "5~novembre~2023, 23~h~59 (heure de l’Est, Québec)"),
        # A closing in the middle of a minute still leaves that minute's first seconds.
        (datetime(2023, 10, 1, 21, 0, 30, tzinfo=UTC), "1er~octobre~2023, 17~h (heure de l’Est, Québec)"),
        (datetime(2023, 10, 1, 21, 0, tzinfo=UTC), "1er~octobre~2023, 16~h~59 (heure de l’Est, Québec)"),
    ],
)
def test_closing_is_written_by_its_last_minute(closes_at: datetime, french: str) -> None:
    assert _spaces(formats.closing(closes_at)) == french


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 -- hypothesis wants naive bounds and adds the zone
def test_the_last_minute_is_still_open(closes_at: datetime) -> None:
    shown = formats.last_minute(closes_at)
    assert shown < closes_at <= shown + timedelta(minutes=1)


@pytest.mark.parametrize(
    "amount, currency, french, english",
    [
        (Decimal("15000.00"), "CAD", "15~000~$", "$15,000"),
        (Decimal("15000.5"), "CAD", "15~000,50~$", "$15,000.50"),
        (Decimal("0.005"), "CAD", "0,01~$", "$0.01"),
        (1_234_567, "CAD", "1~234~567~$", "$1,234,567"),
        (900, "EUR", "900~€", "€900"),
        (900, "USD", "900~$~US", "US$900"),
        (900, "XOF", "900~XOF", "XOF~900"),
        (0, "CAD", "0~$", "$0"),
    ],
)
def test_money(amount: Decimal | int, currency: str, french: str, english: str) -> None:
    assert _spaces(formats.money(amount, currency)) == french
    with translation.override("en"):
        assert _spaces(formats.money(amount, currency)) == english


def test_money_range_says_an_amount_once_when_there_is_one() -> None:
    assert _spaces(formats.money_range(13000, Decimal(15000))) == "13~000~$ à 15~000~$"
    assert _spaces(formats.money_range(15000, Decimal("15000.00"))) == "15~000~$"
    assert _spaces(formats.money_range(15000, None)) == "15~000~$"
    with translation.override("en"):
        assert formats.money_range(13000, 15000) == "$13,000 to $15,000"


@pytest.mark.parametrize(
    "left, french, english",
    [
        (timedelta(days=45, hours=5), "il reste 45~jours", "45~days left"),
        (timedelta(days=7), "il reste 7~jours", "7~days left"),
        (timedelta(days=3, hours=4, minutes=59), "il reste 3~jours 4~heures", "3~days 4~hours left"),
        (timedelta(days=1, minutes=59), "il reste 1~jour", "1~day left"),
        (timedelta(hours=1, minutes=1), "il reste 1~heure 1~minute", "1~hour 1~minute left"),
        (timedelta(hours=2), "il reste 2~heures", "2~hours left"),
        (timedelta(minutes=42, seconds=59), "il reste 42~minutes", "42~minutes left"),
        (timedelta(minutes=1), "il reste 1~minute", "1~minute left"),
        (timedelta(seconds=59), "il reste moins d’une minute", "less than a minute left"),
        (timedelta(0), "l’heure limite est passée", "closing time has passed"),
        (timedelta(seconds=-1), "l’heure limite est passée", "closing time has passed"),
    ],
)
def test_time_left(left: timedelta, french: str, english: str) -> None:
    assert _spaces(formats.time_left(_CLOSES_AT - left, _CLOSES_AT)) == french
    with translation.override("en"):
        assert _spaces(formats.time_left(_CLOSES_AT - left, _CLOSES_AT)) == english


def test_the_change_of_hour_neither_takes_nor_gives_time() -> None:
    before = datetime(2023, 11, 4, 12, 0, tzinfo=formats.QUEBEC)
    after = datetime(2023, 11, 5, 12, 0, tzinfo=formats.QUEBEC)
    assert _spaces(formats.time_left(before, after)) == "il reste 1~jour 1~heure"


@pytest.mark.parametrize(
    "size, french, english",
    [
        (0, "0~octet", "0~bytes"),
        (1, "1~octet", "1~byte"),
        (640, "640~octets", "640~bytes"),
        (1024, "1~Ko", "1~KB"),
        (1_048_575, "1~Mo", "1~MB"),
        (1280, "1,3~Ko", "1.3~KB"),  # 1.25: half goes up
        (1_536_000, "1,5~Mo", "1.5~MB"),
        (10 * 1024 * 1024, "10~Mo", "10~MB"),
        (3 * 1024**3, "3~Go", "3~GB"),
    ],
)
def test_file_size(size: int, french: str, english: str) -> None:
    assert _spaces(formats.file_size(size)) == french
    with translation.override("en"):
        assert _spaces(formats.file_size(size)) == english


def test_number_and_enumeration() -> None:
    assert _spaces(formats.number(15000)) == "15~000"
    assert formats.enumeration(["a", "b", "c"]) == "a, b et c"
    assert formats.enumeration(["a"]) == "a"
    assert not formats.enumeration([])
    with translation.override("en"):
        assert formats.number(15000) == "15,000"
        assert formats.enumeration(["a", "b"]) == "a and b"


def test_an_instant_without_zone_is_refused() -> None:
    naive = datetime(2023, 10, 1, 12, 0)  # noqa: DTZ001 -- the fault under test
    for write in (formats.day, formats.hour, formats.instant, formats.closing):
        with pytest.raises(ValueError, match="time zone"):
            write(naive)
    with pytest.raises(ValueError, match="time zone"):
        formats.time_left(naive, _CLOSES_AT)


def test_any_other_zone_of_the_same_instant_writes_the_same() -> None:
    elsewhere = _CLOSES_AT.astimezone(timezone(timedelta(hours=9)))
    assert formats.closing(elsewhere) == formats.closing(_CLOSES_AT)
