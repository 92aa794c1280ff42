"""Consents by version: counted, with the text that was read, and each reading of the list recorded."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.db.models import F

from intake.journal.models import LIST_SHOWN, Entry
from intake.privacy.officers.consents import notice_versions
from intake.privacy.own_data.readings import readings_of
from intake.profiles.models import NoticeAcceptance
from intake.profiles.services import accept_notice
from intake.submissions.drafts.collection_notice import COLLECTION
from tests.database_roles import write_despite_rules
from tests.factories.incidents import make_officer
from tests.factories.people import client_of, make_user

pytestmark = pytest.mark.django_db

PAGE = "/admin/protection/consentements/"
OLD = "2026-01"


def accept(version: str = COLLECTION.version, **more: Any) -> Any:
    person = make_user(**more)
    accept_notice(user=person, notice=COLLECTION.key, version=version)
    return person


def test_each_version_is_counted_with_its_first_and_last_acceptance() -> None:
    accept()
    earlier = NoticeAcceptance.objects.filter(user=accept())
    write_despite_rules(earlier, at=F("at") - timedelta(days=3))
    accept(OLD)
    current, old = notice_versions()
    assert current.last_at == old.last_at
    assert current.first_at is not None
    assert current.first_at + timedelta(days=3) == current.last_at
    assert (current.version, current.people, current.is_current) == (COLLECTION.version, 2, True)
    assert (old.version, old.people, old.is_current, old.template) == (OLD, 1, False, "")
    assert old.first_at == old.last_at is not None


def test_the_current_version_is_there_before_its_first_acceptance() -> None:
    (current,) = notice_versions()
    assert (current.people, current.first_at) == (0, None)
    page = client_of(make_officer()).get(PAGE).content.decode()
    assert "Personne n’a encore accepté cet avis." in page


def test_the_page_has_the_text_and_the_people_of_the_chosen_version() -> None:
    person, other = accept(), accept(OLD)
    client = client_of(make_officer())
    page = client.get(PAGE).content.decode()
    assert person.email in page
    assert other.email in page
    assert "Pour qui et pourquoi" in page
    chosen = client.get(PAGE, {"avis": COLLECTION.key, "version": OLD}).content.decode()
    assert other.email in chosen
    assert person.email not in chosen


def test_the_list_and_its_file_are_readings_of_each_person() -> None:
    person, absent = accept(), make_user()
    client = client_of(make_officer())
    client.get(PAGE)
    assert [entry.action for entry in readings_of(person)] == [LIST_SHOWN]
    b"".join(client.get(f"{PAGE}registre.csv"))
    assert [entry.action for entry in readings_of(person)] == [LIST_SHOWN] * 2
    assert Entry.objects.get(action="CONSENTS_EXPORTED").detail == "people=1"
    assert not readings_of(absent).exists()


def test_the_file_has_each_acceptance_and_no_formula() -> None:
    accept(email="=cmd@exemple.invalid")
    answer = client_of(make_officer()).get(f"{PAGE}registre.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="consentements.csv"'
    _header, row = list(csv.reader(StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert row[:3] == ["'=cmd@exemple.invalid", "Avis de collecte", COLLECTION.version]
    assert client_of(make_officer()).get(f"{PAGE}registre.pdf").status_code == 404
