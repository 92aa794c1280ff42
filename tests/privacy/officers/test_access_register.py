"""The access register answers who read what, to the person responsible alone, and its own reading is recorded."""

import csv
import datetime as dt
from io import StringIO

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from intake.accounts.models import User
from intake.journal.models import LIST_SHOWN, Entry
from intake.journal.services import record
from intake.privacy.officers.access_register import (
    HEADER,
    RegisterFilter,
    entries_found,
    rows_of,
)
from intake.privacy.officers.forms import RegisterForm
from intake.privacy.officers.views import access
from intake.privacy.own_data.readings import readings_of
from tests.database_roles import without_triggers
from tests.factories.incidents import make_officer
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_filed
from tests.factories.submissions import make_draft, make_open_offer

pytestmark = pytest.mark.django_db

PAGE = "/admin/protection/acces/"


def read_file(person: User, reader: User) -> str:
    """Have `reader` open a new candidature of `person`; return its receipt number."""
    submission = make_filed(make_open_offer(), candidate=person)
    client_of(reader).get(reverse("review:file", args=[submission.public_id]))
    assert submission.standing_filing is not None
    return submission.standing_filing.receipt.number


def found(**wanted: object) -> list[str]:
    return [
        entry.action
        for entry in entries_found(RegisterFilter(**wanted), reader=make_officer())  # type: ignore[arg-type]  # -- by name
    ]


# -- What is found --------------------------------------------------------------------------------------------
def test_entries_are_found_by_person_reader_action_and_day() -> None:
    person, other, reader = make_user(), make_user(), make_staff()
    read_file(person, reader)
    read_file(other, make_staff())
    today = timezone.localdate()
    assert "SUBMISSION_OPENED" in found(person=person)
    assert found(person=person, reader=reader) == ["SUBMISSION_OPENED"]
    assert found(reader=reader) == ["SUBMISSION_OPENED"]
    assert found(action="SUBMISSION_OPENED") == ["SUBMISSION_OPENED"] * 2
    assert found(action="SUBMISSION_OPENED", since=today, until=today) == ["SUBMISSION_OPENED"] * 2
    assert found(action="SUBMISSION_OPENED", until=today - dt.timedelta(days=1)) == []
    assert found(action="SUBMISSION_OPENED", since=today + dt.timedelta(days=1)) == []


def test_a_day_of_the_register_is_one_of_quebec() -> None:
    first = dt.datetime(2027, 2, 1, 5, tzinfo=dt.UTC)  # midnight in Québec
    last, instant = first + dt.timedelta(days=1), dt.timedelta(microseconds=1)
    for action, at in (("A", first - instant), ("B", first), ("C", last - instant), ("D", last)):
        Entry.objects.create(action=action, at=at)
    day = dt.date(2027, 2, 1)
    assert found(since=day, until=day) == ["C", "B"]


def test_a_filter_is_the_same_after_its_address() -> None:
    wanted = RegisterFilter(
        person=make_user(),
        reader=make_user(),
        action="SIGNED_IN",
        since=dt.date(2027, 2, 1),
        until=dt.date(2027, 2, 1),
    )
    assert RegisterFilter.from_query(QueryDict(wanted.query())) == wanted
    assert RegisterFilter().query() == ""
    shown = RegisterForm.of(wanted).initial
    form = RegisterForm(shown)
    assert form.is_valid(), "the last day is the first one"
    assert form.wanted() == wanted
    assert set(RegisterForm.of(RegisterFilter()).initial.values()) == {"", None}


def test_the_first_and_the_last_day_of_the_calendar_are_days() -> None:
    read_file(make_user(), make_staff())
    assert found(action="SUBMISSION_OPENED", since=dt.date.min, until=dt.date.max) == ["SUBMISSION_OPENED"]
    address = f"{PAGE}?du=0001-01-01&au=9999-12-31"
    assert client_of(make_officer()).get(address).status_code == 200


def test_the_page_names_readers_functions_and_receipt_numbers() -> None:
    person, reader = make_user(), make_staff()
    number = read_file(person, reader)
    page = client_of(make_officer()).get(f"{PAGE}?personne={person.public_id}").content.decode()
    for shown in (str(reader), "Personnel du programme", "Candidature ouverte", number):
        assert shown in page, shown


