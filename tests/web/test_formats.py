"""Formats of days, instants, amounts, sizes and remaining time, in both languages."""

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
        # The day of an instant is its day in Québec.
        (datetime(2023, 10, 2, 3, 59, tzinfo=UTC), "1er~octobre~2023", "October~1, 2023"),
        (datetime(2023, 10, 2, 4, 0, tzinfo=UTC), "2~octobre~2023", "October~2, 2023"),
    ],
)
def test_a_day_is_written_in_both_languages(value: date, french: str, english: str) -> None:
    assert _spaces(formats.day(value)) == french
    with translation.override("en"):
        assert _spaces(formats.day(value)) == english


def test_every_month_has_its_name() -> None:
    french = [formats.day(date(2024, month, 3)).split(formats.NBSP)[1] for month in range(1, 13)]
    assert " ".join(french) == (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
    )
    with translation.override("en"):
        english = [formats.day(date(2024, month, 3)).split(formats.NBSP)[0] for month in range(1, 13)]
    assert " ".join(english) == (
        "January February March April May June July August September October November December"
    )


def test_any_language_but_english_is_written_in_french() -> None:
    for language in (None, "fr", "fr-ca", "de"):
        with translation.override(language, deactivate=True):
            assert _spaces(formats.day(date(2024, 3, 4))) == "4~mars~2024"
    for language in ("en", "en-ca"):
        with translation.override(language):
            assert _spaces(formats.day(date(2024, 3, 4))) == "March~4, 2024"


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
def test_a_period_is_written_in_both_languages(start: date, end: date, french: str, english: str) -> None:
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
def test_an_instant_is_written_in_both_languages(at: datetime, french: str, english: str) -> None:
    assert _spaces(formats.instant(at)) == french
    with translation.override("en"):
        assert _spaces(formats.instant(at)) == english


def test_seconds_are_truncated_and_never_rounded_up() -> None:
    at = datetime(2023, 10, 2, 3, 59, 59, 999_999, tzinfo=UTC)
    assert _spaces(formats.instant(at, seconds=True)).startswith("1er~octobre~2023, 23~h~59~min~59~s (")
    with translation.override("en"):
        assert _spaces(formats.hour(at, seconds=True)) == "11:59:59~p.m."


@pytest.mark.parametrize(
    "zone, french, english",
    [
        ("America/Toronto", "0~h (heure de l’Est, Québec)", "12:00~a.m. (Eastern Time, Québec)"),
        ("America/Blanc-Sablon", "0~h (heure de l’Atlantique, Québec)", "12:00~a.m. (Atlantic Time, Québec)"),
        ("America/Halifax", "1~h (heure de l’Atlantique)", "1:00~a.m. (Atlantic Time)"),
        ("America/St_Johns", "1~h~30 (heure de Terre-Neuve)", "1:30~a.m. (Newfoundland Time)"),
        ("America/Winnipeg", "23~h (heure du Centre)", "11:00~p.m. (Central Time)"),
        ("America/Edmonton", "22~h (heure des Rocheuses)", "10:00~p.m. (Mountain Time)"),
        ("America/Vancouver", "21~h (heure du Pacifique)", "9:00~p.m. (Pacific Time)"),
        ("Europe/Paris", "6~h (fuseau Europe/Paris)", "6:00~a.m. (time zone Europe/Paris)"),
    ],
)
def test_another_time_zone_is_named(zone: str, french: str, english: str) -> None:
    place = ZoneInfo(zone)
    local = _CLOSES_AT.astimezone(place)
    assert (
        _spaces(formats.instant(_CLOSES_AT, zone=place)) == f"{_spaces(formats.day(local.date()))}, {french}"
    )
    assert _spaces(formats.instant(local)) == _spaces(formats.instant(_CLOSES_AT, zone=place))
    assert _spaces(formats.hour(_CLOSES_AT, zone=place)) == french.partition(" (")[0]
    with translation.override("en"):
        assert _spaces(formats.instant(_CLOSES_AT, zone=place)).endswith(f"2023, {english}")


