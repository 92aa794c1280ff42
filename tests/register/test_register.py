"""Rows of the register: entered, searched, imported, derived with a new key, removed with a reason; never updated."""

import datetime as dt
import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from intake.journal.models import Entry
from intake.register import services
from intake.register.errors import AlreadyRemovedError, ReasonMissingError
from intake.register.models import Participation, Removal
from intake.register.people import Participant
from intake.register.selectors import IS_IN_REGISTER, count_rows_without_key
from intake.register.services import (
    enter_participation,
    import_participations,
    rebuild_register,
    remove_participation,
    search_register,
)
from tests.database_roles import as_owner
from tests.factories.participants import is_known, make_participation, portal_programme
from tests.factories.people import make_staff
from tests.register.conftest import BORN, participant

pytestmark = pytest.mark.django_db
OLD, NEW = "o" * 40, "n" * 40


def is_registered(first_name: str = "Marie-Ève", last_name: str = "Roy", birth_date: dt.date = BORN) -> bool:
    return is_known(
        last_name=last_name, first_name=first_name, birth_date=birth_date, programme=portal_programme()
    )


# -- Matching --------------------------------------------------------------------------------------------------
def test_a_participant_is_matched_in_any_spelling_of_the_name() -> None:
    make_participation(last_name="Roy", first_name="Marie-Ève Louise")
    assert all(is_registered(name) for name in ("Marie-Ève Louise", "marie eve", "MARIE"))
    assert not any(is_registered(name) for name in ("Marie-Claude", "Louise"))
    assert not is_registered(birth_date=dt.date(1990, 4, 5))
    assert not is_registered(last_name="Roi")


def test_a_name_is_searched_in_one_query_for_any_number_of_keys(settings: Settings) -> None:
    programme = portal_programme()
    for keys in ({"new": NEW}, {"new": NEW, "old": OLD, "older": "z" * 40}):
        settings.REGISTER_KEYS = keys
        with CaptureQueriesContext(connection) as queries:
            is_known(last_name="Roy", first_name="A B C", birth_date=BORN, programme=programme)
        assert len(queries) == 1


