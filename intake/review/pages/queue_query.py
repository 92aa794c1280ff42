"""Canonical query string of the queue's filter: the only form that is stored, linked and compared."""

from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.http import QueryDict
from django.urls import reverse

from intake.submissions.models import Submission

_VALUE_MAX = 200
"""Maximum number of characters of one value, including the search text."""


def canonical(query: str) -> str:
    """Return the part of a query string that filters the queue: known parameters, once each, in a fixed order.

    Page number, counts and unknown parameters are left out, and so is a value that no filter accepts: over `_VALUE_MAX`
    characters, or not printable. Empty if nothing is left. It filters the reader's own queue.
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
    """Return the queue's URL, filtered by a canonical query."""
    address = reverse("admin:submissions_submission_changelist")
    return f"{address}?{query}" if query else address


UNMARKED = "sans-ma-note"
"""Filter value: files that the reader may mark and has not, assigned to them or not. The ranking links to it."""