def test_an_instant_without_a_named_zone_is_written_as_in_quebec() -> None:
    for kept in (UTC, ZoneInfo("UTC"), timezone(timedelta(hours=9))):
        assert formats.zone_of(_CLOSES_AT.astimezone(kept)) == formats.QUEBEC
    paris = ZoneInfo("Europe/Paris")
    assert formats.zone_of(_CLOSES_AT.astimezone(paris)) == paris
    assert _spaces(formats.closing(_CLOSES_AT.astimezone(paris))) == (
        "2~octobre~2023, 5~h~59 (fuseau Europe/Paris)"
    )
    assert _spaces(formats.closing(_CLOSES_AT, zone=paris)) == "2~octobre~2023, 5~h~59 (fuseau Europe/Paris)"


@pytest.mark.parametrize(
    "closes_at, french",
    [
        (_CLOSES_AT, "1er~octobre~2023, 23~h~59 (heure de l’Est, Québec)"),
        # The evening after the clocks change: midnight is then UTC-5.
        (datetime(2023, 11, 6, 5, 0, tzinfo=UTC), "5~novembre~2023, 23~h~59 (heure de l’Est, Québec)"),
        # After a closing within a minute, the first seconds of that minute are still on time.
        (datetime(2023, 10, 1, 21, 0, 30, tzinfo=UTC), "1er~octobre~2023, 17~h (heure de l’Est, Québec)"),
        (datetime(2023, 10, 1, 21, 0, tzinfo=UTC), "1er~octobre~2023, 16~h~59 (heure de l’Est, Québec)"),
    ],
)
def test_a_closing_is_written_as_its_last_minute(closes_at: datetime, french: str) -> None:
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
        (900, "CHF", "900~CHF", "CHF~900"),
        (Decimal("0.004"), "CAD", "0~$", "$0"),
    ],
)
def test_an_amount_is_written_in_both_languages(
    amount: Decimal | int, currency: str, french: str, english: str
) -> None:
    assert _spaces(formats.money(amount, currency)) == french
    with translation.override("en"):
        assert _spaces(formats.money(amount, currency)) == english


def test_a_money_range_of_one_amount_is_written_once() -> None:
    assert _spaces(formats.money_range(13000, Decimal(15000))) == "13~000~$ à 15~000~$"
    assert _spaces(formats.money_range(15000, Decimal("15000.00"))) == "15~000~$"
    assert _spaces(formats.money_range(15000, None)) == "15~000~$"
    assert _spaces(formats.money(900)) == "900~$"
    assert _spaces(formats.money_range(900, 1000, "EUR")) == "900~€ à 1~000~€"
    assert _spaces(formats.money_range(900, None, "EUR")) == "900~€"
    with translation.override("en"):
        assert formats.money_range(13000, 15000) == "$13,000 to $15,000"


@pytest.mark.parametrize(
    "left, french, english",
    [
        (timedelta(days=7, hours=23, minutes=59), "il reste 7~jours", "7~days left"),
        (timedelta(days=7), "il reste 7~jours", "7~days left"),
        (timedelta(days=6, hours=23, minutes=59), "il reste 6~jours 23~heures", "6~days 23~hours left"),
        (timedelta(hours=23, minutes=59), "il reste 23~heures 59~minutes", "23~hours 59~minutes left"),
        (timedelta(days=3, hours=4, minutes=59), "il reste 3~jours 4~heures", "3~days 4~hours left"),
        (timedelta(days=1, minutes=59), "il reste 1~jour", "1~day left"),
        (timedelta(hours=1, minutes=1), "il reste 1~heure 1~minute", "1~hour 1~minute left"),
        (timedelta(minutes=42, seconds=59), "il reste 42~minutes", "42~minutes left"),
        (timedelta(seconds=59), "il reste moins d’une minute", "less than a minute left"),
        (timedelta(0), "l’heure limite est passée", "closing time has passed"),
    ],
)
def test_the_time_left_is_written_in_both_languages(left: timedelta, french: str, english: str) -> None:
    assert _spaces(formats.time_left(_CLOSES_AT - left, _CLOSES_AT)) == french
    with translation.override("en"):
        assert _spaces(formats.time_left(_CLOSES_AT - left, _CLOSES_AT)) == english