def test_the_register_stores_neither_name_nor_date() -> None:
    row = make_participation(
        last_name="Quatre-Vents", first_name="Ézéchielle Anne", birth_date="1990-05-04", year=2004
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT (to_jsonb(row) - 'id' - 'programme_id')::text FROM register_participation row")
        ((text,),) = cursor.fetchall()
    assert not [word for word in ("quatre", "vents", "zechielle", "anne") if word in text.lower()]
    assert not re.search(r"\b1990\b", text)  # anchored: any digest may contain the four digits
    assert row.whole not in row.shorter
    assert len(row.shorter) == 1


# -- Append-only, with journal entries -------------------------------------------------------------------------


def test_many_rows_are_read_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_BATCH", 50)
    rows = [participant(f"Marie {number}", year=1990 + number % 30) for number in range(1_000)]
    programme = portal_programme()
    with CaptureQueriesContext(connection) as queries:
        tally = import_participations(rows=rows, programme=programme, actor=None)
    assert tally.new == Participation.objects.count() == 1_000
    assert len(queries) < 100


def test_the_journal_records_each_write_and_search_without_names() -> None:
    staff = make_staff()
    person = {
        "last_name": "Roy",
        "first_name": "Marie-Ève",
        "birth_date": BORN,
        "programme": portal_programme(),
    }
    entered = enter_participation(**person, year=2014, actor=staff)  # type: ignore[arg-type]  # -- values of several types
    search_register(**person, actor=staff)  # type: ignore[arg-type]  # -- values of several types
    import_participations(rows=[participant()], programme=portal_programme(), actor=staff, dry_run=True)
    import_participations(rows=[participant()], programme=portal_programme(), actor=staff)
    remove_participation(participation=entered, reason="Doublon", actor=staff)
    entries = list(Entry.objects.filter(actor=staff).order_by("pk"))
    assert [entry.action for entry in entries] == [
        "PARTICIPATION_ENTERED",
        "REGISTER_SEARCHED",
        "REGISTER_SEARCHED",
        "PARTICIPATIONS_IMPORTED",
        "PARTICIPATION_REMOVED",
    ]
    said = " ".join(f"{entry.detail} {entry.subject_id}" for entry in entries).lower()
    assert not [word for word in ("roy", "marie", "1990", "doublon") if word in said]


# -- Removal with a reason, without updates --------------------------------------------------------------------
def test_a_removed_person_no_longer_matches_and_the_reason_stays() -> None:
    row, staff = make_participation(last_name="Roy", first_name="Marie-Ève"), make_staff()
    with pytest.raises(ReasonMissingError):
        remove_participation(participation=row, reason="  ", actor=staff)
    remove_participation(participation=row, reason="Homonyme", actor=staff)
    assert not is_registered()
    assert Removal.objects.get().reason == "Homonyme"
    with pytest.raises(AlreadyRemovedError):
        remove_participation(participation=row, reason="Homonyme", actor=staff)


@pytest.mark.parametrize(
    "change,broken",
    [
        ("UPDATE register_participation SET year = 2001", "never changed"),
        ("DELETE FROM register_participation", "with its reason"),
        ("UPDATE register_removal SET reason = 'x'", "append-only"),
        ("DELETE FROM register_removal", "append-only"),
    ],
)
def test_even_the_owner_cannot_change_a_row(change: str, broken: str) -> None:
    make_participation()
    remove_participation(participation=make_participation(), reason="Doublon", actor=make_staff())
    with (
        pytest.raises(DatabaseError, match=broken),
        transaction.atomic(),
        as_owner(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


# -- Key rotation ----------------------------------------------------------------------------------------------
def test_older_keys_still_match_and_write_no_row(settings: Settings) -> None:
    settings.REGISTER_KEYS = {"old": OLD}
    make_participation(last_name="Roy", first_name="Marie-Ève")
    settings.REGISTER_KEYS = {"new": NEW, "old": OLD}
    assert is_registered()
    assert make_participation(last_name="Gagnon").key_name == "new"
    settings.REGISTER_KEYS = {"new": NEW}
    assert not is_registered()
    assert count_rows_without_key() == 1


def test_a_rebuild_enters_placements_and_keeps_the_rows_of_old_lists(
    settings: Settings, placements: list[Participant]
) -> None:
    settings.REGISTER_KEYS = {"old": OLD}
    make_participation(last_name="Liste")
    placements.append(participant())
    assert rebuild_register().completed.new == 1
    settings.REGISTER_KEYS = {"new": NEW, "old": OLD}
    placements.append(participant("Luc"))
    rebuilt = rebuild_register()
    assert (rebuilt.completed.rows, rebuilt.completed.new, rebuilt.completed.rekeyed) == (2, 1, 1)
    assert (rebuilt.older_keys, rebuilt.lost_keys) == (1, 0)
    assert is_registered()
    assert set(Participation.objects.values_list("source", "key_name")) == {
        ("HAND", "old"),
        ("COMPLETED", "new"),
    }
    assert rebuild_register().completed.new == 0


def test_a_rebuild_does_not_enter_a_removed_person_again(
    settings: Settings, placements: list[Participant]
) -> None:
    settings.REGISTER_KEYS = {"old": OLD}
    placements += [participant(), participant("Luc")]
    rebuild_register()
    for row in Participation.objects.all():
        remove_participation(participation=row, reason="Mauvais dossier", actor=make_staff())
    assert rebuild_register().completed.new == 0
    by_list = import_participations(rows=[participant("Luc")], programme=portal_programme(), actor=None)
    assert by_list.new == 1, "a list may enter a removed person again"
    settings.REGISTER_KEYS = {"new": NEW, "old": OLD}
    rebuilt = rebuild_register().completed
    assert (rebuilt.rows, rebuilt.new, rebuilt.rekeyed) == (2, 0, 1)
    assert [row.key_name for row in Participation.objects.all()] == ["new"]
    assert not is_registered()


_MANY = """
INSERT INTO register_participation (programme_id, year, source, key_name, whole, shorter)
SELECT %s, 2015, 'CSV', 'k', digest, ARRAY[reverse(digest)]
FROM (SELECT encode(sha256(n::text::bytea), 'hex') AS digest FROM generate_series(1, 5000) n) many
"""


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
def test_a_filing_searches_a_large_register_by_its_indexes(mode: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(_MANY, [portal_programme().pk])
        cursor.execute("SELECT gin_clean_pending_list('participation_by_shorter_names')")  # as a vacuum does
        cursor.execute("ANALYZE register_participation")
        cursor.execute(f"SET LOCAL plan_cache_mode = {mode}")
        searched = IS_IN_REGISTER.replace("%s", "$1", 1).replace("%s", "$2", 1)
        cursor.execute(f"PREPARE searched (text[], text[]) AS SELECT {searched}")
        cursor.execute("EXPLAIN EXECUTE searched (%s, %s)", [["0" * 64], ["1" * 64]])
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("DEALLOCATE searched")
    assert "a_person_takes_part_once_in_a_year" in plan
    assert "participation_by_shorter_names" in plan
    assert "Seq Scan" not in plan
