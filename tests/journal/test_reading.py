"""Reading the journal: the list's columns and cells, hidden entries, search, invariants."""

import datetime as dt
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Q, QuerySet
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone

from intake.accounts.models import User
from intake.journal import chain, invariants, selectors
from intake.journal.chain import Audit, verify_chains
from intake.journal.invariants import Invariant, StoredInvariant, invariants_in
from intake.journal.models import Entry, Link
from intake.journal.selectors import entries_about, subject_in, without_hidden
from intake.journal.services import record
from tests.factories.people import client_of, make_staff, make_user

LIST = "/admin/journal/entry/"


def desk() -> Any:
    return admin.site.get_model_admin(Entry)


# -- The list ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "kind, key, said",
    [
        ("", "", ""),
        ("accounts.user", "12", "Compte 12"),
        ("review.gone", "12", "Review.gone 12"),
        ("nothing", "12", "Nothing 12"),
    ],
)
def test_the_object_of_an_entry_is_named_even_when_its_table_is_gone(kind: str, key: str, said: str) -> None:
    assert desk().subject(Entry(subject_kind=kind, subject_id=key)) == said


@pytest.mark.django_db
def test_the_list_is_filtered_searched_and_titled_by_labels() -> None:
    alex = make_user("alex@exemple.invalid")
    first = record(actor=alex, action="SIGNED_IN", subject=None)
    second = record(actor=None, action="LOOKED_AT", subject=alex, detail="x")
    request: Any = RequestFactory().get("/")
    request.user = make_staff()
    search = desk().get_search_results
    everything = Entry.objects.filter(pk__in=[first.pk, second.pk]).order_by("pk")
    found = {
        typed: list(search(request, everything, typed)[0])
        for typed in (" - ", f" {alex.public_id} ", "alex", "lex")
    }
    assert list(found.values()) == [[first, second], [second], [first], []]
    assert [search(request, everything, typed)[1] for typed in ("", "alex")] == [False, False]
    client = client_of(request.user)
    assert list(client.get(LIST, {"action": "LOOKED_AT"}).context["cl"].result_list) == [second]
    assert client.get(f"{LIST}{first.pk}/change/").context["subtitle"] == "Connexion"
    assert client.get(f"{LIST}999999/change/").status_code == 302
    request.resolver_match = resolve(f"{LIST}{first.pk}/change/")
    assert desk().change_view(request, str(first.pk), "", {"besides": "x"}).context_data["besides"] == "x"


@pytest.mark.django_db
def test_the_list_is_filtered_by_days_of_the_time_zone_of_the_portal() -> None:
    record(actor=None, action="SIGNED_IN", subject=None)
    today = timezone.localdate()
    client = client_of(make_staff())
    for first, days, number in ((today, 1, 1), (today - dt.timedelta(days=1), 1, 0), (dt.date.min, 1, 0)):
        asked = {"at__gte": str(first), "at__lt": str(first + dt.timedelta(days=days)), "action": "SIGNED_IN"}
        assert len(client.get(LIST, asked).context["cl"].result_list) == number
    assert client.get(LIST, {"at__gte": "2026-13-45"}).status_code == 400


# -- Hidden entries, and search ----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_hidden_entries_are_left_out_only_for_that_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "_hiders", [])
    monkeypatch.setattr(selectors, "_entry_hiders", [])
    reader, other, subject = make_user(), make_user(), make_user()

    hidden = User.objects.filter(pk=subject.pk)

    def hides(user: object) -> list[QuerySet[User]]:
        return [hidden] if user == reader else []

    def hides_entries(user: object) -> Q:
        return Q(action="THIRD") if user == reader else Q()

    for _twice in range(2):
        selectors.register_subject_hider(hides)
        selectors.register_entry_hider(hides_entries)
    assert (selectors.subjects_hidden_from(reader), selectors.subjects_hidden_from(other)) == ([hidden], [])
    assert (selectors.entries_hidden_from(reader), selectors.entries_hidden_from(other)) == (
        [Q(action="THIRD")],
        [],
    )
    first = record(actor=None, action="FIRST", subject=subject)
    second = record(actor=subject, action="SECOND", subject=other)
    third = record(actor=None, action="THIRD", subject=other)
    written = Entry.objects.filter(pk__gte=first.pk).order_by("pk")
    assert list(without_hidden(written, reader)) == [second]
    assert list(without_hidden(written, other)) == [first, second, third]
    assert list(written.filter(subject_in([]))) == []
    assert list(written.filter(subject_in([subject, other]))) == [first, second, third]
    assert list(written.filter(subject_in([subject]))) == [first]
    with CaptureQueriesContext(connection) as queries:
        assert [(entry.pk, entry.actor) for entry in entries_about(other) if entry.pk >= first.pk] == [
            (third.pk, None),
            (second.pk, subject),
        ]
    assert len(queries) == 1


# -- Invariants --------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_an_invariant_names_each_row_that_breaks_it_where_the_server_can_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(invariants, "_BATCH_SIZE", 2)
    query = "SELECT n::text FROM generate_series(1, 5) n"
    asked = {
        setting: Invariant("five", query, setting)
        for setting in ("", "enable_seqscan", "track_activities", "transform_null_equals")
    }
    assert {setting: (one.is_answered(), list(one.violations())) for setting, one in asked.items()} == {
        "": (True, list("12345")),
        "enable_seqscan": (True, list("12345")),
        "track_activities": (True, list("12345")),
        "transform_null_equals": (False, []),
    }
    assert list(StoredInvariant("files", lambda: iter(["a", "b"])).violations()) == ["a", "b"]


@pytest.mark.django_db
def test_an_entry_dated_in_the_future_breaks_the_invariant() -> None:
    (rule,) = invariants_in("journal")
    assert rule.name == "a_journal_entry_is_of_the_past"
    record(actor=None, action="TESTED", subject=None)
    assert list(rule.violations()) == []
    future = Entry.objects.create(action="LATER", at=dt.datetime(2999, 1, 1, tzinfo=dt.UTC))
    assert list(rule.violations()) == [str(future.pk)]


# -- The chain, read in batches of a few rows -------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_chain_is_verified_completely_in_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in range(5):
        record(actor=None, action="TESTED", subject=None, detail=str(each))
    whole = verify_chains()
    monkeypatch.setattr(chain, "_BATCH_SIZE", 2)
    last = Link.objects.order_by("-position")[0]
    assert (
        verify_chains() == whole == Audit(Entry.objects.count(), 0, {1: (last.position, last.digest)}, None)
    )
    assert verify_chains(since=whole.heads).differs is None
    assert verify_chains(since={1: (last.position + 1, "")}).differs == chain.Difference(
        "journal_link", f"1.{last.position + 1}", "CUT_OFF"
    )
