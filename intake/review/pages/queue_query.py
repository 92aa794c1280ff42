"""The queue's filter as an address writes it: the one form in which it is kept, given back and compared."""

from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.http import QueryDict
from django.urls import reverse

from intake.submissions.models import Submission

_VALUE_MAX = 200
"""Characters of one value; what somebody types in the search box included."""


def canonical(query: str) -> str:
    """Return the part of a query string that narrows the queue: known parameters alone, once each, in one order.

    The page, the counts and anything foreign are left out, and so is a value that no filter could hold: too long, or
    with a character that no keyboard writes. Empty if nothing is left. What it narrows is the reader's own queue.
    """
    given = QueryDict(query[:4_000])
    kept = {name: given.get(name, "").strip() for name in _parameters()}
    return urlencode(
        {name: value for name, value in kept.items() if 0 < len(value) <= _VALUE_MAX and value.isprintable()}
    )


def _parameters() -> list[str]:
    filters = admin.site.get_model_admin(Submission).list_filter
    named = (getattr(each, "parameter_name", None) for each in filters)
    return [*(name for name in named if isinstance(name, str)), SEARCH_VAR]


def queue_url(query: str) -> str:
    """Return the queue's address, narrowed by a canonical query."""
    address = reverse("admin:submissions_submission_changelist")
    return f"{address}?{query}" if query else address


UNMARKED = "sans-ma-note"
"""Whoever was given them: what keeps the others' marks from the reader."""