def test_a_search_by_address_or_receipt_number_leads_to_an_address_without_either() -> None:
    person = make_user("zoe.roy@exemple.invalid")
    number = read_file(person, make_staff())
    client = client_of(make_officer())
    for words in (person.email.upper(), f" {number.lower()} "):
        answer = client.post(PAGE, {"person": words})
        assert answer.headers["Location"] == f"{PAGE}?personne={person.public_id}"


def test_an_unknown_or_incomplete_address_or_number_opens_no_register() -> None:
    number = read_file(make_user("zoe.roy@exemple.invalid"), make_staff())
    client = client_of(make_officer())
    for typed in ("personne@exemple.invalid", "zoe", "zoe.roy@exemple", "exemple.invalid", number[:-1]):
        refused = client.post(PAGE, {"person": typed})
        assert refused.status_code == 422, typed
        assert "Aucun compte n’a cette adresse" in refused.content.decode()


def test_the_page_shows_what_was_searched() -> None:
    person = make_user("zoe.roy@exemple.invalid")
    client = client_of(make_officer())
    query = f"personne={person.public_id}&action=SUBMISSION_OPENED&du=2027-02-01"
    page = client.get(f"{PAGE}?{query}").content.decode()
    shown = page.split("Votre recherche", maxsplit=1)[1].split("</p>", maxsplit=1)[0]
    for words in (person.email, "Candidature ouverte", "<sup>er</sup>", "Tout afficher"):
        assert words in shown, words
    assert "Votre recherche" not in client.get(PAGE).content.decode()


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    answer = client_of(make_officer()).post(PAGE, {"since": "2027-02-02", "until": "2027-02-01"})
    assert answer.status_code == 422
    assert "Le dernier jour précède le premier." in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    ["personne=x", "par=00000000-0000-4000-8000-000000000000", "du=hier", "au=2027-02-30"],
)
def test_a_filter_that_means_nothing_is_not_found_rather_than_ignored(query: str) -> None:
    assert client_of(make_officer()).get(f"{PAGE}?{query}").status_code == 404


# -- Who reads it ---------------------------------------------------------------------------------------------


def test_the_person_responsible_reads_no_file() -> None:
    submission = make_filed(make_open_offer())
    client = client_of(make_officer())
    assert client.get(reverse("review:file", args=[submission.public_id])).status_code == 404
    for path in ("submissions/submission/", "outbox/delivery/", "accounts/user/", "journal/entry/"):
        assert client.get(f"/admin/{path}").status_code == 403, path


def test_a_person_responsible_who_applied_does_not_read_who_read_their_own_file() -> None:
    officer = make_officer()
    read_file(officer, make_staff())
    entries = entries_found(RegisterFilter(person=officer, action="SUBMISSION_OPENED"), reader=officer)
    assert not entries.exists()
    assert found(person=officer, action="SUBMISSION_OPENED") == ["SUBMISSION_OPENED"]


# -- Its own reading ------------------------------------------------------------------------------------------
def test_reading_the_register_leaves_an_entry_that_the_person_may_read() -> None:
    person, officer = make_user(), make_officer()
    read_file(person, make_staff())
    client_of(officer).get(f"{PAGE}?personne={person.public_id}")
    entry = Entry.objects.get(action="ACCESS_REGISTER_READ")
    assert (entry.actor, entry.subject_id) == (officer, str(person.public_id))
    assert person.email not in entry.detail
    assert "ACCESS_REGISTER_READ" in [entry.action for entry in readings_of(person)]


def test_reading_the_full_register_leaves_an_entry_for_each_person_on_the_page() -> None:
    person, absent, reader, officer = make_user(), make_user(), make_staff(), make_officer()
    read_file(person, reader)
    record(actor=officer, action="JOURNAL_VERIFIED", subject=None)
    client_of(officer).head(PAGE)
    assert not Entry.objects.filter(action__in=["ACCESS_REGISTER_READ", LIST_SHOWN]).exists()
    client_of(officer).get(PAGE)
    for shown in (person, reader):
        assert LIST_SHOWN in [entry.action for entry in readings_of(shown)]
    assert not readings_of(absent).exists()


def test_a_list_has_a_readable_name_on_the_page_and_in_the_file() -> None:
    person = make_user()
    read_file(person, make_staff())
    client_of(make_staff()).get("/admin/submissions/submission/")
    client = client_of(make_officer())
    page = client.get(f"{PAGE}?personne={person.public_id}").content.decode()
    file = b"".join(client.get(f"{PAGE}registre.csv?personne={person.public_id}")).decode("utf-8-sig")
    for shown in (page, file):
        assert "Page ou liste affichée" in shown
        assert "Candidatures : 1 objet" in shown.replace("\N{NO-BREAK SPACE}", " ")
        assert "submissions_submission" not in shown


