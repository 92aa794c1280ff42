"""How many rows a page shows, so that two sizes are compared at as many; imported once Django is set up."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest

from intake.review.shortlist_page import views

HEADERS = 1
"""Rows of a list's table that are no row of the list."""


def rows_in(page: bytes) -> int:
    """Count the rows of the tables of a page, their headers included."""
    return page.count(b"<tr")


@contextmanager
def at_most(rows: int) -> Iterator[None]:
    """Let a list show no more than the first `rows` (headers excluded) of what its page holds.

    All else stays what it is at the list's size: what is narrowed, searched, ordered, counted and offered to choose.
    """
    whole = ChangeList.get_results

    def shortened(shown: ChangeList, request: HttpRequest) -> None:
        whole(shown, request)
        shown.result_list = shown.result_list[:rows]

    with (
        mock.patch.object(ChangeList, "get_results", shortened),
        mock.patch.object(views, "PAGE", min(rows, views.PAGE) or 1),
    ):
        yield
