"""The page of the portal's state: what is wrong comes first, with what to do; staff alone see it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.db.models.functions import Now
from django.test import Client

from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.operations import metrics, readiness, state
from intake.operations.models import Backup
from intake.operations.preferences import name_on_call
from intake.operations.readiness import Readiness
from intake.outbox.heartbeats import PROCESSES, LastBeat
from intake.outbox.models import Delivery, Outage
from intake.outbox.selectors import database_instant
from intake.outbox.services import post
from tests.factories.people import client_of, make_staff, make_user

pytestmark = pytest.mark.django_db
PAGE = "/admin/etat/"
ALIVE = [LastBeat(name, 3.0) for name in PROCESSES]


@pytest.fixture
def all_well(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool | None]:
    """The checks, each of which passes until a test says otherwise."""
    checks: dict[str, bool | None] = dict.fromkeys(readiness.TO_DO, True)
    monkeypatch.setattr("intake.operations.views.check_readiness", lambda: Readiness(checks, ALIVE))
    monkeypatch.setattr(state, "LITTLE_SPACE", 0)
    call_command("note_backup")
    return checks


def _text(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


@pytest.mark.usefixtures("all_well")
def test_a_portal_that_works_has_nothing_to_do() -> None:
    page = _text(client_of(make_staff()))
    assert "Le portail reçoit les candidatures" in page
    assert "Rien à faire." in page
    assert "Dernier signe il y a 3 s" in page
    assert "1.0.0" in page


def test_each_failed_check_is_displayed_with_what_to_do(all_well: dict[str, bool | None]) -> None:
    all_well |= dict.fromkeys(readiness.TO_DO, False)
    page = _text(client_of(make_staff()))
    assert "Le portail ne peut pas recevoir de candidature" in page
    for name, to_do in readiness.TO_DO.items():
        assert str(to_do).replace("\u00a0", " ") in page
        assert f"docs/operations/probes.md#{name}" in page


def test_a_check_that_filings_do_not_need_leaves_the_verdict(all_well: dict[str, bool | None]) -> None:
    all_well["mail"] = False
    page = _text(client_of(make_staff()))
    assert "Le portail reçoit les candidatures" in page
    assert "Rien à faire." not in page


@pytest.mark.usefixtures("all_well")
def test_an_outage_that_ended_is_not_displayed() -> None:
    since = {"started_at": Now() - timedelta(minutes=30), "seen_at": Now(), "reason": "x"}
    Outage.objects.create(server=Outage.Server.MAIL, **since)
    Outage.objects.create(server=Outage.Server.CACHE, ended_at=Now(), **since)
    page = _text(client_of(make_staff()))
    assert "<strong>Serveur de courriel</strong> (depuis 30 minutes)" in page.replace(
        "31 minutes", "30 minutes"
    )
    assert "<strong>Cache</strong>" not in page


@pytest.mark.usefixtures("all_well")
@pytest.mark.parametrize("hours, warns", [(None, True), (27, True), (25, False)])
def test_a_backup_is_late_after_a_day(hours: int | None, *, warns: bool) -> None:
    Backup.objects.all().delete()
    if hours is not None:
        Backup.objects.create(at=Now() - timedelta(hours=hours))
    assert ("manage.py note_backup" in _text(client_of(make_staff()))) is warns


@pytest.mark.usefixtures("all_well")
@pytest.mark.parametrize("least", [0, 1])
def test_little_space_is_an_alarm(least: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "default_storage", FileSystemStorage(tmp_path))
    monkeypatch.setattr(state, "LITTLE_SPACE", least)
    page = _text(client_of(make_staff()))
    assert re.search(r"[\d,]+ [MG]o libres sur [\d,]+ Go", page)
    assert ("docs/operations/runbooks/full-disk.md" in page) is bool(least)


def test_a_folder_of_files_that_is_missing_leaves_the_page(
    all_well: dict[str, bool | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_well["storage"] = False
    monkeypatch.setattr(metrics, "default_storage", FileSystemStorage(tmp_path / "not mounted"))
    assert "docs/operations/probes.md#storage" in _text(client_of(make_staff()))


@pytest.mark.usefixtures("all_well")
def test_what_waits_too_long_or_failed_is_to_be_looked_at() -> None:
    client, late = client_of(make_staff()), Now() - timedelta(minutes=7)
    post(kind="RECEIPT_MAIL", key="x", subject="x")
    assert "Rien à faire." in _text(client)
    Delivery.objects.update(due_at=late)
    assert "<strong>mail</strong> (1 en attente, depuis 8 minutes)" in _text(client)
    Delivery.objects.update(state=Delivery.State.DEAD)
    page = _text(client)
    assert "<strong>Envois en échec</strong> (1)" in page
    assert "<strong>mail</strong>" not in page


def test_a_silent_process_is_to_be_started_again() -> None:
    beats = [LastBeat("beat", 5.0), LastBeat("sweeper", 900.0)]
    found = Readiness(dict.fromkeys(readiness.TO_DO, True), beats)
    (group,) = (each for each in state.read_state(found, at=database_instant()) if each.title == "Processus")
    assert [line.label for line in group.lines if line.to_do] == [
        name for name in PROCESSES if name != "beat"
    ]


@pytest.mark.usefixtures("all_well")
def test_the_duty_of_the_night_is_noted_once() -> None:
    client = client_of(make_staff())
    for _time in range(2):
        answer = client.post(PAGE, {"astreinte": "Ève O’Neil, 418 555-0142"})
        assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    assert 'value="Ève O’Neil, 418 555-0142"' in _text(client)
    assert Entry.objects.filter(action="ON_CALL_CHANGED").count() == 1
    long = client.post(PAGE, {"astreinte": "x" * 201})
    assert long.status_code == 422
    assert "x" * 201 in long.content.decode()


def test_only_staff_read_or_change_it() -> None:
    member = make_staff(Role.REVIEWER)
    assert client_of(member).get(PAGE).status_code == 403
    with pytest.raises(PermissionDenied):
        name_on_call(words="x", actor=member)
    assert client_of(make_user()).get(PAGE).status_code in {302, 403}
