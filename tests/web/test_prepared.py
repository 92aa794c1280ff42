"""Statements that the server plans once for each connection."""

import datetime as dt

import pytest
from django.db import connection

from intake.accounts.models import User
from intake.submissions.models import Arrival
from intake.web.prepared import columns_of, fetch_all, fetch_one, next_joined, next_model
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
PLANS = "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE %s"


def _times_planned_for(text: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(PLANS, [f"{text}%"])
        return [times for (times,) in cursor.fetchall()]


def test_a_statement_is_prepared_once_for_all_its_values() -> None:
    for name in ("Camille", "Élise", "'; --"):
        assert fetch_one("SELECT upper(%s::text)", [name]) == (name.upper(),)
    assert _times_planned_for("SELECT upper($1") == [3]


def test_a_row_becomes_the_model_that_the_orm_reads() -> None:
    user = make_user()
    select = f"SELECT {columns_of(User)} FROM accounts_user WHERE id = %s"  # noqa: S608 -- names of ours
    read = next_model(User, iter(fetch_one(select, [user.pk])))
    stored = User.objects.get(pk=user.pk)
    assert vars(read) | {"_state": None} == vars(stored) | {"_state": None}
    assert (read._state.adding, read._state.db) == (False, "default")
    assert isinstance(read.date_joined, dt.datetime)


def test_a_row_that_an_outer_join_lacks_is_no_model() -> None:
    user = make_user()
    select = f"""SELECT {columns_of(User)} FROM (VALUES (%s::bigint), (0), (-1)) v (id)
    LEFT JOIN accounts_user ON accounts_user.id = v.id ORDER BY v.id"""  # noqa: S608 -- names of ours
    read = [next_joined(User, iter(row)) for row in fetch_all(select, [user.pk])]
    assert read == [None, None, user]


def test_fields_that_are_stored_otherwise_are_converted() -> None:
    values = [field.get_default() for field in Arrival._meta.concrete_fields]
    assert next_model(Arrival, iter(values)).declarations == Arrival().declarations
