"""docker-compose.yml: variables, images and services."""

import re
from pathlib import Path

import yaml
from django.conf import settings

from intake.devtools.embedded.postgres import CONFIGURATION
from tests.settings.environment import NEEDED, REST

ROOT = Path(__file__).resolve().parents[3]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]


def test_every_service_can_be_scaled_but_the_proxy() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert [name for name, service in SERVICES.items() if "container_name" in service] == []


def test_no_secret_is_written_in_the_file() -> None:
    assert "SITE_URL" in SERVICES["web"]["environment"]
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            assert "PASSWORD" not in variable, name
            assert "SECRET" not in variable, name
            assert "redis://" not in value, name
            assert "postgres://" not in value, name


def test_every_variable_that_serving_needs_is_given() -> None:
    given = set(SERVICES["web"]["environment"])
    given |= set(re.findall(r"^([A-Z_]+)=", (ROOT / "scripts" / "secrets").read_text(), re.MULTILINE))
    assert sorted((NEEDED.keys() | REST.keys()) - given) == ["DJANGO_SETTINGS_MODULE"]  # set by the image


def test_mail_is_sent_from_the_domain_of_the_site() -> None:
    for variable in ("DEFAULT_FROM_EMAIL", "PORTAL_CONTACT_EMAIL"):
        given = SERVICES["web"]["environment"][variable]
        assert "@${SITE_ADDRESS" in given
        assert ".invalid" not in given


def test_only_migrations_get_the_address_of_the_owner() -> None:
    knowing = [
        name
        for name, service in SERVICES.items()
        if any("migrate.env" in file["path"] for file in service.get("env_file", []))
    ]
    assert knowing == ["migrate"]


def test_every_long_running_service_has_a_health_check() -> None:
    assert [name for name, service in SERVICES.items() if "healthcheck" not in service] == [
        "proxy",
        "migrate",
    ]


def test_each_queue_has_its_own_workers() -> None:
    commands = [service.get("command", []) for service in SERVICES.values()]
    queues = [command[command.index("--queues") + 1] for command in commands if "--queues" in command]
    assert sorted(queues) == ["documents", "exports", "mail", "receipts"]


def test_the_roles_script_creates_the_role_of_the_settings() -> None:
    script = (ROOT / "intake" / "devtools" / "embedded" / "roles.sql").read_text()
    assert f"CREATE ROLE {settings.APPLICATION_ROLE}" in script


def test_both_databases_record_the_timestamps_of_commits() -> None:
    assert "track_commit_timestamp=on" in SERVICES["postgres"]["command"]
    assert CONFIGURATION["track_commit_timestamp"] == "on"
