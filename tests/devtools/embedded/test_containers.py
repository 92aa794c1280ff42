"""docker-compose.yml: variables, images and services."""

import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from intake.devtools.embedded.postgres import CONFIGURATION
from intake.outbox.policy import NICE, QUEUES
from tests.house.processes import PROCESSES
from tests.settings.environment import NEEDED, REST, run

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


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """By file: what `scripts/secrets` writes, and what the command of the page adds for the web server."""
    clone = tmp_path_factory.mktemp("clone")
    (clone / "deploy").mkdir()
    (clone / "scripts").mkdir()
    script = clone / "scripts" / "secrets"
    script.write_bytes((ROOT / "scripts" / "secrets").read_bytes())
    subprocess.run(["sh", str(script)], check=True, capture_output=True)
    folder = clone / "deploy" / "secrets"
    written = {path.name: dict(_lines(path.read_text())) for path in folder.iterdir()}
    signs = written["portal.env"] | written["signing.env"]
    added = run("manage.py", "signing_keys", "--web", **(NEEDED | signs | {"ALLOWED_HOSTS": "localhost"}))
    assert added.returncode == 0, added.stderr
    written["web.env"] |= dict(_lines(added.stdout))
    return written


def _lines(text: str) -> list[list[str]]:
    return [line.split("=", 1) for line in text.splitlines() if line]


