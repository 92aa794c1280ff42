"""Every setting of production has the value in `expected.py`, in a process with a complete environment."""

import json
from typing import Any

import pytest
from django.conf import global_settings

from tests.settings.environment import NEEDED, REST, ROOT, run
from tests.settings.expected import ALLAUTHS, CLONE, DJANGOS, FAMILIES, OURS

_TELL = """
import json, sys
from operator import attrgetter
import django
django.setup()
from allauth import app_settings as allauth
from allauth.account import app_settings as account
from django.conf import settings
from intake.settings import production
asked = json.loads(sys.argv[1])
def plain(value):
    if callable(value):
        return f"{value.__module__}.{value.__qualname__}"
    return sorted(value) if isinstance(value, (set, frozenset)) else str(value)
print(json.dumps({
    "ours": {name: getattr(settings, name) for name in dir(production) if name.isupper() and name[0] != "_"},
    "Django's": {name: getattr(settings, name) for name in asked["Django's"]},
    "allauth's": {
        name: attrgetter(name.removeprefix("account."))(account if name.startswith("account.") else allauth)
        for name in asked["allauth's"]
    },
}, default=plain))
"""
NOT_SETTINGS = {"CSP"}
"""Django's class of policies, imported by the settings."""


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, Any]]:
    asked = json.dumps({"Django's": list(DJANGOS), "allauth's": list(ALLAUTHS)})
    answer = run("-W", "ignore", "-c", _TELL, asked, **NEEDED, **REST)
    assert answer.returncode == 0, answer.stderr
    values: dict[str, dict[str, Any]] = json.loads(answer.stdout.replace(str(ROOT), CLONE))
    return values


def test_each_setting_of_our_modules_has_an_expected_value(told: dict[str, dict[str, Any]]) -> None:
    assert sorted(told["ours"].keys() - NOT_SETTINGS) == sorted(OURS)


def test_each_django_setting_of_these_families_has_an_expected_value() -> None:
    names = {name for name in dir(global_settings) if name.startswith(FAMILIES)}
    assert sorted(names - OURS.keys() - DJANGOS.keys()) == []


def test_no_setting_is_listed_as_ours_and_as_djangos() -> None:
    assert sorted(OURS.keys() & DJANGOS.keys()) == []


@pytest.mark.parametrize("name", OURS)
def test_each_setting_of_the_portal_has_its_expected_value(
    told: dict[str, dict[str, Any]], name: str
) -> None:
    assert told["ours"][name] == OURS[name]


@pytest.mark.parametrize("name", DJANGOS)
def test_each_setting_of_django_has_its_expected_value(told: dict[str, dict[str, Any]], name: str) -> None:
    assert told["Django's"][name] == DJANGOS[name]


@pytest.mark.parametrize("name", ALLAUTHS)
def test_each_setting_of_allauth_has_its_expected_value(told: dict[str, dict[str, Any]], name: str) -> None:
    assert told["allauth's"][name] == ALLAUTHS[name]


def test_a_complete_installation_keeps_no_placeholder_host(
    told: dict[str, dict[str, Any]],
) -> None:
    """ALLOWED_HOSTS is the environment's; any other `.invalid` would be a default that is never reachable."""
    given = json.dumps(told["ours"]).replace(NEEDED["ALLOWED_HOSTS"], "")
    assert ".invalid" not in given
