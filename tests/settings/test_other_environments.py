"""Settings in environments with optional or missing variables, and in a clone without any."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from intake.settings import services
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
GIVEN = {
    "ALLOWED_HOSTS": " .exemple.ca , stages.exemple.ca",
    "APPLICATION_ROLE": "autre_role",
    "CLAMD_URL": "tcp://antivirus.exemple.ca:3311",
    "COMPLEMENT_DAYS": "3",
    "DATA_DIR": "/srv/donnees",
    "ENGLISH_OFFERED": "false",
    "HSTS_PRELOAD": "off",
    "EMAIL_FALLBACK_URL": "smtp://courriel.exemple.ca",
    "MAIL_RETURN_ADDRESS": "retours@exemple.ca",
    "MAINTENANCE": "2027-03-01T08:00-05:00",
    "OIDC_ISSUER": "https://identite.exemple.ca",
    "OIDC_CLIENT_ID": "portail",
    "OIDC_CLIENT_SECRET": "un secret",
    "OIDC_FACTOR_VALUES": "mfa, niveau-2",
    "REHEARSAL": "on",
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
_SERVERS = {name: value for name, value in (NEEDED | REST).items() if name != "DJANGO_SETTINGS_MODULE"}
_KEYS = ("JOURNAL_KEYS", "REGISTER_KEYS", "SECOND_FACTOR_KEYS", "SIGNING_KEYS")
_OF_A_CLONE = " ".join(
    (*_KEYS, "SECRET_KEY ALLOWED_HOSTS DATABASES CELERY_BROKER_URL CACHES MAILERS STORAGES DATA_DIR")
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
                " SECURE_HSTS_PRELOAD SYNTHETIC_PEOPLE"
            ),
            NEEDED | REST | GIVEN,
        ),
        "missing": (
            "production",
            "MISSING_FOR_SERVING MISSING_FOR_WEB MISSING_FOR_FILING MISSING_FOR_SIGNING SITE_URL",
            NEEDED | {"ALLOWED_HOSTS": ".exemple.ca"},
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
        "SECURE_HSTS_PRELOAD": False,
        "SYNTHETIC_PEOPLE": True,
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
        "UNENCRYPTED_SERVERS": ["EMAIL_FALLBACK_URL", "CLAMD_URL"],
        "VIRUS_SCANNER": str(services.VirusScanner(host="antivirus.exemple.ca", port=3311)),
    }
    # Codes need no delivery report.
    assert {name: mailer["BACKEND"] for name, mailer in mailers.items()} == {
        "default": "intake.outbox.smtp.ReportedEmailBackend",
        "codes": "intake.outbox.smtp.ReusingEmailBackend",
    }
    second = {mailer["OPTIONS"]["fallback"]["host"] for mailer in mailers.values()}
    assert second == {"courriel.exemple.ca"}


def test_missing_variables_are_listed(told: dict[str, dict[str, Any]]) -> None:
    missing = {name: value for name, value in told["missing"].items() if name.startswith("MISSING")}
    keys = ["REGISTER_KEYS", "SECOND_FACTOR_KEYS", "SIGNING_KEYS"]
    assert sorted(missing.pop("MISSING_FOR_SERVING")) == sorted(REST.keys() - keys)
    assert missing == {
        "MISSING_FOR_WEB": keys,
        "MISSING_FOR_FILING": ["REGISTER_KEYS"],
        "MISSING_FOR_SIGNING": ["SIGNING_KEYS"],
    }
    assert told["missing"]["SITE_URL"] == "https://exemple.ca"


def test_a_clone_keeps_its_secrets_in_its_folder(told: dict[str, dict[str, Any]], folder: Path) -> None:
    clone = told["clone"]
    secret, signing = ((folder / name).read_text() for name in ("secret_key", "signing_key"))
    assert secret != signing
    assert told["again"] == clone
    assert clone["SECRET_KEY"] == secret
    assert [clone[name]["embedded"] for name in _KEYS] == [
        services.derived_secret(secret, "journal"),
        services.derived_secret(secret, "register"),
        services.derived_secret(secret, "second factor"),
        services.derived_secret(signing, "signing"),
    ]
    assert clone["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost"]
    assert clone["MAILERS"]["default"]["OPTIONS"] == {"file_path": str(folder / "mail")}
    assert clone["STORAGES"]["default"] == services.storage((folder / "media").as_uri())


def test_a_clone_with_given_addresses_stores_no_secret(told: dict[str, dict[str, Any]]) -> None:
    clone = told["clone with servers"]
    assert not Path(clone["DATA_DIR"]).exists()
    assert [clone[name] for name in _KEYS] == [
        {"2031": secret} for secret in (JOURNAL_KEY, REGISTER_KEY, SECOND_FACTOR_KEY, SIGNING_KEY)
    ]
    assert clone["ALLOWED_HOSTS"] == ["stages.exemple.invalid"]
    assert clone["DATABASES"]["default"] | {"PORT": 1, "USER": "intake_app"} == clone["DATABASES"]["default"]
    assert clone["CELERY_BROKER_URL"] == REST["CELERY_BROKER_URL"]
    assert clone["CACHES"] == services.caches(REST["CACHE_URL"])
    assert clone["MAILERS"]["default"] == services.mailer(REST["EMAIL_URL"], reported=True)
    assert clone["STORAGES"]["default"] == services.storage(REST["STORAGE_URL"])
