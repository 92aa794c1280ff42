"""Paging of lists of any size."""

import pytest
from django.core.paginator import EmptyPage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from intake.accounts.models import User
from intake.web import paging
from intake.web.paging import BoundedPaginator, CountedPaginator, bounded_count
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people() -> list[User]:
    return [make_user(f"p{number}@exemple.invalid") for number in range(7)]


@pytest.mark.parametrize("paginator", [CountedPaginator, BoundedPaginator])
def test_a_short_list_is_counted_and_paged_completely(
    paginator: type[CountedPaginator],
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages = paginator(User.objects.order_by("email"), 3)
    with django_assert_num_queries(2):
        assert [user.email[:2] for user in pages.page(3)] == ["p6"]
    assert (pages.count, pages.num_pages, pages.is_bounded) == (7, 3, False)
    assert paging.MAX_LISTED == 5_000
    monkeypatch.setattr(paging, "MAX_LISTED", 7)
    pages = paginator(User.objects.order_by("email"), 3)
    assert (pages.count, pages.is_bounded) == (7, False)


def test_a_page_reads_keys_first_and_only_its_own_rows() -> None:
    with CaptureQueriesContext(connection) as queries:
        [*BoundedPaginator(User.objects.order_by("-email"), 3).page(2)]
    _count, page = (query["sql"] for query in queries)
    assert page.count("LIMIT 3 OFFSET 3") == 1
    assert page.endswith('ORDER BY "accounts_user"."email" DESC')
    with CaptureQueriesContext(connection) as queries:
        assert bounded_count(User.objects.order_by("email"), 3) == 4
    [query] = queries
    assert "ORDER BY" not in query["sql"]
    assert "LIMIT 4" in query["sql"]


@pytest.mark.parametrize("paginator", [CountedPaginator, BoundedPaginator])
def test_a_long_list_stops_at_the_maximum_length(
    paginator: type[CountedPaginator], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MAX_LISTED", 5)
    pages = paginator(User.objects.order_by("email"), 3)
    assert (pages.count, pages.num_pages, pages.is_bounded) == (5, 2, True)
    assert [user.email[:2] for user in pages.page("1")] == ["p0", "p1", "p2"]
    last = pages.page(2)
    assert (last.number, last.has_previous(), last.has_next(), last.paginator) == (2, True, False, pages)
    assert [user.email[:2] for user in pages.page(2)] == ["p3", "p4"]
    with pytest.raises(EmptyPage):
        pages.page(3)
