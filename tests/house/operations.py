"""The operations of an application: the functions that its views, commands and jobs call to write."""

import inspect
import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import Any

WRITING = frozenset(
    {
        *("operations", "reminders"),
        *("orders", "reserve_list", "saved_views"),
    }
)
"""Last part of the names of the modules that hold operations."""
READING = frozenset({"access", "views"})
"""Packages whose modules of these names only read."""


def operations_of(application: str) -> dict[str, Callable[..., Any]]:
    """Return, by name, each public function without positional parameters in the modules of `WRITING`."""
    package = import_module(application)
    return {
        name: function
        for module in pkgutil.walk_packages(package.__path__, f"{application}.")
        if module.name.rpartition(".")[2] in WRITING and not READING & set(module.name.split("."))
        for name, function in vars(import_module(module.name)).items()
        if inspect.isfunction(function)
        and inspect.unwrap(function).__module__ == module.name
        and not name.startswith("_")
        and all(one.kind is one.KEYWORD_ONLY for one in inspect.signature(function).parameters.values())
    }
