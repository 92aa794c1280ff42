"""The register's pages: searched without logging whom, filled, and corrected with a reason."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.register import admin as register_admin
from intake.register.csv_import import ParsedList, Problem
from intake.register.errors import AlreadyRemovedError
from intake.register.models import Participation, Removal
from offers.models import Programme
from tests.database_roles import as_owner
from tests.factories.participants import make_participation, portal_programme
from tests.factories.people import client_of, make_staff
from tests.other_days import zone_of_another_day

HOME = "/admin/register/participation/"
HEADER = "last_name,first_name,birth_date,year\n"


def typed(**changes: Any) -> dict[str, Any]:
    person = {"last_name": "ROY", "first_name": "marie eve", "birth_date": "4 mai 1990"}
    return {"programme": str(portal_programme().pk)} | person | changes


@pytest.mark.django_db
@pytest.mark.parametrize("days", [0, 1], ids=["today", "tomorrow"])
def test_the_latest_birth_date_is_today_in_the_zone_of_the_portal(days: int) -> None:
    client = client_of(make_staff())
    with timezone.override(zone_of_another_day()):
        day = timezone.localdate() + timedelta(days=days)
        sent = typed(birth_date=day.isoformat(), year=str(day.year))
        listed = {"programme": sent["programme"], "text": f"{HEADER}ROY,marie eve,{day},{day.year}\n"}
        forms = [client.post(f"{HOME}{name}/", sent).context["form"] for name in ("chercher", "add")]
        read = client.post(f"{HOME}importer/", listed).context
    assert [form.has_error("birth_date", "too_late") for form in forms] == [bool(days)] * 2
    assert ("ou avant" in str(read.get("problems"))) is bool(days)


def test_at_most_twenty_problems_of_a_list_are_displayed() -> None:
    def shown(count: int) -> tuple[int, int]:
        problems = tuple(Problem(line, "year", "mots") for line in range(2, count + 2))
        found = register_admin._problems(ParsedList((), problems))
        assert found["problems"][0] == "ligne 2, colonne year\u00a0: mots"
        return len(found["problems"]), found["more_problems"]

    assert [shown(count) for count in (1, 20, 21, 45)] == [(1, 0), (20, 0), (20, 1), (20, 25)]


# -- Search ------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_search_finds_the_rows_of_one_person_latest_first() -> None:
    old = make_participation(last_name="Roy", first_name="Marie-Ève", year=2012)
    new = make_participation(last_name="Roy", first_name="Marie", year=2015)
    make_participation(last_name="Roy", first_name="Luc", year=2013)
    client = client_of(make_staff())
    found = client.post(f"{HOME}chercher/", typed()).context["found"]
    assert [row["words"] for row in found] == [f"{row.year}, n°\u00a0{row.pk}" for row in (new, old)]
    refused = client.post(f"{HOME}chercher/", typed(last_name="=1+1"))
    assert (refused.status_code, refused.context["errors"]) == (422, True)


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["chercher/", "add/", "importer/"])
def test_without_a_key_each_page_refuses_with_a_message(page: str, settings: Settings) -> None:
    settings.REGISTER_KEYS = {}
    listed = SimpleUploadedFile("l.csv", f"{HEADER}Roy,Alex,4 mai 1990,2014\n".encode())
    sent = typed(year="2014") | ({"file": listed} if page == "importer/" else {})
    answer = client_of(make_staff()).post(HOME + page, sent)
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == [
        "Le registre n’est pas configuré : vous ne pouvez rien y chercher ni y inscrire. Prévenez l’équipe technique."
    ]
    assert not Participation.objects.exists()
    assert not Entry.objects.filter(action__contains="REGISTER").exists()


@pytest.mark.django_db
def test_a_search_is_answered_in_place_and_stored_in_no_address(caplog: pytest.LogCaptureFixture) -> None:
    client = client_of(make_staff())
    caplog.set_level(logging.DEBUG)
    with caplog.at_level(logging.DEBUG, logger="django.db.backends"), CaptureQueriesContext(connection):
        unknown = client.post(f"{HOME}chercher/", typed())
        row = make_participation(last_name="Roy", first_name="Marie-Ève")
        found = client.post(f"{HOME}chercher/", typed())
    assert "Inconnue du registre" in unknown.content.decode()
    assert f"{HOME}{row.pk}/change/" in found.content.decode()
    assert "no-store" in found.headers["Cache-Control"]
    entries = Entry.objects.filter(action="REGISTER_SEARCHED")
    assert [entry.detail for entry in entries.order_by("pk")] == ["rows=1", "rows=1"]
    assert "register_participation" in caplog.text, "what is asked of the database is in the log here"
    assert "roy" not in caplog.text.lower()


@pytest.mark.django_db
def test_a_search_by_get_does_not_search() -> None:
    make_participation(last_name="Roy", first_name="Marie-Ève")
    client = client_of(make_staff())
    assert "Au registre" not in client.get(f"{HOME}chercher/", typed()).content.decode()
    assert not Entry.objects.filter(action="REGISTER_SEARCHED").exists()
    assert "Au registre" in client.post(f"{HOME}chercher/", typed()).content.decode()


@pytest.mark.django_db
def test_a_person_is_entered_once_by_the_form() -> None:
    client = client_of(make_staff())
    assert client.post(f"{HOME}add/", typed(year="2014")).status_code == 302
    assert Participation.objects.get().source == "HAND"
    again = client.post(f"{HOME}add/", typed(year="2014", first_name="Marie-Ève"))
    assert again.status_code == 422
    assert "déjà au registre" in again.content.decode()


# -- Lists -------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_list_that_only_renews_keys_can_be_confirmed(settings: Settings) -> None:
    make_participation(last_name="Roy", first_name="Alex", year=2014)
    settings.REGISTER_KEYS = {"new": "n" * 40} | settings.REGISTER_KEYS
    sent = {"programme": portal_programme().pk, "text": f"{HEADER}Roy,Alex,4 mai 1990,2014\n"}
    page = client_of(make_staff()).post(f"{HOME}importer/", sent)
    assert 'name="confirm"' in page.content.decode()


@pytest.mark.django_db
def test_a_list_is_previewed_then_confirmed(told: list[Programme]) -> None:
    make_participation(last_name="Roy", first_name="Alex", year=2014)
    told.clear()
    staff = make_staff()
    client: Any = client_of(staff)
    text = f"{HEADER}Roy,Alex,4 mai 1990,2014\nGagnon,Luc,1991-02-03,2015\n"

    def post(**sent: Any) -> Any:
        return client.post(f"{HOME}importer/", {"programme": portal_programme().pk} | sent)

    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile("l.csv", text.encode())

    for counted in (post(file=file()), post(file=file(), confirm="1"), post(text=text)):
        tally = counted.context_data["tally"]
        assert (counted.status_code, counted.context_data["text"]) == (200, text)
        assert (tally.rows, tally.new, tally.known, tally.rekeyed) == (2, 1, 1, 0)
    assert told == []
    assert post(text=text, confirm="1")["Location"] == HOME
    assert told == [portal_programme()]
    details = Entry.objects.filter(actor=staff, action__in=["REGISTER_SEARCHED", "PARTICIPATIONS_IMPORTED"])
    assert list(details.order_by("pk").values_list("action", "detail")) == [
        *[("REGISTER_SEARCHED", "rows=2 new=1 known=1")] * 3,
        ("PARTICIPATIONS_IMPORTED", "rows=2 new=1 known=1"),
    ]
    post(text=text, confirm="1")
    assert told == [portal_programme()], "a list that adds nothing changes nothing"


@pytest.mark.django_db
def test_an_unreadable_list_is_refused_with_its_problems() -> None:
    answer = client_of(make_staff()).post(
        f"{HOME}importer/",
        {
            "programme": portal_programme().pk,
            "file": SimpleUploadedFile("l.csv", f"{HEADER}=1,Alex,4 mai 1990,2014\n".encode()),
        },
    )
    context: Any = answer.context_data
    assert (answer.status_code, context["more_problems"]) == (422, 0)
    assert context["problems"] == [
        "ligne 2, colonne last_name\u00a0: C’est une formule de tableur, pas un nom."
    ]
    assert dict(context["form"].errors) == {
        "file": ["Rien n’est inscrit : corrigez la liste, puis recommencez."]
    }
    nothing = client_of(make_staff()).post(f"{HOME}importer/", {"programme": portal_programme().pk})
    assert dict(nothing.context["form"].errors) == {"file": ["Choisissez le fichier de la liste."]}


# -- Removals ----------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_row_is_removed_once_and_the_list_displays_latest_removals(
    told: list[Programme], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [make_participation(year=year) for year in (2012, 2013, 2014)]
    client: Any = client_of(make_staff())
    told.clear()
    assert client.get(f"{HOME}999999/delete/").status_code == 404
    assert client.post(f"{HOME}{rows[0].pk}/delete/", {"reason": " "}).status_code == 422
    for row, reason in zip(rows[:2], ("  Doublon ", "Homonyme"), strict=True):
        assert client.post(f"{HOME}{row.pk}/delete/", {"reason": reason})["Location"] == HOME
    assert told == [portal_programme()] * 2
    entries = Entry.objects.filter(action="PARTICIPATION_REMOVED").order_by("pk")
    assert list(entries.values_list("detail", "subject_id")) == [
        (str(row.year), str(row.pk)) for row in rows[:2]
    ]
    assert list(Removal.objects.order_by("pk").values_list("participation", "year", "reason", "whole")) == [
        (rows[0].pk, 2012, "Doublon", rows[0].whole),
        (rows[1].pk, 2013, "Homonyme", rows[1].whole),
    ]
    settings.REGISTER_KEYS = {"other": "x" * 40}
    listed: Any = client.get(HOME).context_data
    assert (listed["total"], listed["lost"]) == (1, 1)
    assert [removal.reason for removal in listed["removals"]] == ["Homonyme", "Doublon"]
    monkeypatch.setattr(register_admin, "REMOVALS_SHOWN", 1)
    assert [removal.reason for removal in client.get(HOME).context_data["removals"]] == ["Homonyme"]


@pytest.mark.django_db
def test_a_row_removed_meanwhile_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    row = make_participation()

    def gone(**_asked: object) -> None:
        raise AlreadyRemovedError

    monkeypatch.setattr(register_admin, "remove_participation", gone)
    answer = client_of(make_staff()).post(f"{HOME}{row.pk}/delete/", {"reason": "Doublon"})
    assert answer["Location"] == HOME
    assert [(one.level_tag, str(one)) for one in get_messages(answer.wsgi_request)] == [
        ("warning", "Cette participation est déjà retirée.")
    ]


@pytest.mark.django_db
def test_typed_personal_data_stay_out_of_caches_and_error_reports() -> None:
    client, row = client_of(make_staff()), make_participation()
    for page in ("chercher/", "add/", "importer/", f"{row.pk}/delete/"):
        answer: Any = client.post(HOME + page, typed())
        assert "no-store" in answer["Cache-Control"], page
        assert answer.wsgi_request.sensitive_post_parameters == "__ALL__", page
    reviewer = client_of(make_staff(Role.REVIEWER))
    assert reviewer.post(f"{HOME}{row.pk}/delete/", {"reason": "x"}).status_code == 403
    assert Participation.objects.get() == row


@pytest.mark.django_db
def test_each_page_requires_its_own_permission() -> None:
    row = make_participation()
    pages = ("chercher/", "add/", "importer/", f"{row.pk}/delete/")

    def statuses(permission: str) -> list[int]:
        user = make_staff(Role.REVIEWER)
        with as_owner():
            user.user_permissions.add(Permission.objects.get(codename=f"{permission}_participation"))
        client = client_of(user)
        return [client.get(HOME + page).status_code for page in pages]

    assert {permission: statuses(permission) for permission in ("view", "add", "delete")} == {
        "view": [200, 403, 403, 403],
        "add": [403, 200, 200, 403],
        "delete": [403, 403, 403, 200],
    }
    assert Participation.objects.get() == row
