"""Staff turn English off and on: pages, mails, journal, permission, and no query for each page."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.operations import preferences
from intake.operations.models import SitePreferences
from intake.operations.preferences import english_offered, offer_english
from intake.web.language import COOKIE
from intake.web.mails import render_mail
from tests.factories.people import client_of, make_staff, make_user

pytestmark = pytest.mark.django_db
PAGE = "/admin/preferences/"


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    preferences.memory.english_offered = True
    preferences.forget()
    yield
    preferences.forget()


@pytest.fixture
def english() -> Client:
    """The browser of a person who attested."""
    given = HttpResponse()
    given.set_signed_cookie(COOKIE, "en", salt="intake.web.language")
    client = Client()
    client.cookies[COOKIE] = given.cookies[COOKIE].value
    return client


def _turn(choice: str, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = client_of(make_staff()).post(PAGE, {"anglais": choice})
    assert response.status_code == 302


def test_english_is_offered_until_staff_turn_it_off(
    english: Client, django_capture_on_commit_callbacks: Any
) -> None:
    assert '<html lang="en-CA">' in english.get("/offres/").content.decode()
    assert 'lang="en-CA"' in Client().get("/offres/").content.decode()
    _turn("non", django_capture_on_commit_callbacks)
    page = english.get("/offres/").content.decode()
    assert '<html lang="fr-CA">' in page
    assert "en-CA" not in page
    assert "en-CA" not in Client().get("/offres/").content.decode()
    assert "Continue in English" not in Client().get("/langue/").content.decode()
    assert english.post("/langue/", {"langue": "en", "attestation": "oui"}).status_code == 422
    _turn("oui", django_capture_on_commit_callbacks)
    assert '<html lang="en-CA">' in english.get("/offres/").content.decode()


def test_mails_have_no_english_part_while_english_is_off() -> None:
    context = {"code": "123 456", "minutes": 10, "link": "https://exemple.invalid/"}

    def languages() -> str:
        return render_mail("sign_in_code", context, in_english=True)[1]

    in_two = languages()
    offer_english(offered=False, actor=make_staff())
    preferences.forget()
    assert len(languages()) < len(in_two)


def test_the_journal_records_each_change_and_nothing_else() -> None:
    staff = make_staff()
    before = Entry.objects.count()
    assert [offer_english(offered=offered, actor=staff) for offered in (True, False, False, True)] == [
        False,
        True,
        False,
        True,
    ]
    written = Entry.objects.order_by("pk").values_list("action", "actor", "subject_id")[before:]
    assert list(written) == [("ENGLISH_TURNED_OFF", staff.pk, ""), ("ENGLISH_TURNED_ON", staff.pk, "")]


@pytest.mark.parametrize("role", [Role.REVIEWER, None])
def test_a_person_without_the_permission_changes_nothing(role: Role | None) -> None:
    person = make_staff(role) if role else make_user()
    with pytest.raises(PermissionDenied):
        offer_english(offered=False, actor=person)
    assert not SitePreferences.objects.exists()
    assert client_of(person).post(PAGE, {"anglais": "non"}).status_code in {302, 403}
    assert not SitePreferences.objects.exists()


def test_the_page_shows_the_choice_and_whether_it_has_an_effect(settings: Any) -> None:
    client = client_of(make_staff())
    assert 'value="non"' in client.get(PAGE).content.decode()
    client.post(PAGE, {"anglais": "non"})
    page = client.get(PAGE).content.decode()
    assert 'value="oui"' in page
    assert "sans effet" not in page
    settings.ENGLISH_OFFERED = False
    assert "sans effet" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"anglais": "peut-être"}).status_code == 422


def test_a_process_reads_the_row_once_for_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("intake.operations.preferences.time.monotonic", lambda: now)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert english_offered()
        return len(captured)

    assert [queries() for _page in range(3)] == [1, 0, 0]
    now += 9.9
    assert queries() == 0
    now += 0.2
    assert [queries(), queries()] == [1, 0]


def test_a_choice_reaches_another_process_within_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("intake.operations.preferences.time.monotonic", lambda: now)
    assert english_offered()
    SitePreferences.objects.create(pk=SitePreferences.ONLY_ROW, english_offered=False)
    assert english_offered()
    now += 10
    assert not english_offered()


def test_a_choice_is_read_again_only_after_its_commit(django_capture_on_commit_callbacks: Any) -> None:
    assert english_offered()
    with django_capture_on_commit_callbacks(execute=True):
        offer_english(offered=False, actor=make_staff())
        assert preferences.memory.stale_at > 0, "another thread would read the former choice, for ten seconds"
    assert not english_offered()


def test_without_the_database_the_last_known_choice_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    SitePreferences.objects.create(pk=SitePreferences.ONLY_ROW, english_offered=False)
    assert not english_offered()

    def fail(_rows: object) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(QuerySet, "first", fail)
        preferences.forget()
        assert not english_offered()
    assert preferences.memory.stale_at > 0
    preferences.forget()
    assert not english_offered()


def test_while_one_thread_reads_another_gets_the_last_known_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert english_offered()
    monkeypatch.setattr("intake.operations.preferences.time.monotonic", lambda: preferences.memory.stale_at)
    found: list[bool] = []
    with preferences.memory.reading:
        other = threading.Thread(target=lambda: found.append(english_offered()))
        other.start()
        other.join(timeout=5)
    assert found == [True]