def _given(service: str, secrets: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return the secrets that a service gets."""
    files = [Path(file["path"]).name for file in SERVICES[service].get("env_file", [])]
    return {name: value for file in files for name, value in secrets[file].items()}


def test_every_variable_that_serving_needs_is_given(secrets: dict[str, dict[str, str]]) -> None:
    given = set(SERVICES["web"]["environment"]) | _given("web", secrets).keys()
    assert sorted((NEEDED.keys() | REST.keys()) - given) == ["DJANGO_SETTINGS_MODULE"]  # set by the image


def test_a_process_that_signs_nothing_has_no_key_that_signs(secrets: dict[str, dict[str, str]]) -> None:
    signing = secrets["signing.env"]["SIGNING_KEYS"]
    having = {name for name in PROCESSES if signing in _given(name, secrets).values()}
    assert having == {"receipts", "worker", "sweeper"}
    assert len(_given("web", secrets)["SIGNING_KEYS"].partition(":")[2]) == 66  # a public half


def test_a_process_has_the_keys_of_its_work_alone(secrets: dict[str, dict[str, str]]) -> None:
    having = {
        key: {name for name in PROCESSES if key in _given(name, secrets)}
        for key in ("SECRET_KEY", "REGISTER_KEYS", "SECOND_FACTOR_KEYS", "DATABASE_OWNER_URL")
    }
    assert having == {
        "SECRET_KEY": set(PROCESSES),
        "REGISTER_KEYS": {"web", "filer", "filing-sweeper"},
        "SECOND_FACTOR_KEYS": {"web"},
        "DATABASE_OWNER_URL": {"migrate"},
    }


@pytest.mark.parametrize(
    "service, missing",
    [
        ("web", "WEB"),
        ("filer", "FILING"),
        ("filing-sweeper", "FILING"),
        ("receipts", "SIGNING"),
        ("sweeper", "SIGNING"),
    ],
)
def test_the_settings_of_a_container_are_complete(
    service: str, missing: str, secrets: dict[str, dict[str, str]]
) -> None:
    told = f"from intake.settings import production as p; print(p.MISSING_FOR_{missing}, p.WEAK_FOR_SERVING)"
    environment = NEEDED | {"ALLOWED_HOSTS": "localhost"} | _given(service, secrets)
    assert run("-c", told, **environment).stdout == "() ()\n"


def test_the_database_logs_no_value_of_a_refused_row() -> None:
    for setting, value in (("log_error_verbosity", "terse"), ("log_min_error_statement", "panic")):
        assert f"{setting}={value}" in SERVICES["postgres"]["command"]
        assert CONFIGURATION[setting] == value


def test_the_logs_of_every_container_have_a_limit() -> None:
    for name, service in SERVICES.items():
        assert service["logging"]["options"] == {"max-size": "50m", "max-file": "5"}, name


def test_only_what_speaks_to_the_outside_has_a_network_that_leads_there() -> None:
    networks = COMPOSE["networks"]
    outside = {name for name, network in networks.items() if not (network or {}).get("internal")}
    assert outside == {"internet", "outside"}
    reaching = {name for name, service in SERVICES.items() if outside & set(service.get("networks", []))}
    assert reaching == {"proxy", "web", "mailer", "sweeper", "clamav"}
    with_proxy = {name for name, service in SERVICES.items() if "front" in service.get("networks", [])}
    assert (with_proxy, SERVICES["proxy"]["networks"]) == ({"proxy", "web", "metrics"}, ["front", "internet"])


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
    commands = [
        service.get("command", []) for service in SERVICES.values() if "celery" in service.get("command", [])
    ]
    queues = [command[command.index("--queues") + 1] for command in commands if "--queues" in command]
    assert sorted(queues) == ["documents", "exports", "filings", "mail", "receipts", "uploads"]


def _served(service: str) -> set[str]:
    """Return the queues whose deliveries a service performs."""
    command = SERVICES[service].get("command", [])
    if "--queues" in command:
        return set(command[command.index("--queues") + 1].split(","))
    return set(QUEUES) if {"sweep_outbox", "worker"} & set(command) else set()


def test_received_files_are_inspected_only_by_processes_without_a_key_that_signs() -> None:
    served = {service: _served(service) for service in SERVICES}
    inspecting = {service for service, queues in served.items() if "uploads" in queues}
    assert inspecting == {"inspector", "inspection-sweeper"}
    assert {frozenset(served[service]) for service in inspecting} == {frozenset({"uploads"})}
    sweeps = [
        served[name] for name, service in SERVICES.items() if "sweep_outbox" in service.get("command", [])
    ]
    assert sorted(queue for queues in sweeps for queue in queues) == sorted(QUEUES)


@pytest.mark.parametrize("name", ["inspector", "inspection-sweeper"])
def test_an_inspector_reaches_what_it_needs_only_and_signs_nothing(name: str) -> None:
    inspector = SERVICES[name]
    assert inspector["networks"] == ["inspection"]
    reached = {other for other, service in SERVICES.items() if "inspection" in service.get("networks", [])}
    assert reached == {"inspector", "inspection-sweeper", "postgres", "valkey", "clamav"}
    assert COMPOSE["networks"]["inspection"] == {"internal": True}
    assert [file["path"] for file in inspector["env_file"]] == ["deploy/secrets/portal.env"]
    assert (inspector["cap_drop"], inspector["read_only"]) == (["ALL"], True)
    assert "no-new-privileges:true" in inspector["security_opt"]
    assert {"mem_limit", "pids_limit", "cpu_shares"} <= inspector.keys()


def test_the_roles_script_creates_the_role_of_the_settings() -> None:
    script = (ROOT / "intake" / "devtools" / "embedded" / "roles.sql").read_text()
    assert f"CREATE ROLE {settings.APPLICATION_ROLE}" in script


def test_both_databases_record_the_timestamps_of_commits() -> None:
    assert "track_commit_timestamp=on" in SERVICES["postgres"]["command"]
    assert CONFIGURATION["track_commit_timestamp"] == "on"


def test_a_container_has_the_weight_of_the_niceness_of_its_queues() -> None:
    weighted = {
        name: (queues.split(","), service["cpu_shares"])
        for name, service in SERVICES.items()
        for option, queues in pairwise(service.get("command", []))
        if option == "--queues"
    }
    assert weighted
    for name, (queues, shares) in weighted.items():
        assert shares == round(1024 / 1.25 ** min(NICE[queue] for queue in queues)), name