@pytest.mark.parametrize(
    "seconds, french, english",
    [
        (0, "1~minute", "1~minute"),
        (60, "1~minute", "1~minute"),
        (61, "2~minutes", "2~minutes"),
        (3600, "1~heure", "1~hour"),
        (5401, "1~heure 31~minutes", "1~hour 31~minutes"),
    ],
)
def test_a_waiting_time_is_rounded_up_to_a_minute(seconds: int, french: str, english: str) -> None:
    assert _spaces(formats.waiting_time(timedelta(seconds=seconds))) == french
    with translation.override("en"):
        assert _spaces(formats.waiting_time(timedelta(seconds=seconds))) == english


@pytest.mark.parametrize(
    "left, french, english",
    [
        (timedelta(days=45, hours=5), "il reste 45~jours", "45~days left"),
        (timedelta(days=1, hours=23), "il reste 1~jour", "1~day left"),
        (timedelta(hours=23, minutes=59), "il reste 23~h 59~min", "23~h 59~min left"),
        (timedelta(hours=2), "il reste 2~h", "2~h left"),
        (timedelta(minutes=1), "il reste 1~min", "1~min left"),
        (timedelta(seconds=59), "dernière minute", "last minute"),
        (timedelta(0), "date limite passée", "deadline passed"),
    ],
)
def test_a_short_time_left_is_written_in_both_languages(left: timedelta, french: str, english: str) -> None:
    assert _spaces(formats.time_left(_CLOSES_AT - left, _CLOSES_AT, short=True)) == french
    with translation.override("en"):
        assert _spaces(formats.time_left(_CLOSES_AT - left, _CLOSES_AT, short=True)) == english


_TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    "left, found",
    [
        (timedelta(days=7), "far"),
        (timedelta(days=7) - _TICK, "near"),
        (timedelta(days=1), "near"),
        (timedelta(days=1) - _TICK, "day"),
        (timedelta(hours=1), "day"),
        (timedelta(hours=1) - _TICK, "hour"),
        (_TICK, "hour"),
        (timedelta(0), "over"),
    ],
)
def test_the_urgency_of_a_deadline_is_that_of_its_time_left(left: timedelta, found: str) -> None:
    assert formats.urgency(_CLOSES_AT - left, _CLOSES_AT) == found


def test_the_change_of_clocks_neither_adds_nor_removes_time() -> None:
    before = datetime(2023, 11, 4, 12, 0, tzinfo=formats.QUEBEC)
    after = datetime(2023, 11, 5, 12, 0, tzinfo=formats.QUEBEC)
    assert _spaces(formats.time_left(before, after)) == "il reste 1~jour 1~heure"


@pytest.mark.parametrize(
    "size, french, english",
    [
        (0, "0~octet", "0~bytes"),
        (1, "1~octet", "1~byte"),
        (1023, "1023~octets", "1023~bytes"),
        (1_048_524, "1023,9~Ko", "1023.9~KB"),
        (1_048_525, "1~Mo", "1~MB"),
        (1280, "1,3~Ko", "1.3~KB"),  # 1.25 is rounded half up
        (1_536_000, "1,5~Mo", "1.5~MB"),
        (3 * 1024**3, "3~Go", "3~GB"),
        (2 * 1024**4, "2048~Go", "2048~GB"),
    ],
)
def test_a_file_size_is_written_in_both_languages(size: int, french: str, english: str) -> None:
    assert _spaces(formats.file_size(size)) == french
    with translation.override("en"):
        assert _spaces(formats.file_size(size)) == english


def test_numbers_and_enumerations_are_written_in_both_languages() -> None:
    assert [_spaces(formats.number(value)) for value in (0, 999, 15000, 1_234_567)] == [
        "0",
        "999",
        "15~000",
        "1~234~567",
    ]
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
    for instants in ((naive, _CLOSES_AT), (_CLOSES_AT, naive)):
        with pytest.raises(ValueError, match="time zone"):
            formats.time_left(*instants)
        with pytest.raises(ValueError, match="time zone"):
            formats.urgency(*instants)
