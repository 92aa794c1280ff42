"""Declarations of an admin class and its columns, as plain values that a test can compare with a table."""

import inspect
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.utils.functional import Promise


def admin_declarations(model: type[Model]) -> dict[str, Any]:
    """Return the declarations of the admin class of `model` and of its mixins: classes and functions as their names."""
    classes = type(admin.site.get_model_admin(model)).__mro__
    return {
        name: _plain(value)
        for declaring in reversed(classes[: classes.index(admin.ModelAdmin)])
        for name, value in vars(declaring).items()
        if not name.startswith("_")
        and not inspect.isfunction(value)
        and not isinstance(value, (property, Promise))
    }


def admin_columns(model: type[Model]) -> dict[str, str]:
    """Return the headers, in French, of the columns that are methods of the admin class of `model`."""
    shown = type(admin.site.get_model_admin(model))
    return {
        name: str(vars(value)["short_description"])
        for name, value in vars(shown).items()
        if inspect.isfunction(value) and "short_description" in vars(value)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(_plain(each) for each in value)
    return value.__name__ if isinstance(value, type) or inspect.isfunction(value) else value
