"""Malformed variables, weak or reused secrets, and names or addresses that serve nobody are refused before serving."""

import secrets
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ImproperlyConfigured

from intake.settings.services import SERVERS, flag, host_names, number, server, site
from intake.settings.strength import is_weak, weaknesses
from tests.settings.environment import NEEDED, REGISTER_KEY, REST, run

if TYPE_CHECKING:
    from collections.abc import Callable

_HOW = "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"


def _of(**given: str) -> tuple[str, ...]:
    return weaknesses(secrets={"SECRET_KEY": secrets.token_hex(32)} | given, hosts=["stages.exemple.ca"])


def test_random_secrets_and_named_hosts_are_accepted() -> None:
    hosts = ["stages.exemple.ca", ".exemple.ca", "10.0.0.5", "[::1]"]
    for _time in range(200):
        given = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "a": secrets.token_hex(32),
            "b": secrets.token_hex(16),
        }
        assert weaknesses(secrets=given, hosts=hosts) == ()


def test_a_short_random_secret_may_have_few_different_digits() -> None:
    assert not is_weak("0a1b2c3d0c1a4d2b0b3c1d4a2a0d3b1c")  # 9 of 16 digits, as one in 10,000 of this length
    assert is_weak("0a1b0c1a0b1c0a0c1b1a0b0c1c0a1b0a")


@pytest.mark.parametrize(
    "secret",
    ["x" * 64, "ab" * 32, "0123456789" * 6, "0123456789ab" * 5, "123456789" * 7 + "1", "000000001" * 8],
)
def test_a_secret_that_repeats_itself_is_weak(secret: str) -> None:
    assert is_weak(secret)
    assert _of(SECRET_KEY=secret) == (f"SECRET_KEY repeats itself: {_HOW}",)
    assert _of(other=secret) == (f"other repeats itself: {_HOW}",)


def test_a_short_secret_key_is_refused_by_its_length() -> None:
    long_enough = secrets.token_hex(25)
    assert _of(SECRET_KEY=long_enough) == ()
    assert _of(SECRET_KEY=long_enough[1:]) == (f"SECRET_KEY has 49 characters, fewer than 50: {_HOW}",)


def test_a_secret_used_twice_is_refused_by_both_names() -> None:
    secret = secrets.token_hex(32)
    assert _of(a=secret, b=secret) == (f"b is the same as a: {_HOW}",)


@pytest.mark.parametrize("host", ["*", ".", "", "*.", ".*"])
def test_a_host_that_allows_any_name_is_refused(host: str) -> None:
    found = weaknesses(secrets={}, hosts=["stages.exemple.ca", host])
    assert found == ("ALLOWED_HOSTS allows any name: list the names of the site",)


@pytest.mark.servers
@pytest.mark.parametrize(
    "name, value, said",
    [
        (
            "STORAGE_URL",
            f"s3://a:{REGISTER_KEY}@s3.exemple.invalid/documents?scheme=http",
            (
                f"STORAGE_URL is the same as REGISTER_KEYS, key 2031: {_HOW}; "
                "STORAGE_URL sends documents in clear: leave out scheme=http"
            ),
        ),
        ("SECRET_KEY", "short", f"SECRET_KEY has 5 characters, fewer than 50: {_HOW}"),
        (
            "DEFAULT_FROM_EMAIL",
            "Stages <a@portail.invalid>",
            "DEFAULT_FROM_EMAIL is under .invalid, where no mail arrives: give an address such as stages@exemple.ca",
        ),
        (
            "SITE_URL",
            "http://stages.exemple.ca",
            "SITE_URL is not https: give the public address of the site",
        ),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS allows any name: list the names of the site"),
        ("REGISTER_KEYS", "2031:" + "r" * 40, f"REGISTER_KEYS, key 2031 repeats itself: {_HOW}"),
        ("SIGNING_KEYS", "2031:" + "5" * 64, f"SIGNING_KEYS, key 2031 repeats itself: {_HOW}"),
        (
            "DATABASE_URL",
            "postgres://intake_app:b@db.exemple.invalid/intake?sslmode=require",
            "DATABASE_URL accepts any certificate: write sslmode=verify-full, without ssl_cert_reqs",
        ),
        ("SECRET_KEY", REGISTER_KEY, f"REGISTER_KEYS, key 2031 is the same as SECRET_KEY: {_HOW}"),
    ],
)
def test_serving_is_refused_in_one_line_with_a_weak_setting(name: str, value: str, said: str) -> None:
    answer = run("-c", "import intake.wsgi", **(NEEDED | REST | {name: value}))
    assert (answer.returncode, answer.stderr) == (1, f"intake: not serving: {said}\n")


@pytest.mark.parametrize(
    "name, value, said",
    [
        *(
            (name, value, f"{name}: give a whole number of {least} or more, such as {example}")
            for name, least, example in (
                ("COMPLEMENT_DAYS", 2, 10),
                ("REVIEW_CLAIM_MINUTES", 1, 15),
                ("UPLOAD_MIB_PER_DAY", 32, 300),
            )
            for value in ("one", "-1", "1.5", "²", str(least - 1))
        ),
        *(
            (name, value, "give an address such as")
            for name in SERVERS
            for value in ("host", "host:1", "ftp://host")
        ),
        *(
            ("SITE_URL", value, "such as https://")
            for value in ("localhost", "https://", "https://a.ca/stages")
        ),
        ("ENGLISH_OFFERED", "peut-être", "give on or off"),
        ("ALLOWED_HOSTS", "https://stages.exemple.ca", "such as stages.exemple.ca"),
    ],
)
def test_a_malformed_variable_is_named_with_a_good_value(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    read: dict[str, Callable[[], object]] = {
        "SITE_URL": lambda: site(name, default=""),
        "ENGLISH_OFFERED": lambda: flag(name, default=True),
        "ALLOWED_HOSTS": lambda: host_names(name),
        "COMPLEMENT_DAYS": lambda: number(name, default=10, least=2),
        "UPLOAD_MIB_PER_DAY": lambda: number(name, default=300, least=32),
        "REVIEW_CLAIM_MINUTES": lambda: number(name, default=15),
    }
    with pytest.raises(ImproperlyConfigured) as refused:
        read.get(name, lambda: server(name, value))()
    assert str(refused.value).startswith(f"{name}: give ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "command",
    [("manage.py", "check"), ("-c", "import intake.wsgi"), ("-c", "import intake.celery")],
    ids=["command", "web", "worker"],
)
def test_each_process_names_a_malformed_variable_in_one_line(command: tuple[str, ...]) -> None:
    answer = run(*command, **(NEEDED | REST | {"EMAIL_URL": "smtp.exemple.ca:587"}))
    assert (answer.returncode, answer.stderr.count("\n")) == (1, 1)
    assert f"EMAIL_URL: give an address such as {SERVERS['EMAIL_URL']}" in answer.stderr
