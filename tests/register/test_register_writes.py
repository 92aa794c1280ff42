"""Effects of each write to the register: rows, removals, journal entries, and listeners called."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from intake.journal.models import Entry
from intake.register import services
from intake.register.errors import AlreadyEnteredError, NoKeyError
from intake.register.models import Participation, Removal
from intake.register.people import Participant, Person, current_key
from intake.register.selectors import (
    YearCount,
    count_rows_with_older_keys,
    count_rows_without_key,
    counts_by_year,
    latest_entries,
)
from intake.register.services import (
    ImportResult,
    enter_participation,
    import_participations,
    rebuild_register,
    remove_participation,
    search_register,
)
from offers.models import Programme
from tests.factories.offers import make_programme
from tests.factories.participants import is_known, make_participation, portal_programme
from tests.factories.people import make_staff
from tests.register.conftest import BORN, participant

pytestmark = pytest.mark.django_db
OLD, NEW, LOST = "o" * 40, "n" * 40, "l" * 40


def journal() -> list[tuple[str, str]]:
    entries = Entry.objects.filter(action__regex="REGISTER|PARTICIPATION").order_by("pk")
    return list(entries.values_list("action", "detail"))


def rows() -> list[tuple[str, str, int]]:
    return list(Participation.objects.order_by("pk").values_list("source", "key_name", "year"))


# -- One at a time -----------------------------------------------------------------------------------------------
def test_an_entry_is_stored_once_and_notifies_listeners(told: list[Programme]) -> None:
    programme = make_programme()
    given = {
        "last_name": "Roy",
        "first_name": "Ève",
        "birth_date": BORN,
        "programme": programme,
        "actor": None,
    }
    entered = enter_participation(**given, year=2014)  # type: ignore[arg-type]  # -- values of several types
    other = enter_participation(**given, year=2015)  # type: ignore[arg-type]  # -- values of several types
    assert (entered.programme, entered.year, entered.source, other.year) == (programme, 2014, "HAND", 2015)
    with pytest.raises(AlreadyEnteredError):
        enter_participation(**given, year=2014)  # type: ignore[arg-type]  # -- values of several types
    assert told == [programme, programme]
    assert journal() == [("PARTICIPATION_ENTERED", "2014 HAND"), ("PARTICIPATION_ENTERED", "2015 HAND")]
    asked = {name: value for name, value in given.items() if name != "actor"}
    staff = make_staff()
    assert search_register(**asked, actor=staff) == [other, entered]  # type: ignore[arg-type]  # -- values of several types
    found = Entry.objects.get(action="REGISTER_SEARCHED")
    assert (found.actor, found.subject_id, found.detail) == (staff, str(programme.pk), "rows=1")


# -- Lists -------------------------------------------------------------------------------------------------------
def test_a_repeated_person_in_a_list_is_recognised_across_batches(
    monkeypatch: pytest.MonkeyPatch, told: list[Programme], settings: Settings
) -> None:
    settings.REGISTER_KEYS = {"new": NEW}
    monkeypatch.setattr(services, "_BATCH", 2)
    people = [
        participant(),
        participant("Luc"),
        participant("marie eve"),
        participant("Luc", 2015),
        participant("Luc"),
    ]
    staff = make_staff()
    for dry_run in (True, False):
        tally = import_participations(rows=people, programme=portal_programme(), actor=staff, dry_run=dry_run)
        assert tally == ImportResult(rows=5, new=3, rekeyed=0)
        assert tally.known == 2
        assert Participation.objects.count() == (0 if dry_run else 3)
        assert told == ([] if dry_run else [portal_programme()])
    assert rows() == [("CSV", "new", 2014), ("CSV", "new", 2014), ("CSV", "new", 2015)]
    assert journal() == [
        ("REGISTER_SEARCHED", "rows=5 new=3 known=2"),
        ("PARTICIPATIONS_IMPORTED", "rows=5 new=3 known=2"),
    ]
    assert {entry.actor for entry in Entry.objects.filter(action="PARTICIPATIONS_IMPORTED")} == {staff}


def test_a_rekeyed_row_keeps_its_source_and_records_the_reason(
    settings: Settings, told: list[Programme]
) -> None:
    settings.REGISTER_KEYS = {"old": OLD}
    make_participation(last_name="Roy", first_name="Marie-Ève", year=2014)
    make_participation(last_name="Roy", first_name="Luc", year=2014)
    settings.REGISTER_KEYS = {"new": NEW, "old": OLD}
    told.clear()
    counted = import_participations(
        rows=[participant()], programme=portal_programme(), actor=None, dry_run=True
    )
    assert (counted, told) == (ImportResult(rows=1, new=0, rekeyed=1), [])
    tally = import_participations(rows=[participant()], programme=portal_programme(), actor=None)
    assert (tally, told) == (ImportResult(rows=1, new=0, rekeyed=1), [portal_programme()])
    assert rows() == [("HAND", "old", 2014), ("HAND", "new", 2014)]
    removal = Removal.objects.get()
    assert (removal.reason, removal.whole) == ("Recalculée avec la clé new.", "")
    assert (count_rows_with_older_keys(), count_rows_without_key()) == (1, 0)
    again = import_participations(rows=[participant()], programme=portal_programme(), actor=None)
    assert (again, told) == (ImportResult(rows=1, new=0, rekeyed=0), [portal_programme()])
    settings.REGISTER_KEYS = {"new": NEW}
    assert is_known(last_name="Roy", first_name="Marie-Ève", birth_date=BORN, programme=portal_programme())


# -- Rebuilt -----------------------------------------------------------------------------------------------------
def test_a_rebuild_returns_counts_and_notifies_listeners_per_programme(
    settings: Settings, placements: list[Participant], told: list[Programme]
) -> None:
    settings.REGISTER_KEYS = {"lost": LOST}
    make_participation(year=2001)
    settings.REGISTER_KEYS = {"old": OLD}
    make_participation(year=2002)
    make_participation(year=2003)
    settings.REGISTER_KEYS = {"new": NEW, "old": OLD}
    make_participation(year=2004)
    own, other = portal_programme(), make_programme()
    told.clear()
    staff = make_staff()
    nothing = rebuild_register(actor=staff)
    assert (nothing.completed, nothing.older_keys, nothing.lost_keys) == (ImportResult(0, 0, 0), 2, 1)
    assert told == []
    placements += [participant(), participant("Luc")]
    done = rebuild_register(actor=staff)
    assert done.completed == ImportResult(rows=2, new=2, rekeyed=0)
    assert told == [own, other]
    assert journal()[-2:] == [
        ("REGISTER_REBUILT", "completed=0 new=0 rekeyed=0"),
        ("REGISTER_REBUILT", "completed=2 new=2 rekeyed=0"),
    ]
    assert {entry.actor for entry in Entry.objects.filter(action="REGISTER_REBUILT")} == {staff}
    assert rows()[-2:] == [("COMPLETED", "new", 2014)] * 2


# -- Queries -----------------------------------------------------------------------------------------------------
def test_each_year_is_counted_by_source_the_latest_first() -> None:
    for year in (2014, 2016, 2015):
        make_participation(year=year)
    import_participations(
        rows=[participant(), participant("Luc"), participant(year=2016)],
        programme=portal_programme(),
        actor=None,
    )
    with CaptureQueriesContext(connection) as queries:
        counted = counts_by_year()
    assert counted == [YearCount(2016, (1, 1, 0)), YearCount(2015, (0, 1, 0)), YearCount(2014, (2, 1, 0))]
    assert [year.total for year in counted] == [2, 1, 3]
    assert len(queries) == 1


def test_the_newest_rows_of_several_people_are_found_in_one_query(settings: Settings) -> None:
    settings.REGISTER_KEYS = {"new": NEW, "old": OLD}
    make_participation(last_name="Roy", first_name="Marie", year=2001)
    make_participation(last_name="Roy", first_name="Marie-Ève Louise", year=2002)
    make_participation(last_name="Autre", first_name="Marie", year=2003)
    own = portal_programme()
    (at,) = set(Participation.objects.values_list("created_at", flat=True))  # one transaction
    people = {
        "whole": Person(last_name="ROY", first_name="marie eve louise", birth_date=BORN),
        "shorter": Person(last_name="Roy", first_name="Marie-Ève", birth_date=BORN),
        "twin": Person(last_name="Roy", first_name="Luc", birth_date=BORN),
        "nameless": Person(last_name="—", first_name="Luc", birth_date=BORN),
    }
    with CaptureQueriesContext(connection) as queries:
        found = latest_entries({name: (person, own) for name, person in people.items()})
    assert found == {"whole": at, "shorter": at}
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        assert latest_entries({"nameless": (people["nameless"], own)}) == {}
        assert latest_entries({}) == {}
    assert len(queries) == 0
    elsewhere = make_programme()
    assert latest_entries({"whole": (people["whole"], elsewhere)}) == {}
    assert not is_known(last_name="Roy", first_name="Marie", birth_date=BORN, programme=elsewhere)
    settings.REGISTER_KEYS = {}
    with pytest.raises(NoKeyError):
        latest_entries({})


# -- All or nothing ----------------------------------------------------------------------------------------------
def test_a_write_without_its_journal_entry_is_rolled_back(
    monkeypatch: pytest.MonkeyPatch, placements: list[Participant]
) -> None:
    row, staff, own = make_participation(year=2001), make_staff(), portal_programme()
    placements.append(participant())
    person: dict[str, Any] = {"last_name": "Roy", "first_name": "Luc", "birth_date": BORN, "programme": own}

    def fail(**_entry: object) -> None:
        # Each search writes a journal entry after it; a row that is not rolled back would be found here.
        Participation.objects.create(
            programme=own,
            year=1999,
            source="HAND",
            key_name="k",
            whole=f"{Participation.objects.count():064}",
        )
        raise RuntimeError

    monkeypatch.setattr(services, "record", fail)
    writes: list[Any] = [
        lambda: enter_participation(**person, year=2014, actor=staff),
        lambda: search_register(**person, actor=staff),
        lambda: import_participations(rows=[participant()], programme=own, actor=staff),
        lambda: remove_participation(participation=row, reason="Doublon", actor=staff),
        lambda: rebuild_register(actor=staff),
    ]
    for write in writes:
        with pytest.raises(RuntimeError):
            write()
        assert list(Participation.objects.all()) == [row]
        assert not Removal.objects.exists()


def test_the_newest_row_is_the_one_that_was_entered_last(settings: Settings) -> None:
    settings.REGISTER_KEYS = {"new": NEW}
    person, own = Person(last_name="Roy", first_name="Luc", birth_date=BORN), portal_programme()
    for year, entered in ((2014, 2030), (2015, 2020), (2016, 2025)):
        Participation.objects.create(
            programme=own,
            year=year,
            source="CSV",
            key_name="new",
            whole=current_key().whole(person, own),
            created_at=dt.datetime(entered, 1, 1, tzinfo=dt.UTC),
        )
    assert latest_entries({"luc": (person, own)}) == {"luc": dt.datetime(2030, 1, 1, tzinfo=dt.UTC)}
