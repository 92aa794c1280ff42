"""Limit of the rows of a page, so that two sizes are compared with the same number; imported after Django is set up."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest

from intake.review.shortlist_page import views

HEADERS = 1
"""Rows of a list's table that are headers."""


def rows_in(page: bytes) -> int:
    """Count the rows of the tables of a page, headers included."""
    return page.count(b"<tr")


@contextmanager
def at_most(rows: int) -> Iterator[None]:
    """Limit lists to the first `rows` rows of their page, headers excluded.

    Filters, searches, order, counts and choices still apply to the complete list.
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
