"""The settings of production that keep an attack out or lose nothing, in a process with a complete environment."""

import json
from typing import Any

import pytest

from tests.settings.environment import NEEDED, REST, run

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
print(json.dumps({
    "portal": {name: getattr(settings, name) for name in dir(settings) if name.isupper() and name[0] != "_"},
    "allauth": {
        name: attrgetter(name.removeprefix("account."))(account if name.startswith("account.") else allauth)
        for name in asked
    },
}, default=str))
"""
PORTAL: dict[str, Any] = {
    "DEBUG": False,
    "ONE_TIME_LINKS": False,  # sign-in links are for demonstrations
    "SYNTHETIC_PEOPLE": False,  # the people here are real
    "PORTAL_ENVIRONMENT": "",
    "CONFINEMENT_REQUIRED": True,
    "WEAK_FOR_SERVING": [],
    "MISSING_FOR_SERVING": [],
    "MISSING_FOR_WEB": [],
    # -- HTTPS only ----
    "SECURE_SSL_REDIRECT": True,
    "SECURE_REDIRECT_EXEMPT": ["^(healthz|readyz)$"],  # requested by machines, behind the proxy
    "SECURE_HSTS_SECONDS": 31_536_000,  # one year, the minimum for browsers' preload lists
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_HSTS_PRELOAD": True,
    "SECURE_PROXY_SSL_HEADER": None,  # gunicorn decides which proxy may state HTTPS: FORWARDED_ALLOW_IPS
    "USE_X_FORWARDED_HOST": False,  # the proxy keeps Host
    "SECURE_REFERRER_POLICY": "same-origin",
    "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
    "X_FRAME_OPTIONS": "DENY",
    "CSRF_TRUSTED_ORIGINS": [],  # no other site posts here
    # -- Cookies, Secure as a browser gets them: test_cookies.py ----
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_AGE": 28_800,  # 8 hours
    "SESSION_IDLE_SECONDS": 7200,
    "SESSION_SERIALIZER": "django.contrib.sessions.serializers.JSONSerializer",  # pickle could execute code
    "CSRF_COOKIE_SECURE": True,
    "CSRF_COOKIE_HTTPONLY": True,
    # -- People ----
    "AUTHENTICATION_BACKENDS": ["intake.accounts.backends.NoPasswordBackend"],
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.ScryptPasswordHasher"],  # of recovery codes
    "MFA_WEBAUTHN_USER_VERIFICATION": "required",  # without it, a passkey would be one factor
    "ADMINS": [],  # errors go to the log; mails would contain personal data
    # -- Limits of a request ----
    "DATA_UPLOAD_MAX_MEMORY_SIZE": 2_097_152,
    "DATA_UPLOAD_MAX_NUMBER_FIELDS": 500,
    "FILE_UPLOAD_MAX_MEMORY_SIZE": 1_048_576,
    # -- What waits for a server loses nothing ----
    "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
    "CELERY_BROKER_CONNECTION_MAX_RETRIES": None,
    "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
    "TIME_ZONE": "America/Toronto",
    "USE_TZ": True,
}
ALLAUTH: dict[str, Any] = {
    "account.PREVENT_ENUMERATION": True,  # does not reveal who has an account
    "account.UNIQUE_EMAIL": True,
    "account.LOGIN_METHODS": "frozenset({<LoginMethod.EMAIL: 'email'>})",
    "TRUSTED_PROXY_COUNT": 1,  # TLS ends at one proxy; with 0 all users would share its rate limits
    "SOCIALACCOUNT_ENABLED": False,
    "HEADLESS_ENABLED": False,
}
"""allauth's resulting settings, whether the portal sets them or not."""


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, Any]]:
    answer = run("-W", "ignore", "-c", _TELL, json.dumps(list(ALLAUTH)), **NEEDED, **REST)
    assert answer.returncode == 0, answer.stderr
    values: dict[str, dict[str, Any]] = json.loads(answer.stdout)
    return values


@pytest.mark.parametrize("name", PORTAL)
def test_each_setting_of_the_portal_has_its_expected_value(
    told: dict[str, dict[str, Any]], name: str
) -> None:
    assert told["portal"][name] == PORTAL[name]


@pytest.mark.parametrize("name", ALLAUTH)
def test_each_setting_of_allauth_has_its_expected_value(told: dict[str, dict[str, Any]], name: str) -> None:
    assert told["allauth"][name] == ALLAUTH[name]


def test_logs_go_to_the_standard_streams_alone(told: dict[str, dict[str, Any]]) -> None:
    logging = told["portal"]["LOGGING"]
    assert {handler["class"] for handler in logging["handlers"].values()} == {
        "logging.StreamHandler",
        "logging.NullHandler",
    }
    assert logging["loggers"]["intake.security"]["handlers"] == ["security"]


def test_a_complete_installation_keeps_no_placeholder_host(told: dict[str, dict[str, Any]]) -> None:
    """ALLOWED_HOSTS is the environment's; any other `.invalid` would be a default that is never reachable."""
    given = json.dumps(told["portal"]).replace(NEEDED["ALLOWED_HOSTS"], "")
    assert ".invalid" not in given