# -- Files ----------------------------------------------------------------------------------------------------
def test_the_csv_has_the_rows_of_the_filter_and_no_formula() -> None:
    person = make_user("=cmd@exemple.invalid")
    read_file(person, make_staff(display_name="=HYPERLINK(1)"))
    answer = client_of(make_officer()).get(f"{PAGE}registre.csv?personne={person.public_id}")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="registre-des-acces.csv"'
    rows = list(csv.reader(StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert rows[0] == [str(title) for title in HEADER]
    assert client_of(make_officer()).get(f"{PAGE}registre.pdf").status_code == 404
    assert any(row[1] == "Candidature ouverte" and row[2] == "'=HYPERLINK(1)" for row in rows)
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    assert Entry.objects.filter(action="ACCESS_REGISTER_EXPORTED", subject_id=str(person.public_id)).exists()


def test_a_file_of_too_many_rows_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "EXPORT_MAX", 1)
    record(actor=None, action="OFFER_PUBLISHED", subject=None)
    one = client_of(make_officer()).get(f"{PAGE}registre.csv?action=OFFER_PUBLISHED")
    assert b"".join(one).count(b"\n") == 2, "its header and one row"
    record(actor=None, action="OFFER_PUBLISHED", subject=None)
    query = "?action=OFFER_PUBLISHED"
    answer = client_of(make_officer()).get(f"{PAGE}registre.csv{query}", follow=True)
    assert answer.redirect_chain == [(f"{PAGE}{query}", 302)]
    assert "Choisissez une personne ou moins de jours." in answer.content.decode()
    assert Entry.objects.filter(action="ACCESS_REGISTER_EXPORTED").count() == 1, "of the first file alone"


# -- Verification ---------------------------------------------------------------------------------------------
def test_the_verification_finds_the_journal_intact_and_is_recorded() -> None:
    record(actor=None, action="OFFER_PUBLISHED", subject=None)
    client = client_of(make_officer())
    answer = client.post(f"{PAGE}verification/", follow=True)
    assert "Le journal est intact" in answer.content.decode()
    assert Entry.objects.filter(action="JOURNAL_VERIFIED", detail__startswith="links=").exists()
    assert client.get(f"{PAGE}verification/").status_code == 405


def test_a_journal_too_long_for_the_page_is_left_to_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "VERIFY_MAX", 1)
    record(actor=None, action="OFFER_PUBLISHED", subject=None)
    record(actor=None, action="OFFER_PUBLISHED", subject=None)
    answer = client_of(make_officer()).post(f"{PAGE}verification/", follow=True)
    assert "Le journal est trop long pour cette page." in answer.content.decode()
    assert not Entry.objects.filter(action="JOURNAL_VERIFIED").exists()


def test_the_verification_names_the_altered_entry_of_the_journal() -> None:
    entry = record(actor=None, action="OFFER_PUBLISHED", subject=None)
    with without_triggers("journal_entry") as cursor:
        cursor.execute("UPDATE journal_entry SET detail = 'autre' WHERE id = %s", [entry.pk])
    answer = client_of(make_officer()).post(f"{PAGE}verification/", follow=True)
    assert f"Le journal est altéré à l’entrée {entry.pk}" in answer.content.decode()


def test_the_rows_need_two_queries_whatever_their_number(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    numbers = {read_file(make_user(), make_staff()) for _time in range(3)}
    draft = make_draft(offer=make_open_offer()).submission
    record(actor=None, action="SUBMISSION_OPENED", subject=draft)
    entries = list(entries_found(RegisterFilter(), reader=make_officer()))
    with django_assert_num_queries(2):
        rows = list(rows_of(entries))
    assert len(rows) == len(entries) > 3
    opened = [row for row in rows if row.action == "Candidature ouverte"]
    assert (opened[0].who, opened[0].subject) == ("", f"Candidature {draft.public_id}")
    assert {row.subject for row in opened[1:]} == numbers
    assert str(opened[0].function) == "Le portail, automatiquement ou par une commande"
    record(actor=make_user(), action="SUBMISSION_OPENED", subject=None)
    [last] = rows_of(Entry.objects.order_by("-pk")[:1])
    assert (str(last.function), last.cells()[3:]) == ("Sans rôle", ("Sans rôle", "", ""))
