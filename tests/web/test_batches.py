"""Rows read by their keys, a few at a time."""

import pytest
from django.contrib.auth.models import Group
from pytest_django import DjangoAssertNumQueries

from intake.web.batches import read_in_batches
from tests.database_roles import as_owner

pytestmark = pytest.mark.django_db
ROWS = Group.objects.filter(name__startswith="rows ")


@pytest.fixture(autouse=True)
def rows() -> None:
    with as_owner():
        Group.objects.bulk_create(Group(name=f"rows {number}") for number in range(5))


def test_rows_come_in_their_order_a_few_at_a_time(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(4):  # the keys, then two rows, two rows, one row
        read = [row.name for row in read_in_batches(ROWS.order_by("-name"), size=2)]
    assert read == ["rows 4", "rows 3", "rows 2", "rows 1", "rows 0"]


def test_a_row_that_leaves_before_its_turn_is_left_out() -> None:
    rows = read_in_batches(ROWS.order_by("name"), size=2)
    assert next(rows).name == "rows 0"
    with as_owner():
        ROWS.filter(name="rows 3").update(name="elsewhere")
        ROWS.filter(name="rows 4").delete()
    assert [row.name for row in rows] == ["rows 1", "rows 2"]
