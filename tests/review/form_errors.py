"""Errors of a form, and the data that a browser sends, for tests of forms."""

from typing import Any

from django import forms
from django.http import QueryDict


def error_codes(form: forms.BaseForm) -> dict[str, list[str]]:
    """Return the code of each error by field, or its message if it has no code."""
    return {
        name: [str(error.code or "".join(error.messages).replace("\u00a0", " ")) for error in errors]
        for name, errors in form.errors.as_data().items()
    }


def post(**sent: Any) -> QueryDict:
    """Return form data as a browser sends it."""
    data = QueryDict(mutable=True)
    for name, value in sent.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data
