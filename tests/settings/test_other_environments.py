"""Settings in environments with optional or missing variables, and in a clone without any."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from intake.settings import services
from intake.settings.pool import check_connection
from intake.settings.services import Maintenance
from tests.settings.environment import (
    JOURNAL_KEY,
    NEEDED,
    REGISTER_KEY,
    REST,
    SECOND_FACTOR_KEY,
    SIGNING_KEY,
    run,
)

_TELL = """
import importlib, json, os, sys
kept, told = dict(os.environ), []
for module, names, variables in json.loads(sys.argv[1]):
    for name in [name for name in sys.modules if name.startswith("intake.settings.")]:
        del sys.modules[name]
    os.environ.clear()
    os.environ.update(kept | variables)
    found = importlib.import_module(f"intake.settings.{module}")
    told.append({name: getattr(found, name) for name in names.split()})
print(json.dumps(told, default=lambda value: value.__qualname__ if callable(value) else str(value)))
"""
SMTP = {"username": "", "password": "", "use_tls": False, "use_ssl": False, "timeout": 6}
LOCAL_CACHE = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}


GIVEN = {
    "ALLOWED_HOSTS": " .exemple.ca , stages.exemple.ca",
    "APPLICATION_ROLE": "autre_role",
    "CLAMD_URL": "tcp://antivirus.exemple.ca:3311",
    "COMPLEMENT_DAYS": "3",
    "DATA_DIR": "/srv/donnees",
    "ENGLISH_OFFERED": "false",
    "MAIL_RETURN_ADDRESS": "retours@exemple.ca",
    "MAINTENANCE": "2027-03-01T08:00-05:00",
    "OIDC_ISSUER": "https://identite.exemple.ca",
    "OIDC_CLIENT_ID": "portail",
    "OIDC_CLIENT_SECRET": "un secret",
    "OIDC_FACTOR_VALUES": "mfa, niveau-2",
    "REVIEW_CLAIM_MINUTES": "2",
    "SIGNING_CERTIFICATE_NAME": "Un autre portail",
    "SITE_URL": "https://ailleurs.exemple.ca",
    "STATIC_ROOT": "/srv/statiques",
    "TRUSTED_PROXY_COUNT": "2",
    "UPLOADS_INSPECTED_AT_ONCE": "3",
    "UPLOADS_PER_DAY": "4",
    "UPLOAD_MIB_NOT_FILED": "50",
    "UPLOAD_MIB_PER_DAY": "60",
}
BOUNDS = {"ALLOWED_HOSTS": ".exemple.ca", "COMPLEMENT_DAYS": "1", "REVIEW_CLAIM_MINUTES": "0"}
BOUNDS |= {name: "0" for name in GIVEN if name.startswith("UPLOAD")}
_SERVERS = {name: value for name, value in (NEEDED | REST).items() if name != "DJANGO_SETTINGS_MODULE"}
_OF_A_CLONE = (
    "SECRET_KEY ALLOWED_HOSTS JOURNAL_KEYS REGISTER_KEYS SECOND_FACTOR_KEYS SIGNING_KEYS DATABASES"
    " CELERY_BROKER_URL CACHES MAILERS STORAGES SITE_URL DATA_DIR WHITENOISE_USE_FINDERS WHITENOISE_AUTOREFRESH"
    " ONE_TIME_LINKS SYNTHETIC_PEOPLE"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clone")


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, dict[str, Any]]:
    """The settings that one process reads from each environment in turn."""
    asked = {
        "given": (
            "production",
            (
                "ALLOWED_HOSTS APPLICATION_ROLE COMPLEMENT_DAYS DATA_DIR ENGLISH_OFFERED"
                " MAIL_RETURN_ADDRESS MAINTENANCE REVIEW_CLAIM_MINUTES SIGNING_CERTIFICATE_NAME SITE_URL STATIC_ROOT"
                " ALLAUTH_TRUSTED_PROXY_COUNT MAILERS OIDC UNENCRYPTED_SERVERS VIRUS_SCANNER"
                " UPLOADS_INSPECTED_AT_ONCE UPLOADS_PER_DAY UPLOAD_MIB_NOT_FILED UPLOAD_MIB_PER_DAY"
            ),
            NEEDED | REST | GIVEN,
        ),
        "missing": (
            "production",
            (
                "MISSING_FOR_SERVING MISSING_FOR_WEB MISSING_FOR_FILING MISSING_FOR_SIGNING"
                " SITE_URL COMPLEMENT_DAYS REVIEW_CLAIM_MINUTES DEFAULT_FROM_EMAIL SERVER_EMAIL"
                " UPLOADS_INSPECTED_AT_ONCE UPLOADS_PER_DAY UPLOAD_MIB_NOT_FILED UPLOAD_MIB_PER_DAY"
                " PORTAL_CONTACT_EMAIL PRIVACY_OFFICER_NAME PRIVACY_OFFICER_EMAIL"
                " CELERY_BROKER_URL CACHES MAILERS STORAGES JOURNAL_KEYS REGISTER_KEYS SECOND_FACTOR_KEYS SIGNING_KEYS"
            ),
            NEEDED | BOUNDS,
        ),
        "clone": ("embedded", _OF_A_CLONE, {"DATA_DIR": str(folder)}),
        "again": ("embedded", _OF_A_CLONE, {"DATA_DIR": str(folder)}),
        "clone with servers": (
            "embedded",
            _OF_A_CLONE,
            _SERVERS | {"DATA_DIR": "/nonexistent", "MAIL_RETURN_ADDRESS": "retours@exemple.ca"},
        ),
    }
    answer = run("-W", "ignore", "-c", _TELL, json.dumps(list(asked.values())))
    assert answer.returncode == 0, answer.stderr
    return dict(zip(asked, json.loads(answer.stdout), strict=True))


def test_each_optional_variable_sets_its_setting(told: dict[str, dict[str, Any]]) -> None:
    found = told["given"]
    mailers = found.pop("MAILERS")
    provider = found.pop("OIDC")
    assert "issuer='https://identite.exemple.ca', client_id='portail', factors=frozenset({" in provider
    assert {"'mfa'", "'niveau-2'"} <= set(re.findall(r"'[\w-]+'", provider))
    assert "secret" not in provider, "an error page would show it"
    assert found == {
        "ALLOWED_HOSTS": [".exemple.ca", "stages.exemple.ca"],
        "APPLICATION_ROLE": "autre_role",
        "COMPLEMENT_DAYS": 3,
        "DATA_DIR": "/srv/donnees",
        "ENGLISH_OFFERED": False,
        "MAIL_RETURN_ADDRESS": "retours@exemple.ca",
        "MAINTENANCE": str(Maintenance(until=datetime.fromisoformat("2027-03-01T08:00-05:00"))),
        "REVIEW_CLAIM_MINUTES": 2,
        "SIGNING_CERTIFICATE_NAME": "Un autre portail",
        "SITE_URL": "https://ailleurs.exemple.ca",
        "STATIC_ROOT": "/srv/statiques",
        "ALLAUTH_TRUSTED_PROXY_COUNT": 2,
        "UPLOADS_INSPECTED_AT_ONCE": 3,
        "UPLOADS_PER_DAY": 4,
        "UPLOAD_MIB_NOT_FILED": 50,
        "UPLOAD_MIB_PER_DAY": 60,
        "UNENCRYPTED_SERVERS": ["CLAMD_URL"],
        "VIRUS_SCANNER": str(services.VirusScanner(host="antivirus.exemple.ca", port=3311)),
    }
    # Codes need no delivery report.
    assert {name: mailer["BACKEND"] for name, mailer in mailers.items()} == {
        "default": "intake.outbox.smtp.ReportedEmailBackend",
        "codes": "intake.outbox.smtp.ReusingEmailBackend",
    }


def test_missing_variables_are_listed_and_numbers_stay_within_limits(told: dict[str, dict[str, Any]]) -> None:
    smtp = {
        "BACKEND": "intake.outbox.smtp.ReusingEmailBackend",
        "OPTIONS": SMTP | {"host": "localhost", "port": 25},
    }
    assert told["missing"] == {
        "MISSING_FOR_SERVING": [
            "CELERY_BROKER_URL",
            "CACHE_URL",
            "EMAIL_URL",
            "STORAGE_URL",
            "JOURNAL_KEYS",
            "DEFAULT_FROM_EMAIL",
            "PORTAL_CONTACT_EMAIL",
            "PRIVACY_OFFICER_NAME",
            "PRIVACY_OFFICER_EMAIL",
            "TRUSTED_PROXY_COUNT",
        ],
        "MISSING_FOR_WEB": ["REGISTER_KEYS", "SECOND_FACTOR_KEYS", "SIGNING_KEYS"],
        "MISSING_FOR_FILING": ["REGISTER_KEYS"],
        "MISSING_FOR_SIGNING": ["SIGNING_KEYS"],
        "SITE_URL": "https://exemple.ca",
        "COMPLEMENT_DAYS": 2,
        "REVIEW_CLAIM_MINUTES": 1,
        "UPLOADS_INSPECTED_AT_ONCE": 1,
        "UPLOADS_PER_DAY": 1,
        "UPLOAD_MIB_NOT_FILED": 32,
        "UPLOAD_MIB_PER_DAY": 32,
        "DEFAULT_FROM_EMAIL": "Stages OIG <ne-pas-repondre@portail.invalid>",
        "SERVER_EMAIL": "Stages OIG <ne-pas-repondre@portail.invalid>",
        "PORTAL_CONTACT_EMAIL": "stages@portail.invalid",
        "PRIVACY_OFFICER_NAME": "",
        "PRIVACY_OFFICER_EMAIL": "stages@portail.invalid",
        "CELERY_BROKER_URL": "memory://",
        "CACHES": {"default": LOCAL_CACHE, "sessions": LOCAL_CACHE},
        "MAILERS": {"default": smtp, "codes": smtp},
        "STORAGES": {
            "default": services.storage("file:///var/lib/intake/media"),
            "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
        },
        "JOURNAL_KEYS": {},
        "REGISTER_KEYS": {},
        "SIGNING_KEYS": {},
        "SECOND_FACTOR_KEYS": {},
    }


_ALWAYS = {
    "WHITENOISE_USE_FINDERS": True,
    "WHITENOISE_AUTOREFRESH": True,
    "ONE_TIME_LINKS": True,
    "SYNTHETIC_PEOPLE": True,
}
_CODES = {"BACKEND": "intake.accounts.mailers.ConsoleCodeBackend"}
_SOURCES = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


def _database(url: str) -> dict[str, Any]:
    """Return the settings of the database at `url`, with the name of what checks a connection."""
    found = services.database(url)
    found["OPTIONS"]["pool"] = services.POOL | {"check": check_connection.__qualname__}
    return found


def test_a_clone_keeps_its_secrets_in_its_folder(told: dict[str, dict[str, Any]], folder: Path) -> None:
    secret, signing = ((folder / name).read_text() for name in ("secret_key", "signing_key"))
    assert secret != signing
    assert told["again"] == told["clone"]
    assert told["clone"] == _ALWAYS | {
        "DATA_DIR": str(folder),
        "SECRET_KEY": secret,
        "ALLOWED_HOSTS": ["127.0.0.1", "localhost"],
        "JOURNAL_KEYS": {"embedded": services.derived_secret(secret, "journal")},
        "REGISTER_KEYS": {"embedded": services.derived_secret(secret, "register")},
        "SECOND_FACTOR_KEYS": {"embedded": services.derived_secret(secret, "second factor")},
        "SIGNING_KEYS": {"embedded": services.derived_secret(signing, "signing")},
        "DATABASES": {"default": _database("postgres://intake_app@127.0.0.1/intake")},
        "CELERY_BROKER_URL": "memory://",
        "CACHES": {"default": LOCAL_CACHE, "sessions": LOCAL_CACHE},
        "MAILERS": {
            "default": {
                "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
                "OPTIONS": {"file_path": str(folder / "mail")},
            },
            "codes": _CODES,
        },
        "STORAGES": {"default": services.storage((folder / "media").as_uri()), "staticfiles": _SOURCES},
        "SITE_URL": "http://127.0.0.1:8000",
    }


def test_a_clone_with_given_addresses_stores_no_secret(
    told: dict[str, dict[str, Any]],
) -> None:
    assert told["clone with servers"] == _ALWAYS | {
        "DATA_DIR": "/nonexistent",
        "SECRET_KEY": NEEDED["SECRET_KEY"],
        "ALLOWED_HOSTS": ["stages.exemple.invalid"],
        "JOURNAL_KEYS": {"2031": JOURNAL_KEY},
        "REGISTER_KEYS": {"2031": REGISTER_KEY},
        "SECOND_FACTOR_KEYS": {"2031": SECOND_FACTOR_KEY},
        "SIGNING_KEYS": {"2031": SIGNING_KEY},
        "DATABASES": {"default": _database(NEEDED["DATABASE_URL"])},
        "CELERY_BROKER_URL": REST["CELERY_BROKER_URL"],
        "CACHES": services.caches(REST["CACHE_URL"]),
        "MAILERS": {"default": services.mailer(REST["EMAIL_URL"], reported=True), "codes": _CODES},
        "STORAGES": {"default": services.storage(REST["STORAGE_URL"]), "staticfiles": _SOURCES},
        "SITE_URL": "http://127.0.0.1:8000",
    }
